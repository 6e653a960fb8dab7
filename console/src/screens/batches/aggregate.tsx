import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { client, requireBody } from "../../api/client";
import { TaskProgress } from "../../ui/task";
import { useText as useUiText } from "../../ui/texts";
import { type Step, useAct } from "./acting";
import { useBatchText } from "./batch-texts";
import { params, type Seen, useRefresh } from "./reading";
import { useEndedTask } from "./task";

/** From so many products on the work goes to the background, with a bar; more than the API does at once is only there. */
const MANY = 1_000;
const ONLY_BACKGROUND = 5_000;

interface Props {
  readonly seen: Seen;
  readonly onOther: (step: Step, now: Seen) => void;
  readonly onEnd: () => void;
}

/** Aggregates all products of the batch: at once, or in the background with progress. */
export function Aggregate({ seen, onOther, onEnd }: Props) {
  const text = useBatchText();
  const ui = useUiText();
  const { uuid, products_total, aggregated_total } = seen.data;
  const [count] = useState(products_total - aggregated_total);
  const [background, setBackground] = useState(count > MANY);
  const [taskId, setTaskId] = useState<string>();
  const refresh = useRefresh(uuid);
  const task = useEndedTask(taskId, () => void refresh());
  const other = (step: Step, now: Seen) => {
    onEnd();
    onOther(step, now);
  };
  const act = useAct(uuid, other, onEnd);
  const start = () =>
    act.mutate({
      seen,
      step: {
        send: (now) => client.PATCH("/api/batches/{batch_id}/aggregate", { params: params(now), body: {} }),
        message: text("aggregated"),
      },
    });
  const startTask = useAct(uuid, other);
  const startInBackground = () =>
    startTask.mutate({
      seen,
      step: {
        send: async (now) => {
          const answer = await client.PATCH("/api/batches/{batch_id}/aggregate_async", {
            params: params(now),
            body: {},
          });
          setTaskId(requireBody(answer.data).task_id);
        },
        message: text("background"),
      },
    });
  return (
    <Stack>
      {taskId === undefined ? (
        <>
          <Text size="sm">{text("aggregateHint", { count })}</Text>
          <Switch
            label={text("background")}
            description={count > ONLY_BACKGROUND ? text("backgroundHint") : undefined}
            disabled={count > ONLY_BACKGROUND}
            checked={background}
            onChange={(event) => setBackground(event.currentTarget.checked)}
          />
        </>
      ) : (
        <TaskProgress task={task} />
      )}
      {task?.status === "SUCCESS" && <Text role="status">{text("aggregated")}</Text>}
      <Group justify="flex-end">
        <Button variant="default" onClick={onEnd}>
          {taskId === undefined ? ui("cancel") : text("ready")}
        </Button>
        {taskId === undefined && (
          <Button
            loading={act.isPending || startTask.isPending}
            onClick={background ? startInBackground : start}
            data-autofocus
          >
            {text("aggregate")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
