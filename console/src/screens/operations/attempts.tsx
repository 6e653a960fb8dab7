/** The starts of a deferred task. */
import { Code, Text, Timeline } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { FAST_POLL_MS, SLOW_POLL_MS, useLive } from "../../api/client";
import { Loaded } from "../../ui/state";
import { Time } from "../../ui/time";
import { useText } from "./panel-texts";
import { isMoving, type Operation } from "./rules";
import { Section, Small } from "./section";
import { lasting } from "./until-words";

export function TaskAttempts({ id, operation }: { readonly id: number; readonly operation: Operation }) {
  const text = useText();
  const { language } = useTranslation().i18n;
  const query = useLive(
    "/api/v1/tasks/{task_id}/attempts",
    { path: { task_id: id } },
    isMoving(operation) ? FAST_POLL_MS : SLOW_POLL_MS,
  );
  return (
    <Section title={text("attempts")}>
      <Loaded query={query}>
        {({ attempts }) =>
          attempts.length === 0 ? (
            <Small>{text("noAttempts")}</Small>
          ) : (
            <Timeline active={attempts.length} bulletSize={14} lineWidth={2}>
              {attempts.toReversed().map(({ number, started_at, finished_at, error, result }) => (
                <Timeline.Item
                  key={number}
                  color={error ? "red" : finished_at ? "teal" : "blue"}
                  title={text("attempt", { number })}
                >
                  <Small>
                    <Time value={started_at} />
                    {", "}
                    {finished_at ? text("lasted", { time: lasting(started_at, finished_at, language) }) : text("runs")}
                  </Small>
                  {error && (
                    <Text size="sm" c="red" style={{ overflowWrap: "anywhere" }}>
                      {error}
                    </Text>
                  )}
                  {finished_at && !error && <Text size="sm">{text("ok")}</Text>}
                  {result && <Code style={{ overflowWrap: "anywhere" }}>{JSON.stringify(result)}</Code>}
                </Timeline.Item>
              ))}
            </Timeline>
          )
        }
      </Loaded>
    </Section>
  );
}
