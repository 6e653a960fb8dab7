/** The state of a background task: import, export, adding many products, aggregation. */
import { Alert, Progress, Stack, Text } from "@mantine/core";
import { api, FAST_POLL_MS, type Schema } from "../api/client";
import { texts } from "../i18n";
import { useFormat } from "../i18n/format";

export type Task = Schema<"BackgroundTask">;

const useText = texts(
  "task",
  {
    waiting: "Ждёт очереди",
    running: "Выполняется",
    progress: "{{current}} из {{total}}",
    failed: "Не получилось",
  },
  {
    waiting: "Waiting for its turn",
    running: "Running",
    progress: "{{current}} of {{total}}",
    failed: "That did not work",
  },
);

const SOON = 500;
const SOON_TIMES = 8;

export const isOver = (task: Task | undefined) => task?.status === "SUCCESS" || task?.status === "FAILURE";

/** The task with that id, polled until its end: often at first, then every two seconds. */
export function useTask(id: string | undefined) {
  return api.useQuery(
    "get",
    "/api/background_tasks/{task_id}",
    { params: { path: { task_id: id ?? "" } } },
    {
      enabled: id !== undefined,
      refetchInterval: ({ state }) =>
        isOver(state.data) ? false : state.dataUpdateCount < SOON_TIMES ? SOON : FAST_POLL_MS,
    },
  );
}

/** A value of the result of a task, if it has that name and kind. */
export function resultOf(task: Task | undefined, name: string, kind: "number"): number | undefined;
export function resultOf(task: Task | undefined, name: string, kind: "string"): string | undefined;
export function resultOf(task: Task | undefined, name: string, kind: "number" | "string") {
  const value = (task?.result as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === kind ? value : undefined;
}

/** How far a task is, or why it failed. */
export function TaskProgress({ task }: { readonly task: Task | undefined }) {
  const text = useText();
  const { number } = useFormat();
  if (task?.status === "FAILURE")
    return (
      <Alert color="red" title={text("failed")} role="alert">
        {resultOf(task, "error", "string")}
      </Alert>
    );
  const [current, total] = [resultOf(task, "current", "number"), resultOf(task, "total", "number")];
  const share = task?.status === "SUCCESS" ? 100 : current !== undefined && total ? (100 * current) / total : 0;
  const words = task?.status === "PROGRESS" ? text("running") : text("waiting");
  return (
    <Stack gap={4}>
      <Progress value={share} animated={!isOver(task)} aria-label={words} size="lg" />
      {!isOver(task) && (
        <Text size="sm" c="dimmed" role="status">
          {words}
          {total !== undefined &&
            current !== undefined &&
            `: ${text("progress", { current: number(current), total: number(total) })}`}
        </Text>
      )}
    </Stack>
  );
}
