/** The imports and exports of the last day with their results. */
import { Group, Modal, SegmentedControl, Select, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { FAST_POLL_MS, SLOW_POLL_MS, useList } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Download } from "../../ui/download";
import { TextLink } from "../../ui/link";
import { Status } from "../../ui/status";
import { QueryTable } from "../../ui/table";
import { isOver, resultOf, type Task, useTask } from "../../ui/task";
import { Time } from "../../ui/time";
import { Outcome } from "./outcome";
import { errorsFileOf, fileOf } from "./results";
import { exchange } from "./routes";
import { MOODS, useText } from "./texts";

type Search = ReturnType<typeof exchange.useSearch>;
type TaskStatus = Task["status"];

const SIZE = 20;
const STATUSES: readonly TaskStatus[] = ["PENDING", "PROGRESS", "SUCCESS", "FAILURE"];

export function History() {
  const text = useText();
  const search = exchange.useSearch();
  const navigate = useNavigate();
  const kind = search.type === "export" ? "export" : "import";
  const status = STATUSES.find((one) => one === search.status);
  const { page = 1, limit: size = SIZE } = search;
  const change = (by: Search) =>
    void navigate({ to: "/exchange", search: { ...search, page: undefined, ...by, tab: "history" }, replace: true });
  const query = useList(
    "/api/background_tasks",
    { query: { type: kind, ...(status && { status }), limit: size, offset: (page - 1) * size } },
    (data) => (data?.items.every(isOver) ? SLOW_POLL_MS : FAST_POLL_MS),
  );
  const open = (task: string | undefined) => change({ page, task });
  return (
    <>
      <QueryTable
        name={`history-${kind}`}
        label={text("history")}
        columns={useColumns(kind, search)}
        query={query}
        of={({ items }) => items}
        id={(task) => task.task_id}
        onOpen={kind === "import" ? (task) => open(task.task_id) : undefined}
        page={page}
        size={size}
        onPage={(next) => change({ page: next })}
        onSize={(limit) => change({ limit })}
        nothing={text(status ? "noneFound" : "nothingYet")}
        tools={
          <Group gap="xs">
            <SegmentedControl
              aria-label={text("what")}
              value={kind}
              onChange={(type) => change({ type, task: undefined })}
              data={[
                { value: "import", label: text("imports") },
                { value: "export", label: text("exports") },
              ]}
            />
            <Select
              aria-label={text("status")}
              placeholder={text("anyStatus")}
              clearable
              w={190}
              data={STATUSES.map((value) => ({ value, label: text(value) }))}
              value={status ?? null}
              onChange={(next) => change({ status: next ?? undefined })}
            />
          </Group>
        }
      />
      <Text size="sm" c="dimmed" mt="xs">
        {text("keptADay")}
      </Text>
      {search.task && <Details id={search.task} onClose={() => open(undefined)} />}
    </>
  );
}

function Details({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const text = useText();
  const task = useTask(id);
  return (
    <Modal opened onClose={onClose} title={text("details")} size="xl">
      <Outcome query={task} />
    </Modal>
  );
}

const wide = { visibleMediaQuery: "(min-width: 48em)" };

function useColumns(kind: "import" | "export", search: Search): DataTableColumn<Task>[] {
  const text = useText();
  return [
    {
      accessor: "file",
      title: text(kind === "import" ? "file" : "format"),
      render: (task) => (
        <>
          {kind === "import" ? (
            <TextLink
              size="sm"
              fw={600}
              style={{ overflowWrap: "anywhere" }}
              to="/exchange"
              search={{ ...search, task: task.task_id }}
            >
              {fileOf(task)}
            </TextLink>
          ) : (
            fileOf(task)
          )}
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {kind === "import" && `${text(whatOf(task))} · `}
            <Time value={task.created_at} ago />
          </Text>
        </>
      ),
    },
    ...(kind === "import"
      ? [{ accessor: "dry_run", title: text("what"), render: (task: Task) => text(whatOf(task)), ...wide }]
      : []),
    { accessor: "status", title: text("status"), render: (task) => <State task={task} /> },
    { accessor: "result", title: text("result"), render: (task) => <Result task={task} />, ...wide },
    { accessor: "created_at", title: text("when"), render: (task) => <Time value={task.created_at} ago />, ...wide },
    {
      accessor: "actions",
      title: text("files"),
      textAlign: "right",
      render: (task) => <Files task={task} />,
      ...(kind === "import" && wide), // on a phone they are in the details
    },
  ];
}

const whatOf = (task: Task) => (task.params.dry_run === true ? "aCheck" : "anImport");

function State({ task }: { readonly task: Task }) {
  const text = useText();
  if (task.status === "SUCCESS" && resultOf(task, "failed", "number"))
    return <Status tone="warning">{text("withErrors")}</Status>;
  return <Status tone={MOODS[task.status]}>{text(task.status)}</Status>;
}

/** The result in a line. */
function Result({ task }: { readonly task: Task }) {
  const text = useText();
  const { percent } = useFormat();
  const count = (name: string) => resultOf(task, name, "number") ?? 0;
  if (task.status === "FAILURE")
    return (
      <Text size="sm" lineClamp={2} title={resultOf(task, "error", "string") ?? ""}>
        {resultOf(task, "error", "string")}
      </Text>
    );
  if (task.status !== "SUCCESS") return <>{task.result ? percent(count("percent")) : "—"}</>;
  if (task.type === "export") return <>{text("batchCount", { count: count("total") })}</>;
  const isCheck = task.params.dry_run === true;
  return (
    <Text size="sm">
      {[
        text(isCheck ? "wouldCreate" : "created", { count: count("created") }),
        text(isCheck ? "wouldUpdate" : "updated", { count: count("updated") }),
        text("failed", { count: count("failed") }),
      ].join(", ")}
    </Text>
  );
}

/** The files to download. */
function Files({ task }: { readonly task: Task }) {
  const text = useText();
  const url = resultOf(task, task.type === "export" ? "download_url" : "errors_url", "string");
  if (!url) return null;
  const label = task.type === "export" ? text("downloadFile") : text("failedRowsShort");
  return (
    <Download path={url} size="xs" {...(task.type !== "export" && { name: errorsFileOf(task) })}>
      {label}
    </Download>
  );
}
