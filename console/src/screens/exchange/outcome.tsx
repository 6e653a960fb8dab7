/** The result of a check or an import: progress, counts, and errors by row and column. */
import { Alert, Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { client } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { confirm } from "../../ui/confirm";
import { Download } from "../../ui/download";
import { useAction } from "../../ui/form";
import { TextLink } from "../../ui/link";
import { Loaded } from "../../ui/state";
import { Table } from "../../ui/table";
import { isOver, resultOf, type Task, TaskProgress, type useTask } from "../../ui/task";
import { Time } from "../../ui/time";
import { type Sheet, valueAt } from "./reading";
import { errorsFileOf, errorsIn, fileOf, type RowError } from "./results";
import { useText } from "./texts";

const PAGE = 20;

interface Props {
  readonly query: ReturnType<typeof useTask>;
  /** The content of the file, to show the value at an error. */
  readonly sheet?: Sheet | undefined;
}

export function Outcome({ query, sheet }: Props) {
  return <Loaded query={query}>{(task) => <One task={task} sheet={sheet} />}</Loaded>;
}

function One({ task, sheet }: { readonly task: Task; readonly sheet: Sheet | undefined }) {
  const text = useText();
  const isCheck = task.params.dry_run === true;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group gap="xs">
          <Title order={2} size="h4" style={{ overflowWrap: "anywhere" }}>
            {text(isCheck ? "checkOf" : "importOf", { name: fileOf(task) })}
          </Title>
          <Text size="sm" c="dimmed">
            <Time value={task.created_at} />
          </Text>
        </Group>
        {task.status === "SUCCESS" ? <Counts task={task} isCheck={isCheck} /> : <TaskProgress task={task} />}
        {!isOver(task) && <Cancel task={task} isCheck={isCheck} />}
        <Errors task={task} sheet={sheet} />
      </Stack>
    </Card>
  );
}

/** How many batches there are of each kind, in words. */
function Counts({ task, isCheck }: { readonly task: Task; readonly isCheck: boolean }) {
  const text = useText();
  const count = (name: string) => resultOf(task, name, "number") ?? 0;
  const [created, updated, failed] = [count("created"), count("updated"), count("failed")];
  const isGood = failed === 0;
  return (
    <Alert
      color={isGood ? "teal" : "orange"}
      title={text(isCheck ? (isGood ? "checkGood" : "checkBad") : isGood ? "importGoodEnd" : "importBad")}
      role="status"
    >
      <Text size="sm">
        {text("counts", { total: text("rowCount", { count: count("total") }) })}{" "}
        {[
          text(isCheck ? "wouldCreate" : "created", { count: created }),
          text(isCheck ? "wouldUpdate" : "updated", { count: updated }),
          text("failed", { count: failed }),
        ].join(", ")}
        .
      </Text>
      {isCheck && <Text size="sm">{text("nothingWritten")}</Text>}
      {!isCheck && created + updated > 0 && (
        <TextLink size="sm" to="/batches" search={{ sort_field: "updated_at", sort_direction: "DESC" }}>
          {text("toBatches")}
        </TextLink>
      )}
    </Alert>
  );
}

function Cancel({ task, isCheck }: { readonly task: Task; readonly isCheck: boolean }) {
  const text = useText();
  const may = useMay();
  const { busy, act } = useAction();
  if (!may("DELETE /api/background_tasks/{task_id}")) return null;
  const cancel = () =>
    void act(
      () => client.DELETE("/api/background_tasks/{task_id}", { params: { path: { task_id: task.task_id } } }),
      text("cancelled"),
    );
  return (
    <Group>
      <Button
        variant="default"
        loading={busy}
        onClick={() => (isCheck ? cancel() : confirm(text("cancelTitle"), text("cancelHint"), cancel, text("cancel")))}
      >
        {text("cancel")}
      </Button>
    </Group>
  );
}

/** The errors by row and column, and the failed rows as a file. */
function Errors({ task, sheet }: { readonly task: Task; readonly sheet: Sheet | undefined }) {
  const text = useText();
  const { number } = useFormat();
  const [page, setPage] = useState(1);
  const errors = errorsIn(task);
  const url = resultOf(task, "errors_url", "string");
  const failed = resultOf(task, "failed", "number") ?? 0;
  const good = (resultOf(task, "created", "number") ?? 0) + (resultOf(task, "updated", "number") ?? 0);
  const isCheck = task.params.dry_run === true;
  if (errors.length === 0) return null;
  return (
    <>
      <Title order={3} size="h5">
        {text("errors")}
      </Title>
      <Text size="sm">{text(isCheck && good > 0 ? "mendAfter" : "mend")}</Text>
      {url && (
        <Group>
          <Download path={url} name={errorsFileOf(task)} variant="filled">
            {text("failedRows", { count: failed })}
          </Download>
        </Group>
      )}
      <Table<RowError>
        name="import-errors"
        label={text("errors")}
        columns={[
          { accessor: "row", title: text("rowNumber"), render: (error) => number(error.row) },
          { accessor: "column", title: text("column"), render: (error) => error.column && <Code>{error.column}</Code> },
          {
            accessor: "value",
            title: text("value"),
            render: (error: RowError) => <Value value={error.value ?? valueAt(sheet, error.row, error.column)} />,
            visibleMediaQuery: "(min-width: 48em)",
          },
          { accessor: "error", title: text("problem") },
        ]}
        records={errors.slice((page - 1) * PAGE, page * PAGE)}
        id={(error) => error.id}
        paging={{ page, size: PAGE, total: errors.length, onPage: setPage }}
      />
      <Text size="sm" c="dimmed">
        {text("numbering")}
      </Text>
    </>
  );
}

/** The value in the file; a blank cell is named as blank. */
function Value({ value }: { readonly value: string | undefined }) {
  const text = useText();
  if (!value)
    return (
      <Text size="sm" c="dimmed">
        {value === "" ? text("blank") : "—"}
      </Text>
    );
  return (
    <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
      {value}
    </Text>
  );
}
