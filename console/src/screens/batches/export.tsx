import { Button, Group, Modal, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFileExport } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { Download } from "../../ui/download";
import { Failure } from "../../ui/state";
import { isOver, resultOf, TaskProgress, useTask } from "../../ui/task";
import { filtersOf, type ListSearch } from "./state";
import { useText } from "./texts";

interface Props {
  readonly search: ListSearch;
  readonly total: number;
}

/** Exports what the list shows, all pages of it, and downloads the file. */
export function ExportButton(props: Props) {
  const text = useText();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconFileExport size={16} aria-hidden />} onClick={open}>
        {text("export")}
      </Button>
      <Modal opened={opened} onClose={close} title={text("exportTitle")}>
        <Export {...props} />
      </Modal>
    </>
  );
}

function Export({ search, total }: Props) {
  const text = useText();
  const [format, setFormat] = useState<"xlsx" | "csv">("xlsx");
  const start = api.useMutation("post", "/api/batches/export");
  const task = useTask(start.data?.task_id);
  const file = resultOf(task.data, "download_url", "string");
  const rows = resultOf(task.data, "total_batches", "number") ?? total;
  return (
    <Stack>
      {!start.data && (
        <>
          <Text size="sm">{text("exportHint", { count: total })}</Text>
          <SegmentedControl
            aria-label={text("format")}
            value={format}
            onChange={(value) => setFormat(value === "csv" ? "csv" : "xlsx")}
            data={[
              { value: "xlsx", label: "Excel (xlsx)" },
              { value: "csv", label: "CSV" },
            ]}
          />
        </>
      )}
      {start.error && <Failure error={start.error} />}
      {task.error && !task.data && <Failure error={task.error} again={() => void task.refetch()} />}
      {start.data && !file && <TaskProgress task={task.data} />}
      {file && <Text role="status">{text("exported", { count: rows })}</Text>}
      <Group justify="flex-end">
        {!start.data && (
          <Button
            loading={start.isPending}
            onClick={() => start.mutate({ params: { query: { format } }, body: filtersOf(search) })}
          >
            {text("startExport")}
          </Button>
        )}
        {file && isOver(task.data) && <Download path={file} variant="filled" data-autofocus />}
      </Group>
    </Stack>
  );
}
