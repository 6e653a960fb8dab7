import { ActionIcon, Box, Menu, Stack, Text } from "@mantine/core";
import { IconDots, IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { DataTableColumn } from "mantine-datatable";
import { type Schema, useList } from "../../api/client";
import { Recurrence } from "../../ui/cron";
import { TextLink } from "../../ui/link";
import { Status } from "../../ui/status";
import { QueryTable } from "../../ui/table";
import { Time } from "../../ui/time";
import { MEDIUM, Named, useTypeName, WIDE } from "./parts";
import { operations as route } from "./routes";
import { useScheduleActions } from "./schedule-acting";
import { useText } from "./schedule-texts";
import { Until } from "./until";

type Schedule = Schema<"ScheduleView">;

/** All schedules, newest first. */
export function Schedules() {
  const text = useText();
  const navigate = useNavigate();
  const columns = useColumns();
  const { page = 1, size = 20 } = route.useSearch();
  const query = useList("/api/v1/schedules", { query: { limit: size, offset: (page - 1) * size } });
  const turn = (changes: { page?: number; size?: number }) =>
    void navigate({ to: "/operations", search: { tab: "schedules", size, ...changes }, replace: true });
  return (
    <QueryTable
      name="schedules"
      label={text("name")}
      columns={columns}
      query={query}
      of={({ schedules }) => schedules}
      id={(schedule) => schedule.id}
      onOpen={({ id }) =>
        void navigate({ to: "/operations", search: { tab: "schedules", page, size, open: `schedule:${id}` } })
      }
      page={page}
      size={size}
      onPage={(next) => turn({ page: next })}
      onSize={(next) => turn({ size: next })}
      nothing={text("nothing")}
    />
  );
}

function useColumns(): DataTableColumn<Schedule>[] {
  const text = useText();
  const wide = { visibleMediaQuery: WIDE };
  return [
    { accessor: "name", title: text("name"), render: (schedule) => <Name of={schedule} /> },
    {
      accessor: "recurrence",
      title: text("recurrence"),
      visibleMediaQuery: MEDIUM,
      render: ({ cron, rate, time_zone }) => <Recurrence cron={cron} rate={rate} timeZone={time_zone} />,
    },
    { accessor: "next_run_at", title: text("next"), render: (schedule) => <Next of={schedule} /> },
    {
      accessor: "last_run_at",
      title: text("last"),
      ...wide,
      render: ({ last_run_at }) => <Time value={last_run_at} ago />,
    },
    { accessor: "runs", title: text("runs"), ...wide, textAlign: "right" },
    {
      accessor: "actions",
      title: text("actions"),
      width: 110,
      textAlign: "right",
      render: (schedule) => <Actions of={schedule} />,
    },
  ];
}

function Name({ of: { id, name, task_type, cron, rate, time_zone } }: { readonly of: Schedule }) {
  const typeName = useTypeName();
  return (
    <Named
      kind="schedule"
      name={
        <TextLink
          size="sm"
          style={{ overflowWrap: "anywhere" }}
          to="/operations"
          search={{ tab: "schedules", open: `schedule:${id}` }}
          onClick={(event) => event.stopPropagation()}
        >
          {name}
        </TextLink>
      }
      what={
        <>
          {typeName(task_type)}
          <Box hiddenFrom="sm">
            <Recurrence cron={cron} rate={rate} timeZone={time_zone} />
          </Box>
        </>
      }
    />
  );
}

function Next({ of: { paused, paused_reason, next_run_at } }: { readonly of: Schedule }) {
  const text = useText();
  if (!paused) return next_run_at ? <Until value={next_run_at} /> : <>—</>;
  return (
    <Stack gap={2} align="flex-start">
      <Status tone="warning">{text("paused")}</Status>
      {paused_reason && <Text size="xs">{paused_reason}</Text>}
    </Stack>
  );
}

function Actions({ of: schedule }: { readonly of: Schedule }) {
  const text = useText();
  const { may, busy, runNow, pause, remove } = useScheduleActions(schedule);
  if (!may) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          loading={busy}
          aria-label={text("actionsOf", { name: schedule.name })}
          onClick={(event) => event.stopPropagation()}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={runNow}>
          {text("runNow")}
        </Menu.Item>
        <Menu.Item
          leftSection={
            schedule.paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
          }
          onClick={pause}
        >
          {text(schedule.paused ? "resume" : "pause")}
        </Menu.Item>
        <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => remove()}>
          {text("remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
