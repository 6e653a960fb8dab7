/** The photos and files of a defect: thumbnails, a large view, sending, deleting. */
import { ActionIcon, Anchor, Group, Image, SimpleGrid, Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconFile, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, content, useLive } from "../../api/client";
import { useMay, useUser } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { confirm } from "../../ui/confirm";
import { save } from "../../ui/download";
import { notifyError } from "../../ui/notify";
import { Panel } from "../../ui/panel";
import { Failure, Loaded } from "../../ui/state";
import { useRefresh } from "./data";
import { isPicture } from "./files";
import { Lightbox } from "./lightbox";
import { useText } from "./texts";
import { Chooser, Uploads, useUploads } from "./uploads";
import type { Attachment, Defect } from "./words";

const pathOf = (defect: string, file: string) => `api/v1/defects/${defect}/attachments/${file}`;

/** The content of an attachment, kept while it is shown: a file never changes. */
export function usePicture(defect: string, file: Attachment) {
  const { data, error } = useQuery({
    queryKey: ["construction", "picture", file.id],
    queryFn: async () => (await content(pathOf(defect, file.id))).blob,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return { url, error };
}

export function Photos({ defect }: { readonly defect: Defect }) {
  const text = useText();
  const may = useMay();
  const refresh = useRefresh();
  const { uploads, add, send, drop } = useUploads();
  const query = useLive("/api/v1/defects/{defect_id}/attachments", { path: { defect_id: defect.id } });
  const start = async (these: typeof uploads) => {
    await send(defect.id, these);
    await refresh();
  };
  return (
    <Panel
      title={text("photos")}
      heading="h5"
      tools={
        may("POST /api/v1/defects/{defect_id}/attachments") && <Chooser onFiles={(files) => void start(add(files))} />
      }
    >
      <Uploads uploads={uploads} onAgain={(upload) => void start([upload])} onDrop={drop} />
      <Loaded query={query}>
        {({ items }) => <Files defect={defect} files={items.filter((file) => file.uploaded)} />}
      </Loaded>
    </Panel>
  );
}

function Files({ defect, files }: { readonly defect: Defect; readonly files: readonly Attachment[] }) {
  const text = useText();
  const [opened, setOpened] = useState<string>();
  const pictures = files.filter(isPicture);
  if (files.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {text("noPhotos")}
      </Text>
    );
  return (
    <Stack gap="sm">
      {pictures.length > 0 && (
        <SimpleGrid cols={{ base: 2, xs: 3, lg: 4 }} spacing="xs">
          {pictures.map((file) => (
            <Thumbnail key={file.id} defect={defect} file={file} onOpen={() => setOpened(file.id)} />
          ))}
        </SimpleGrid>
      )}
      {files
        .filter((file) => !isPicture(file))
        .map((file) => (
          <Other key={file.id} defect={defect} file={file} />
        ))}
      <Lightbox defect={defect.id} files={pictures} opened={opened} onOpen={setOpened} />
    </Stack>
  );
}

interface FileProps {
  readonly defect: Defect;
  readonly file: Attachment;
}

function Thumbnail({ defect, file, onOpen }: FileProps & { readonly onOpen: () => void }) {
  const text = useText();
  const { url, error } = usePicture(defect.id, file);
  if (error) return <Failure error={error} />;
  return (
    <div style={{ position: "relative" }}>
      <UnstyledButton onClick={onOpen} w="100%" aria-label={text("openPhoto", { name: file.name })}>
        {url ? <Image src={url} h={120} radius="sm" alt="" /> : <Skeleton height={120} />}
      </UnstyledButton>
      <div style={{ position: "absolute", top: 4, right: 4 }}>
        <Remove defect={defect} file={file} />
      </div>
    </div>
  );
}

function Other({ defect, file }: FileProps) {
  const format = useFormat();
  const { mutate, isPending } = useMutation({
    mutationFn: async () => save((await content(pathOf(defect.id, file.id))).blob, file.name),
    onError: notifyError,
  });
  return (
    <Group gap="xs" wrap="nowrap">
      <IconFile size={20} stroke={1.5} aria-hidden />
      <Anchor component="button" type="button" size="sm" truncate disabled={isPending} onClick={() => mutate()}>
        {file.name}
      </Anchor>
      <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
        {format.bytes(file.size)}
      </Text>
      <Remove defect={defect} file={file} />
    </Group>
  );
}

/** Its author and managers may delete a file. */
function Remove({ defect, file }: FileProps) {
  const text = useText();
  const may = useMay();
  const me = useUser();
  const refresh = useRefresh();
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      client.DELETE("/api/v1/defects/{defect_id}/attachments/{attachment_id}", {
        params: { path: { defect_id: defect.id, attachment_id: file.id } },
      }),
    onSuccess: refresh,
    onError: notifyError,
  });
  const manages = may("POST /api/v1/defects/assign") === "yes";
  if (!manages && file.author.id !== me.id) return null;
  const name = text("remove", { name: file.name });
  return (
    <ActionIcon
      variant="default"
      aria-label={name}
      loading={isPending}
      onClick={() => confirm(name, text("removeAsk", { name: file.name }), () => mutate(), text("removeYes"))}
    >
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  );
}
