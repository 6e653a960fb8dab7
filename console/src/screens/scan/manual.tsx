import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { typedCode } from "../../ui/code";
import { useText } from "./texts";

/** A code typed or pasted, when it cannot be scanned; `<GS>` or `␝` stands for the group separator. */
export function Manual({
  opened,
  onClose,
  onCode,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onCode: (code: string) => void;
}) {
  const text = useText();
  const form = useForm({ initialValues: { code: "" } });
  const submit = form.onSubmit(({ code }) => {
    const typed = typedCode(code);
    if (typed) onCode(typed);
    form.reset();
  });
  return (
    <Modal opened={opened} onClose={onClose} title={text("manual")} withinPortal={false} centered size="lg">
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            label={text("code")}
            size="xl"
            flex={1}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            {...form.getInputProps("code")}
          />
          <Button type="submit" size="xl">
            {text("add")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
