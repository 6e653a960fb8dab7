/** What needs action; each entry is a link to its screen. */
import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconCalendarX, IconCircleCheck, IconClockX, IconFileAlert, IconWebhook } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { Time } from "../../ui/time";
import { type Today, troubles } from "./rules";
import { useText } from "./texts";

type Concerns = Today["attention"];

export function Attention({ attention }: { readonly attention: Concerns }) {
  const text = useText();
  const { failed_imports, overdue_defects, webhooks, failed_tasks } = attention;
  if (troubles(attention) === undefined) return null;
  return (
    <Stack gap="sm" component="section" aria-label={text("trouble")}>
      <Title order={2} size="h4" id="trouble" tabIndex={-1}>
        {text("trouble")}
      </Title>
      <Paper withBorder p="md">
        {troubles(attention) === 0 ? (
          <Group wrap="nowrap" gap="xs">
            <IconCircleCheck color="var(--mantine-color-teal-7)" aria-hidden />
            <Text size="sm">{text("nothingBad")}</Text>
          </Group>
        ) : (
          <Stack gap="md">
            {failed_imports && failed_imports.total > 0 && <Imports of={failed_imports} />}
            {overdue_defects && overdue_defects.total > 0 && <Defects of={overdue_defects} />}
            {webhooks && webhooks.disabled + webhooks.failing > 0 && <Webhooks of={webhooks} />}
            {failed_tasks && failed_tasks.total > 0 && <Tasks of={failed_tasks} />}
          </Stack>
        )}
      </Paper>
    </Stack>
  );
}

interface ConcernProps {
  readonly title: string;
  readonly icon: typeof IconWebhook;
  readonly count: number;
  readonly atLeast?: boolean;
  readonly all: (props: object) => ReactNode;
  readonly children: ReactNode;
}

function Concern({ title, icon: Icon, count, atLeast = false, all, children }: ConcernProps) {
  const text = useText();
  const { number } = useFormat();
  const shown = atLeast ? text("atLeast", { count: number(count) }) : number(count);
  return (
    <div>
      <Group gap={6} wrap="nowrap" mb={2}>
        <Icon size={18} aria-hidden style={{ flexShrink: 0 }} />
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Anchor
          size="sm"
          fw={700}
          c="var(--mantine-color-error)"
          ml="auto"
          aria-label={`${title}: ${shown}`}
          renderRoot={all}
        >
          {shown}
        </Anchor>
      </Group>
      <Stack gap={4} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {children}
      </Stack>
    </div>
  );
}

function Entry({ title, below, link }: { title: ReactNode; below: ReactNode; link: (props: object) => ReactNode }) {
  return (
    <li>
      <Anchor size="sm" lineClamp={1} renderRoot={link}>
        {title}
      </Anchor>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {below}
      </Text>
    </li>
  );
}

function Imports({ of: { total, at_least, items } }: { readonly of: NonNullable<Concerns["failed_imports"]> }) {
  const text = useText();
  const { number } = useFormat();
  return (
    <Concern
      title={text("imports")}
      icon={IconFileAlert}
      count={total}
      atLeast={at_least}
      all={(props) => <Link to="/exchange" search={{ tab: "history" }} {...props} />}
    >
      {items.map((one) => (
        <Entry
          key={one.task_id}
          link={(props) => <Link to="/exchange" search={{ tab: "history", task: one.task_id }} {...props} />}
          title={
            one.status === "FAILURE"
              ? text("importFailed")
              : text("importRows", { failed: number(one.failed), total: number(one.total) })
          }
          below={
            <>
              <Time value={one.finished_at} ago />
              {one.error && ` · ${one.error}`}
            </>
          }
        />
      ))}
    </Concern>
  );
}

function Defects({ of: { total, at_least, items } }: { readonly of: NonNullable<Concerns["overdue_defects"]> }) {
  const text = useText();
  const { day } = useFormat();
  return (
    <Concern
      title={text("defects")}
      icon={IconCalendarX}
      count={total}
      atLeast={at_least}
      all={(props) => <Link to="/construction" search={{ view: "table", overdue: true }} {...props} />}
    >
      {items.map((one) => (
        <Entry
          key={one.id}
          link={(props) => <Link to="/construction/defects/$id" params={{ id: one.id }} {...props} />}
          title={`№ ${one.number} ${one.title}`}
          below={text("defectDue", { day: day(one.due_date), who: one.assignee?.name ?? text("unassigned") })}
        />
      ))}
    </Concern>
  );
}

function Webhooks({ of: { disabled, failing, items } }: { readonly of: NonNullable<Concerns["webhooks"]> }) {
  const text = useText();
  return (
    <Concern
      title={text("webhooks")}
      icon={IconWebhook}
      count={disabled + failing}
      all={(props) => <Link to="/webhooks" {...props} />}
    >
      {items.map((one) => (
        <Entry
          key={one.uuid}
          link={(props) => <Link to="/webhooks/$id" params={{ id: one.uuid }} {...props} />}
          title={one.url}
          below={[
            !one.is_active && text("webhookOff"),
            text("webhookFails", { count: one.failures }),
            one.disabled_reason,
          ]
            .filter(Boolean)
            .join(" · ")}
        />
      ))}
    </Concern>
  );
}

const TYPES = {
  http_callback: "httpCallback",
  send_email: "sendEmail",
  send_sms: "sendSms",
  generate_report: "generateReport",
  publish_event: "publishEvent",
} as const;

function Tasks({ of: { total, at_least, items } }: { readonly of: NonNullable<Concerns["failed_tasks"]> }) {
  const text = useText();
  const named = (type: string) => (type in TYPES ? text(TYPES[type as keyof typeof TYPES]) : type);
  return (
    <Concern
      title={text("tasks")}
      icon={IconClockX}
      count={total}
      atLeast={at_least}
      all={(props) => <Link to="/operations" search={{ kind: "deferred", status: "failed" }} {...props} />}
    >
      {items.map((one) => (
        <Entry
          key={one.id}
          link={(props) => <Link to="/operations" search={{ open: `deferred:${one.id}` }} {...props} />}
          title={`${named(one.task_type)} № ${one.id}`}
          below={one.error_message}
        />
      ))}
    </Concern>
  );
}
