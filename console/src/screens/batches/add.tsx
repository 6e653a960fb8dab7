import { Alert, Button, Group, List, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { api, type Schema } from "../../api/client";
import { Download } from "../../ui/download";
import { Submit } from "../../ui/submit";
import { resultOf, TaskProgress } from "../../ui/task";
import { useBatchText } from "./batch-texts";
import { codesOf, MAX_CODES } from "./codes";
import type { Batch } from "./parts";
import { useRefresh } from "./reading";
import { useEndedTask } from "./task";

const SHOWN_ERRORS = 20;

interface Props {
  readonly batch: Batch;
  readonly onEnd: () => void;
}

/** Adds pasted codes in the background, and lists the refused ones. */
export function AddProducts({ batch, onEnd }: Props) {
  const text = useBatchText();
  const [pasted, setPasted] = useState("");
  const { codes, repeated, tooLong } = codesOf(pasted);
  const refresh = useRefresh(batch.uuid);
  const add = api.useMutation("post", "/api/batches/{batch_id}/products/bulk");
  const task = useEndedTask(add.data?.task_id, () => void refresh());
  const problem =
    tooLong !== undefined ? text("tooLong", { line: tooLong }) : codes.length > MAX_CODES ? text("tooMany") : undefined;
  if (add.data)
    return (
      <Stack>
        {task?.status !== "SUCCESS" ? <TaskProgress task={task} /> : <Result task={task} />}
        <Group justify="flex-end">
          <Button onClick={onEnd}>{text("ready")}</Button>
        </Group>
      </Stack>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ params: { path: { batch_id: batch.uuid } }, body: { unique_codes: [...codes] } });
      }}
    >
      <Stack>
        <Textarea
          label={text("codes")}
          description={text("addHint")}
          data-autofocus
          autosize
          minRows={6}
          maxRows={14}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          value={pasted}
          error={problem}
          onChange={(event) => setPasted(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" role="status">
          {text("codesCount", { count: codes.length })}
          {repeated > 0 && `, ${text("repeated", { count: repeated })}`}
        </Text>
        <Submit
          error={add.error}
          busy={add.isPending}
          label={text("add")}
          disabled={codes.length === 0 || problem !== undefined}
          onCancel={onEnd}
        />
      </Stack>
    </form>
  );
}

interface Refusal {
  readonly code: string;
  readonly reason: string;
}

function refusalsOf(task: Schema<"BackgroundTask">): Refusal[] {
  const { errors } = (task.result ?? {}) as { readonly errors?: readonly Partial<Refusal>[] };
  return (errors ?? []).map(({ code = "", reason = "" }) => ({ code, reason }));
}

function Result({ task }: { readonly task: Schema<"BackgroundTask"> }) {
  const text = useBatchText();
  const failed = resultOf(task, "failed", "number") ?? 0;
  const all = resultOf(task, "errors_url", "string");
  return (
    <>
      <Text role="status">{text("addResult", { count: resultOf(task, "added", "number") ?? 0 })}</Text>
      {failed > 0 && (
        <Alert color="orange" title={text("refused", { count: failed })}>
          <List size="sm">
            {refusalsOf(task)
              .slice(0, SHOWN_ERRORS)
              .map(({ code, reason }) => (
                <List.Item key={code} style={{ overflowWrap: "anywhere" }}>
                  <Text span ff="monospace" size="sm">
                    {code}
                  </Text>
                  : {reason}
                </List.Item>
              ))}
          </List>
          {all && (
            <Download path={all} size="xs" mt="xs">
              {text("allErrors")}
            </Download>
          )}
        </Alert>
      )}
    </>
  );
}
