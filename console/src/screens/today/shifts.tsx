/** The running shifts: a card for each work centre, with plan and fact of its shifts and their batches. */
import { Badge, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useFormat } from "../../i18n/format";
import { TextLink } from "../../ui/link";
import { Nothing } from "../../ui/state";
import {
  expected,
  type Pace,
  paceOf,
  type RunningBatch,
  type RunningCenter,
  rangeOf,
  runningAt,
  type Shift,
  share,
  type Today,
  type Total,
} from "./rules";
import { useText } from "./texts";
import classes from "./today.module.css";

export function Shifts({ today: { running, as_of } }: { readonly today: Today }) {
  const text = useText();
  const at = new Date(as_of);
  return (
    <Stack gap="sm" component="section" aria-label={text("running")}>
      <Group justify="space-between" align="baseline">
        <Title order={2} size="h4">
          {text("running")}
        </Title>
        {running.total.batches > 0 && (
          <TextLink size="sm" to="/batches" search={runningAt()}>
            {text("allRunning")}
          </TextLink>
        )}
      </Group>
      {running.truncated && <Text size="sm">{text("truncated")}</Text>}
      {running.work_centers.length === 0 ? (
        <Paper withBorder>
          <Nothing>
            {text("noShifts")}
            <br />
            {text("noShiftsHint")}
          </Nothing>
        </Paper>
      ) : (
        <div className={classes.cards}>
          {running.work_centers.map((center) => (
            <Center key={center.work_center.uuid} center={center} at={at} />
          ))}
        </div>
      )}
    </Stack>
  );
}

function Center({ center, at }: { readonly center: RunningCenter; readonly at: Date }) {
  const text = useText();
  const { number } = useFormat();
  const { uuid, name, identifier } = center.work_center;
  return (
    <Paper withBorder p="md" component="article" aria-label={name ?? text("goneCenter")}>
      <Title order={3} size="h5" lineClamp={2}>
        {name ?? text("goneCenter")}
      </Title>
      <Group justify="space-between" mb="xs" gap="xs">
        <Text size="sm" c="dimmed">
          {identifier}
        </Text>
        <TextLink size="sm" to="/batches" search={runningAt(uuid, undefined, true)}>
          {text("hereOpen", { count: center.total.open_batches, shown: number(center.total.open_batches) })}
        </TextLink>
      </Group>
      <Stack gap="md">
        {center.shifts.map((shift) => (
          <OneShift key={shift.shift} center={uuid} shift={shift} at={at} />
        ))}
      </Stack>
    </Paper>
  );
}

function OneShift({ center, shift, at }: { readonly center: string; readonly shift: Shift; readonly at: Date }) {
  const text = useText();
  const { clock, ago, number } = useFormat();
  const { start, end } = rangeOf(shift);
  const due = expected(shift.batches, at);
  const { total } = shift;
  const pace = paceOf(total, due);
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-end">
        <TextLink c="inherit" className={classes.middle} to="/batches" search={runningAt(center, shift.shift)}>
          <Text span c="dimmed" fz="0.6em" fw={500}>
            {text("made")}{" "}
          </Text>
          {number(total.planned === null ? total.products : total.made_of_planned)}
          {total.planned !== null && (
            <Text span c="dimmed" fz="0.6em" fw={500}>
              {" "}
              {text("ofPlan", { plan: number(total.planned) })}
            </Text>
          )}
        </TextLink>
        {pace && <PaceBadge pace={pace} />}
      </Group>
      <Bar total={total} due={due} />
      <Text size="sm" c="dimmed">
        {text("shift", { shift: shift.shift })}, {clock(start)}–{clock(end)} · {text("ends", { ago: ago(end) })} ·{" "}
        {text("packed", { count: number(total.aggregated) })}
      </Text>
      <Stack gap={2} mt={6} component="ul" p={0} m={0} style={{ listStyle: "none" }}>
        {shift.batches.map((batch) => (
          <Batch key={batch.uuid} batch={batch} />
        ))}
      </Stack>
    </div>
  );
}

const MOOD: Record<Pace["is"], string> = { done: "teal", ahead: "teal", even: "teal", behind: "orange" };

function PaceBadge({ pace }: { readonly pace: Pace }) {
  const text = useText();
  const { number } = useFormat();
  return (
    <Badge color={MOOD[pace.is]} variant="light" tt="none" size="lg" miw="max-content">
      {text(pace.is, { by: number(pace.by) })}
    </Badge>
  );
}

/** Aggregated and made, of the plan; the mark is where even work would be by now. */
export function Bar({ total, due }: { readonly total: Total; readonly due: number | undefined }) {
  const text = useText();
  const { number } = useFormat();
  const whole = Math.max(total.planned ?? 0, total.products);
  const values = { made: number(total.products), packed: number(total.aggregated), plan: number(total.planned) };
  const label =
    due === undefined ? text("barNoPlan", values) : text("bar", { ...values, due: number(Math.round(due)) });
  return (
    <div className={classes.bar}>
      <Progress.Root size="lg" my={6}>
        <Progress.Section
          value={share(total.aggregated, whole)}
          color="teal"
          aria-label={label}
          aria-valuetext={label}
        />
        <Progress.Section value={share(total.products - total.aggregated, whole)} color="teal.3" withAria={false} />
      </Progress.Root>
      {due !== undefined && <span className={classes.due} style={{ insetInlineStart: `${share(due, whole)}%` }} />}
    </div>
  );
}

function Batch({ batch }: { readonly batch: RunningBatch }) {
  const text = useText();
  const { number } = useFormat();
  const plan = batch.planned_quantity;
  return (
    <li className={classes.batch}>
      <Text size="sm" truncate>
        <TextLink inherit to="/batches/$id" params={{ id: batch.uuid }}>
          №&nbsp;{batch.batch_number}
        </TextLink>{" "}
        {batch.nomenclature}
      </Text>
      <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
        {batch.is_closed ? `${text("closed")} · ` : ""}
        {text("made")} {number(batch.products_total)} {plan !== null && text("ofPlan", { plan: number(plan) })}
      </Text>
    </li>
  );
}
