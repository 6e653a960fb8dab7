import { Button, type ButtonProps } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { content } from "../api/client";
import { notifyError } from "./notify";
import { useText } from "./texts";

/** Give a file to the browser to save. */
export function save(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A button that downloads a file of the API, with the user's token. */
export function Download({
  path,
  name,
  children,
  ...props
}: ButtonProps & { readonly path: string; readonly name?: string; readonly children?: ReactNode }) {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      const file = await content(path);
      save(file.blob, name ?? file.name);
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      loading={busy}
      leftSection={<IconDownload size={16} aria-hidden />}
      variant="default"
      {...props}
      onClick={() => void start()}
    >
      {children ?? text("download")}
    </Button>
  );
}
