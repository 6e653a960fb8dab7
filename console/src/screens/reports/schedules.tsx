/** The schedules of reports: when each comes, to whom, and what may be done with it. */
import { ActionIcon, Card, Group, Menu, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconSend, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { client, useLive } from "../../api/client";
import { useMay } from "../../app/session";
import { useFormat } from "../../i18n/format";
import { confirm } from "../../ui/confirm";
import { Recurrence } from "../../ui/cron";
import { useAction } from "../../ui/form";
import { Loaded, Nothing } from "../../ui/state";
import { Status } from "../../ui/status";
import { Time } from "../../ui/time";
import { useTemplates } from "./data";
import { isWord, valuesOf } from "./rules";
import { type Schedule, ScheduleDialog } from "./schedule";
import { useScheduleText } from "./schedule-texts";
import { useText } from "./texts";

const MOST = 100;

export function Schedules() {
  const text = useScheduleText();
  const may = useMay();
  const [edited, edit] = useState<Schedule>();
  const query = useLive("/api/v1/schedules", { query: { task_type: "generate_report", limit: MOST } });
  return (
    <Loaded query={query}>
      {({ schedules }) =>
        schedules.length === 0 ? (
          <Nothing>{text(may("POST /api/v1/schedules") ? "none" : "noneReader")}</Nothing>
        ) : (
          <>
            <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} component="section" aria-label={text("list")}>
              {schedules.map((one) => (
                <ScheduleCard key={one.id} schedule={one} onEdit={() => edit(one)} />
              ))}
            </SimpleGrid>
            {edited && <ScheduleDialog schedule={edited} onClose={() => edit(undefined)} />}
          </>
        )
      }
    </Loaded>
  );
}

function ScheduleCard({ schedule, onEdit }: { readonly schedule: Schedule; readonly onEdit: () => void }) {
  const text = useScheduleText();
  const words = useText();
  const may = useMay();
  const { nameOf } = useTemplates();
  const report = valuesOf({ ...(schedule.payload as object | null) });
  const about = [
    nameOf(Number(report.template)),
    isWord(report.period) && words(report.period).toLowerCase(),
    words(report.format),
  ];
  return (
    <Card withBorder component="article" aria-label={schedule.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb={4}>
        <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
          {schedule.name}
        </Title>
        {may("PATCH /api/v1/schedules/{schedule_id}") && <Actions schedule={schedule} onEdit={onEdit} />}
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {about.filter(Boolean).join(" · ")}
      </Text>
      <Stack gap={4}>
        <Group gap="xs">
          <Text size="sm" fw={500}>
            <Recurrence cron={schedule.cron} rate={schedule.rate} timeZone={schedule.time_zone} />
          </Text>
          <Status tone={schedule.paused ? "warning" : "good"}>{text(schedule.paused ? "off" : "on")}</Status>
        </Group>
        {schedule.paused_reason && <Text size="sm">{schedule.paused_reason}</Text>}
        <Line name={text("next")}>
          <Next of={schedule} />
        </Line>
        <Line name={text("last")}>
          <Time value={schedule.last_run_at} />
        </Line>
        <Line name={text("recipients")}>{report.recipients.join(", ") || text("noRecipients")}</Line>
      </Stack>
    </Card>
  );
}

/** The next run where the schedule lives, and here when that is another time zone. */
function Next({ of }: { readonly of: Schedule }) {
  const text = useScheduleText();
  const { time } = useFormat();
  const { next_run_at, time_zone: zone } = of;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!next_run_at || !zone || zone === here) return <Time value={next_run_at} />;
  return (
    <time dateTime={next_run_at}>
      {time(next_run_at, zone)} ({zone}), {text("here", { time: time(next_run_at), zone: here })}
    </time>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
      <Text span inherit c="dimmed">
        {name}:{" "}
      </Text>
      {children}
    </Text>
  );
}

function Actions({ schedule, onEdit }: { readonly schedule: Schedule; readonly onEdit: () => void }) {
  const text = useScheduleText();
  const { busy, act } = useAction();
  const params = { path: { schedule_id: schedule.id } };
  const pause = (paused: boolean) =>
    void act(
      () => client.PATCH("/api/v1/schedules/{schedule_id}", { params, body: { paused } }),
      text(paused ? "paused" : "resumed"),
    );
  const run = () => void act(() => client.POST("/api/v1/schedules/{schedule_id}/run", { params }), text("started"));
  const remove = () =>
    confirm(
      text("remove"),
      <Text size="sm">{text("removeAsk", { name: schedule.name })}</Text>,
      () => void act(() => client.DELETE("/api/v1/schedules/{schedule_id}", { params }), text("removed")),
      text("remove"),
    );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" loading={busy} aria-label={text("actions", { name: schedule.name })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconSend size={16} aria-hidden />} onClick={run}>
          {text("run")}
        </Menu.Item>
        <Menu.Item
          leftSection={
            schedule.paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
          }
          onClick={() => pause(!schedule.paused)}
        >
          {text(schedule.paused ? "resume" : "pause")}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {text("edit")}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove}>
          {text("remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
