/** Secret keys: chosen or made, and shown once. */
import { Alert, Button, Code, Group, Stack, TextInput, type TextInputProps } from "@mantine/core";
import { IconKey, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Copy } from "../../ui/copy";
import { useFormText } from "./form-texts";
import { makeSecret } from "./secrets";

/** The error of a key; null for a valid one. */
export const isSecret = (key: string) => key.length >= 6 && key.length <= 256;

/** The input of a key, filled with a random one. */
export function SecretInput({ onMake, ...props }: TextInputProps & { readonly onMake: (secret: string) => void }) {
  const text = useFormText();
  return (
    <Group align="flex-end" gap="xs" wrap="wrap">
      <TextInput required autoComplete="off" spellCheck={false} maxLength={256} flex="1 1 260px" {...props} />
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        onClick={() => onMake(makeSecret())}
      >
        {text("generate")}
      </Button>
    </Group>
  );
}

/** A key, shown once. */
export function ShownOnce({ secret, actions }: { readonly secret: string; readonly actions: ReactNode }) {
  const text = useFormText();
  return (
    <Stack>
      <Alert color="orange" icon={<IconKey aria-hidden />} title={text("once")}>
        {text("onceHint")}
      </Alert>
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} aria-label={text("key")} role="group">
        {secret}
      </Code>
      <Group justify="space-between">
        <Copy value={secret} size="sm">
          {text("copyKey")}
        </Copy>
        <Group gap="xs">{actions}</Group>
      </Group>
    </Stack>
  );
}
