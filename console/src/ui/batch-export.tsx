/** Exporting batches: the same in a dialog of their list and on the screen of files. */
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api, type Schema } from "../api/client";
import { texts } from "../i18n";
import { Download } from "./download";
import { Failure } from "./state";
import { isOver, resultOf, TaskProgress, useTask } from "./task";

const useText = texts(
  "batchExport",
  {
    hint_one: "Будет выгружена {{count}} партия.",
    hint_few: "Будет выгружено {{count}} партии.",
    hint_many: "Будет выгружено {{count}} партий.",
    hint_other: "Будет выгружено {{count}} партии.",
    again: "Новая выгрузка",
    start: "Начать выгрузку",
    done_one: "Готово: {{count}} партия",
    done_few: "Готово: {{count}} партии",
    done_many: "Готово: {{count}} партий",
    done_other: "Готово: {{count}} партии",
    format: "Формат файла",
  },
  {
    hint_one: "{{count}} batch will be exported.",
    hint_other: "{{count}} batches will be exported.",
    again: "Another export",
    start: "Start export",
    done_one: "Done: {{count}} batch",
    done_other: "Done: {{count}} batches",
    format: "Format of the file",
  },
);

interface Props {
  readonly filters: Schema<"ExportFilters">;
  /** How many batches match. */
  readonly total: number;
}

/** Asks how, exports the batches that match, shows how far it is and gives the file. */
export function BatchExport({ filters, total }: Props) {
  const text = useText();
  const [format, setFormat] = useState<"xlsx" | "csv">("xlsx");
  const start = api.useMutation("post", "/api/batches/export");
  const task = useTask(start.data?.task_id);
  const file = resultOf(task.data, "download_url", "string");
  const rows = resultOf(task.data, "total", "number") ?? total;
  return (
    <Stack>
      {!start.data && (
        <>
          <Text size="sm">{text("hint", { count: total })}</Text>
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
      {file && <Text role="status">{text("done", { count: rows })}</Text>}
      <Group justify="flex-end">
        {!start.data && (
          <Button
            loading={start.isPending}
            onClick={() => start.mutate({ params: { query: { format } }, body: filters })}
          >
            {text("start")}
          </Button>
        )}
        {isOver(task.data) && (
          <Button variant="default" onClick={start.reset}>
            {text("again")}
          </Button>
        )}
        {file && isOver(task.data) && <Download path={file} variant="filled" data-autofocus />}
      </Group>
    </Stack>
  );
}
