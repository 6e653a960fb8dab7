import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFileExport } from "@tabler/icons-react";
import { BatchExport } from "../../ui/batch-export";
import { filtersOf, type ListSearch } from "./state";
import { useText } from "./texts";

/** Exports what the list shows, all pages of it, and downloads the file. */
export function ExportButton({ search, total }: { readonly search: ListSearch; readonly total: number }) {
  const text = useText();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconFileExport size={16} aria-hidden />} onClick={open}>
        {text("export")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("exportTitle")}>
        <BatchExport filters={filtersOf(search)} total={total} />
      </Modal>
    </>
  );
}
