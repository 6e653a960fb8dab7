/** One photo large, with the ones before and after it. */
import { ActionIcon, Center, Group, Image, Loader, Modal, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { Time } from "../../ui/time";
import { usePicture } from "./photos";
import { useText } from "./texts";
import type { Attachment } from "./words";

interface Props {
  readonly defect: string;
  readonly files: readonly Attachment[];
  readonly opened: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
}

/** Arrow keys turn over, Escape closes. */
export function Lightbox({ defect, files, opened, onOpen }: Props) {
  const text = useText();
  const index = files.findIndex((file) => file.id === opened);
  const file = files[index];
  const go = (step: number) => onOpen(files[index + step]?.id ?? opened);
  useHotkeys(
    opened
      ? [
          ["ArrowLeft", () => go(-1)],
          ["ArrowRight", () => go(1)],
        ]
      : [],
  );
  if (!file) return null;
  return (
    <Modal opened onClose={() => onOpen(undefined)} fullScreen title={file.name} transitionProps={{ duration: 0 }}>
      <Large key={file.id} defect={defect} file={file} />
      <Group justify="center" mt="xs">
        <ActionIcon
          size="lg"
          variant="default"
          disabled={index === 0}
          onClick={() => go(-1)}
          aria-label={text("previous")}
        >
          <IconChevronLeft aria-hidden />
        </ActionIcon>
        <Text size="sm">
          {index + 1} / {files.length} · {file.author.name} · <Time value={file.created_at} />
        </Text>
        <ActionIcon
          size="lg"
          variant="default"
          disabled={index === files.length - 1}
          onClick={() => go(1)}
          aria-label={text("next")}
        >
          <IconChevronRight aria-hidden />
        </ActionIcon>
      </Group>
    </Modal>
  );
}

function Large({ defect, file }: { readonly defect: string; readonly file: Attachment }) {
  const { url } = usePicture(defect, file);
  return (
    <Center h="calc(100dvh - 140px)">
      {url ? <Image src={url} alt={file.name} h="100%" fit="contain" /> : <Loader />}
    </Center>
  );
}
