import { Button, Group } from "@mantine/core";
import { Failure } from "./state";
import { useText } from "./texts";

interface Props {
  readonly error: unknown;
  readonly busy: boolean;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onCancel?: () => void;
  /** Called by the retry button of the error. */
  readonly again?: (() => void) | undefined;
}

/** The end of a form: the error of the last attempt, and the buttons. */
export function Submit({ error, busy, label, disabled = false, onCancel, again }: Props) {
  const text = useText();
  return (
    <>
      {error ? <Failure error={error} again={again} /> : null}
      <Group justify="flex-end">
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            {text("cancel")}
          </Button>
        )}
        <Button type="submit" loading={busy} disabled={disabled}>
          {label}
        </Button>
      </Group>
    </>
  );
}
