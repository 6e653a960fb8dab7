/** The six steps of a report, as they go, and their log. */
import { Accordion, Alert, Progress, Stack, Text, Timeline } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconCircle, IconDots, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { FAST_POLL_MS, type Schema, SLOW_POLL_MS, useLive } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Failure, Loading } from "../../ui/state";
import { LIVE, type Report } from "./rules";
import { type Key, useText } from "./texts";

type Step = Schema<"StepView">;

const SAGA_LIVE = ["pending", "executing", "compensating"];
const STATES = {
  pending: { text: "stepWaits", color: "gray", icon: IconCircle },
  executing: { text: "stepRuns", color: "blue", icon: IconDots },
  completed: { text: "stepDone", color: "teal", icon: IconCheck },
  failed: { text: "stepFailed", color: "red", icon: IconX },
  compensated: { text: "stepUndone", color: "orange", icon: IconArrowBackUp },
} as const;

const every = (isLive: boolean) => (isLive ? FAST_POLL_MS : SLOW_POLL_MS);

/** The saga of a report; it may still roll back what it has done when the report is already cancelled. */
export function useSaga(report: Report) {
  const saga = useLive("/api/v1/sagas/{saga_id}", { path: { saga_id: report.saga_id } }, (data) =>
    every(LIVE.includes(report.status) || SAGA_LIVE.includes(data?.status ?? "")),
  );
  return { ...saga, isLive: SAGA_LIVE.includes(saga.data?.status ?? "") };
}

export function Saga({ report }: { readonly report: Report }) {
  const text = useText();
  const params = { path: { saga_id: report.saga_id } };
  const isLive = LIVE.includes(report.status);
  const saga = useSaga(report);
  const progress = useLive("/api/v1/sagas/{saga_id}/progress", params, every(isLive));
  if (!saga.data) return saga.error ? <Failure error={saga.error} again={() => void saga.refetch()} /> : <Loading />;
  const { status, steps } = saga.data;
  const percent = status === "completed" ? 100 : (progress.data?.progress_percent ?? 0);
  return (
    <Stack>
      {isLive && (
        <div>
          <Progress value={percent} animated aria-label={text("progress", { percent })} size="lg" />
          <Text size="sm" c="dimmed" mt={4} role="status">
            {text("progress", { percent })}
          </Text>
        </div>
      )}
      <RolledBack status={status} steps={steps} />
      <Timeline bulletSize={26} lineWidth={2} active={steps.filter((step) => step.status !== "pending").length - 1}>
        {steps.map((step) => {
          const { color, icon: Icon } = STATES[step.status];
          const title = text(STEP_NAMES[step.id - 1] ?? "steps");
          // The timeline passes colours to its direct children, so the item is not a component.
          return (
            <Timeline.Item key={step.id} bullet={<Icon size={14} aria-hidden />} color={color} title={title}>
              <StepFacts step={step} />
            </Timeline.Item>
          );
        })}
      </Timeline>
      <Log sagaId={report.saga_id} isLive={isLive} />
    </Stack>
  );
}

function RolledBack({ status, steps }: { readonly status: string; readonly steps: readonly Step[] }) {
  const text = useText();
  const isDone = ["compensated", "cancelled"].includes(status) && steps.some((step) => step.status === "compensated");
  if (status !== "compensating" && !isDone) return null;
  return (
    <Alert color="orange" icon={<IconArrowBackUp aria-hidden />}>
      {text(isDone ? "rolledBack" : "rollingBack")}
    </Alert>
  );
}

const STEP_NAMES: readonly Key[] = ["step1", "step2", "step3", "step4", "step5", "step6"];

function StepFacts({ step }: { readonly step: Step }) {
  const text = useText();
  const { clock } = useFormat();
  const { text: word } = STATES[step.status];
  const took = useDuration(step.started_at, step.completed_at);
  const known = [
    text(word),
    step.started_at && text("started", { at: clock(step.started_at) }),
    took && step.status !== "executing" && text("took", { time: took }),
    step.attempts > 1 && text("attempts", { count: step.attempts }),
  ];
  return (
    <>
      <Text size="sm" c="dimmed">
        {known.filter(Boolean).join(" · ")}
      </Text>
      {step.error && (
        <Text size="sm" c="red">
          {step.error}
        </Text>
      )}
    </>
  );
}

/** How long it took from one moment to another. */
function useDuration(from: string | null, to: string | null): string | undefined {
  const text = useText();
  const { number } = useFormat();
  if (!from || !to) return undefined;
  const took = Date.parse(to) - Date.parse(from);
  return took < 1000
    ? text("milliseconds", { count: number(took) })
    : text("seconds", { count: number(took / 1000, 1) });
}

function Log({ sagaId, isLive }: { readonly sagaId: string; readonly isLive: boolean }) {
  const text = useText();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Accordion variant="contained" value={open} onChange={setOpen}>
      <Accordion.Item value="log">
        <Accordion.Control>{text("showLog")}</Accordion.Control>
        <Accordion.Panel>{open && <Events sagaId={sagaId} isLive={isLive} />}</Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function Events({ sagaId, isLive }: { readonly sagaId: string; readonly isLive: boolean }) {
  const text = useText();
  const { exact } = useFormat();
  const { data, error, refetch } = useLive(
    "/api/v1/sagas/{saga_id}/events",
    { path: { saga_id: sagaId } },
    every(isLive),
  );
  if (!data) return error ? <Failure error={error} again={() => void refetch()} /> : <Loading />;
  return (
    <Stack gap={6}>
      {data.events.map(({ id, event, occurred_at, data: about }) => (
        <div key={id}>
          <Text size="sm">{text(event as Key, { step: text(STEP_NAMES[Number(about.step) - 1] ?? "steps") })}</Text>
          <Text size="xs" c="dimmed">
            {[exact(occurred_at), typeof about.reason === "string" && about.reason].filter(Boolean).join(" · ")}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
