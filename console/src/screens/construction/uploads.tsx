/** Uploads to a defect: chosen files, sent one after the other, and again after failures. */
import { ActionIcon, Button, FileButton, Group, Image, Loader, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconCamera, IconFile, IconPaperclip, IconRefresh, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { notifyError } from "../../ui/notify";
import { ACCEPTED, attach, isPicture, refusal, typeOf } from "./files";
import { useText } from "./texts";

export interface Upload {
  readonly key: number;
  readonly file: File;
  readonly state: "waiting" | "sending" | "failed";
}

let keys = 0;

/** The files that are not uploaded yet. `send` returns whether all uploads succeeded. */
export function useUploads() {
  const text = useText();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const put = (key: number, state?: Upload["state"]) =>
    setUploads((all) => all.flatMap((one) => (one.key !== key ? [one] : state ? [{ ...one, state }] : [])));
  const add = (files: readonly File[]) => {
    for (const file of files) {
      const reason = refusal(file);
      if (reason) notifyError(new Error(text(reason, { name: file.name })));
    }
    const taken = files.filter((file) => !refusal(file));
    const fresh = taken.map((file) => ({ key: ++keys, file, state: "waiting" as const }));
    setUploads((all) => [...all, ...fresh]);
    return fresh;
  };
  const send = async (defectId: string, these: readonly Upload[]) => {
    let arrived = true;
    for (const { key, file } of these) {
      put(key, "sending");
      try {
        await attach(defectId, file);
        put(key);
      } catch (error) {
        arrived = false;
        put(key, "failed");
        notifyError(error);
      }
    }
    return arrived;
  };
  return { uploads, add, send, drop: (key: number) => put(key) };
}

/** Buttons that choose files; on a phone there is one for the camera. */
export function Chooser({ onFiles }: { readonly onFiles: (files: File[]) => void }) {
  const text = useText();
  const touches = useMediaQuery("(pointer: coarse)");
  return (
    <Group gap="xs">
      {touches && (
        <FileButton accept="image/*" capture="environment" onChange={(file) => file && onFiles([file])}>
          {(props) => (
            <Button {...props} leftSection={<IconCamera size={18} aria-hidden />}>
              {text("takePhoto")}
            </Button>
          )}
        </FileButton>
      )}
      <FileButton accept={ACCEPTED} multiple onChange={onFiles}>
        {(props) => (
          <Button {...props} variant="default" leftSection={<IconPaperclip size={18} aria-hidden />}>
            {text("addFiles")}
          </Button>
        )}
      </FileButton>
    </Group>
  );
}

/** The files of `useUploads`, each with what can be done about it. */
export function Uploads(props: {
  readonly uploads: readonly Upload[];
  readonly onAgain?: (upload: Upload) => void;
  readonly onDrop: (key: number) => void;
}) {
  return (
    <Stack gap={6}>
      {props.uploads.map((upload) => (
        <Row key={upload.key} upload={upload} onAgain={props.onAgain} onDrop={props.onDrop} />
      ))}
    </Stack>
  );
}

function Row(props: {
  readonly upload: Upload;
  readonly onAgain: ((upload: Upload) => void) | undefined;
  readonly onDrop: (key: number) => void;
}) {
  const text = useText();
  const { file, state, key } = props.upload;
  const words = {
    waiting: file.name,
    sending: text("uploading", { name: file.name }),
    failed: text("notUploaded", { name: file.name }),
  };
  return (
    <Group gap="xs" wrap="nowrap" role={state === "failed" ? "alert" : undefined}>
      <Preview file={file} />
      <Text size="sm" truncate flex={1} {...(state === "failed" && { c: "red" })}>
        {words[state]}
      </Text>
      {state === "sending" && <Loader size="xs" aria-hidden />}
      {state === "failed" && props.onAgain && (
        <ActionIcon variant="default" aria-label={text("again")} onClick={() => props.onAgain?.(props.upload)}>
          <IconRefresh size={16} aria-hidden />
        </ActionIcon>
      )}
      {state !== "sending" && (
        <ActionIcon variant="subtle" color="gray" aria-label={text("drop")} onClick={() => props.onDrop(key)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

function Preview({ file }: { readonly file: File }) {
  const [url, setUrl] = useState<string>();
  const shown = isPicture({ content_type: typeOf(file.name) ?? file.type });
  useEffect(() => {
    if (!shown) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file, shown]);
  return url ? <Image src={url} w={40} h={40} radius="sm" alt="" /> : <IconFile size={40} stroke={1} aria-hidden />;
}
