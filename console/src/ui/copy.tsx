import { Button, type ButtonProps, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useText } from "./texts";

/** A button that copies a text. */
export function Copy({
  value,
  children,
  ...props
}: ButtonProps & { readonly value: string; readonly children: string }) {
  const text = useText();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          onClick={copy}
          {...props}
        >
          {copied ? text("copied") : children}
        </Button>
      )}
    </CopyButton>
  );
}
