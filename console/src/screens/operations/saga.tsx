/** The steps of a saga and its log. */
import { Button, Text, Timeline } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FAST_POLL_MS, type Schema, SLOW_POLL_MS, useLive } from "../../api/client";
import { Loaded } from "../../ui/state";
import { Time } from "../../ui/time";
import { useText } from "./panel-texts";
import { isMoving, type Operation } from "./rules";
import { Section, Small } from "./section";
import { lasting } from "./until-words";

type Saga = Schema<"SagaView">;
type Step = Saga["steps"][number];

const COLORS: Record<Step["status"], string> = {
  pending: "gray",
  executing: "blue",
  completed: "teal",
  failed: "red",
  compensated: "orange",
};
const STEPS = [
  "Validate User",
  "Validate Template",
  "Collect Data",
  "Generate Report",
  "Store File",
  "Send Notification",
] as const;
const EVENTS = [
  "saga.started",
  "saga.step_started",
  "saga.step_completed",
  "saga.step_failed",
  "saga.step_compensated",
  "saga.compensating",
  "saga.compensated",
  "saga.completed",
  "saga.failed",
  "saga.cancelled",
  "saga.retried",
  "saga.resumed",
] as const;

/** A function that says what the API calls a step or an event. */
function useWords() {
  const text = useText();
  return (name: string) => {
    const known = [...STEPS, ...EVENTS].find((one) => one === name);
    return known ? text(known) : name;
  };
}

export function Steps({ saga }: { readonly saga: Saga }) {
  const text = useText();
  const words = useWords();
  const { language } = useTranslation().i18n;
  const active = saga.steps.findLastIndex(({ status }) => status !== "pending");
  return (
    <Section title={text("steps")}>
      <Timeline active={active} bulletSize={14} lineWidth={2}>
        {saga.steps.map((step) => (
          <Timeline.Item key={step.id} color={COLORS[step.status]} title={words(step.name)}>
            <Small>
              {text(step.status)}
              {step.started_at && step.completed_at && ` · ${lasting(step.started_at, step.completed_at, language)}`}
              {step.attempts > 1 && ` · ${text("attempts")}: ${step.attempts}`}
            </Small>
            {step.error && (
              <Text size="sm" c="red" style={{ overflowWrap: "anywhere" }}>
                {step.error}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

/** The log of a saga, shown on demand. */
export function SagaLog({ saga, operation }: { readonly saga: Saga; readonly operation: Operation }) {
  const text = useText();
  const [shown, setShown] = useState(false);
  return (
    <div>
      {shown ? (
        <Log id={saga.saga_id} operation={operation} />
      ) : (
        <Button variant="subtle" size="xs" onClick={() => setShown(true)}>
          {text("log")}
        </Button>
      )}
    </div>
  );
}

function Log({ id, operation }: { readonly id: string; readonly operation: Operation }) {
  const text = useText();
  const words = useWords();
  const query = useLive(
    "/api/v1/sagas/{saga_id}/events",
    { path: { saga_id: id } },
    isMoving(operation) ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  return (
    <Section title={text("log")}>
      <Loaded query={query}>
        {({ events }) => (
          <>
            {events.map(({ id: event, event: name, occurred_at, data: { step, attempt, reason } }) => (
              <div key={event}>
                <Text size="sm">
                  {words(name)}
                  {typeof step === "number" && ` (${text("step", { number: step, attempt })})`}
                </Text>
                <Small>
                  <Time value={occurred_at} />
                  {typeof reason === "string" && ` · ${reason}`}
                </Small>
              </div>
            ))}
          </>
        )}
      </Loaded>
    </Section>
  );
}
