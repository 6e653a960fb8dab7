import { Button, Group, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { isSeparator, shownCode, typedCode } from "../../ui/code";
import { useText } from "./texts";
import classes from "./trace.module.css";

interface Props {
  readonly code: string | undefined;
  readonly onCode: (code: string) => void;
}

/** The input of a code. A scanner may type into it: separators are shown as <GS>. */
export function CodeField({ code, onCode }: Props) {
  const text = useText();
  const [value, setValue] = useState(shownCode(code ?? ""));
  const typed = typedCode(value);
  const separate = (event: KeyboardEvent<HTMLInputElement>) => {
    if (!isSeparator(event)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd, value: before } = event.currentTarget;
    const [start, end] = [selectionStart ?? before.length, selectionEnd ?? before.length];
    setValue(shownCode(`${before.slice(0, start)}\u001d${before.slice(end)}`));
  };
  return (
    <form
      className={classes.onScreen}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed) onCode(typed);
      }}
    >
      <Group align="flex-end" gap="sm">
        <TextInput
          label={text("code")}
          description={text("codeHint")}
          size="md"
          flex="1 1 260px"
          maxLength={300}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: classes.code ?? "" }}
          value={value}
          onKeyDown={separate}
          onChange={(event) => setValue(shownCode(event.currentTarget.value))}
        />
        <Button type="submit" size="md" disabled={!typed} leftSection={<IconSearch size={18} aria-hidden />}>
          {text("find")}
        </Button>
      </Group>
    </form>
  );
}
