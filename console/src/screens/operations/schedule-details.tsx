import { Alert, Button, Group, SimpleGrid } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { Schema } from "../../api/client";
import { useFormat } from "../../i18n/format";
import { Recurrence } from "../../ui/cron";
import { Fact } from "../../ui/facts";
import { TextLink } from "../../ui/link";
import { Time } from "../../ui/time";
import { useText } from "./panel-texts";
import { useScheduleActions } from "./schedule-acting";
import { useText as useScheduleText } from "./schedule-texts";

type Schedule = Schema<"ScheduleView">;

/** When a schedule fires, what it has made, and what may be done about it. */
export function ScheduleDetails({ schedule }: { readonly schedule: Schedule }) {
  const text = useText();
  const { number } = useFormat();
  return (
    <>
      <Buttons schedule={schedule} />
      {schedule.paused_reason && <Alert color="orange">{schedule.paused_reason}</Alert>}
      <SimpleGrid cols={{ base: 2, xs: 3 }} component="dl" m={0} spacing="xs">
        <Fact name={text("recurrence")}>
          <Recurrence cron={schedule.cron} rate={schedule.rate} timeZone={schedule.time_zone} />
        </Fact>
        <Fact name={text("lastRun")}>
          <Time value={schedule.last_run_at} />
        </Fact>
        <Fact name={text("runCount")}>{number(schedule.runs)}</Fact>
        {schedule.skipped > 0 && (
          <Fact name={text("skipped")}>
            {number(schedule.skipped)} ({text("skippedHint")})
          </Fact>
        )}
        {schedule.last_task_id !== null && (
          <Fact name={text("lastTask")}>
            <TextLink inherit to="/operations" search={{ open: `deferred:${schedule.last_task_id}` }}>
              {text("task", { number: schedule.last_task_id })}
            </TextLink>
          </Fact>
        )}
      </SimpleGrid>
    </>
  );
}

function Buttons({ schedule }: { readonly schedule: Schedule }) {
  const text = useScheduleText();
  const navigate = useNavigate();
  const { may, busy, runNow, pause, remove } = useScheduleActions(schedule);
  if (!may) return null;
  const gone = () => navigate({ to: "/operations", search: { tab: "schedules" }, replace: true });
  return (
    <Group gap="xs">
      <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={busy} onClick={runNow}>
        {text("runNow")}
      </Button>
      <Button
        variant="default"
        leftSection={
          schedule.paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
        }
        loading={busy}
        onClick={pause}
      >
        {text(schedule.paused ? "resume" : "pause")}
      </Button>
      <Button
        variant="subtle"
        color="red"
        leftSection={<IconTrash size={16} aria-hidden />}
        loading={busy}
        onClick={() => remove(gone)}
      >
        {text("remove")}
      </Button>
    </Group>
  );
}
