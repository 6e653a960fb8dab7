/** The meaning of the figures of Today, and the batches that they count. */
import type { Dayjs } from "dayjs";
import type { Schema } from "../../api/client";
import type { ListSearch } from "../batches/state";

export type Today = Schema<"Today">;
export type Total = Schema<"PlanAndFact">;
export type RunningCenter = Schema<"RunningPlace">;
export type Shift = Schema<"RunningShift">;
export type RunningBatch = Schema<"RunningBatch">;

const DAYS = 14;

/** The last two weeks of the calendar, today included. */
export const lastDays = (now: Dayjs) => ({
  from: now.subtract(DAYS - 1, "day").format("YYYY-MM-DD"),
  to: now.format("YYYY-MM-DD"),
});

/** The list of the running batches, or of those of a work centre, of a shift at it, or the open ones. */
export const runningAt = (center?: string, shift?: string, onlyOpen = false): ListSearch => ({
  running: true,
  ...(center !== undefined && { work_center_id: center }),
  ...(shift !== undefined && { shift }),
  ...(onlyOpen && { is_closed: false }),
});

/** How much of a time has passed, from 0 to 1. */
export function passed({ start, end }: { readonly start: string; readonly end: string }, at: Date): number {
  const [from, to] = [new Date(start).getTime(), new Date(end).getTime()];
  return Math.min(1, Math.max(0, (at.getTime() - from) / (to - from)));
}

/** The products due by now at an even pace; undefined without a plan. */
export function expected(batches: readonly RunningBatch[], at: Date): number | undefined {
  const planned = batches.filter((batch) => batch.planned_quantity !== null);
  if (planned.length === 0) return undefined;
  return planned.reduce((sum, one) => sum + (one.planned_quantity ?? 0) * passed(one.shift_time_range, at), 0);
}

export interface Pace {
  readonly is: "even" | "ahead" | "behind" | "done";
  /** How many products more or less than even work would have made. */
  readonly by: number;
}

/** Progress compared with an even pace; a deviation of a twentieth of the plan, or one product, counts as even. */
export function paceOf(total: Total, due: number | undefined): Pace | undefined {
  if (due === undefined || !total.planned) return undefined;
  const by = Math.round(total.made_of_planned - due);
  if (total.made_of_planned >= total.planned) return { is: "done", by };
  if (Math.abs(by) <= Math.max(1, total.planned / 20)) return { is: "even", by };
  return { is: by > 0 ? "ahead" : "behind", by: Math.abs(by) };
}

/** A part of a whole in percent, at most 100; 0 of nothing. */
export const share = (part: number, whole: number | null | undefined) =>
  whole ? Math.min(100, (100 * part) / whole) : 0;

/** All batches of some work centres. */
export const batchesOf = (centers: readonly RunningCenter[]) =>
  centers.flatMap((center) => center.shifts.flatMap((shift) => shift.batches));

/** The time from the first start to the last end of a shift's batches. */
export function rangeOf(shift: Shift) {
  const ranges = shift.batches.map((batch) => batch.shift_time_range);
  const starts = ranges.map((range) => range.start).sort();
  const ends = ranges.map((range) => range.end).sort();
  return { start: starts[0] ?? "", end: ends.at(-1) ?? "" };
}

/** The number of things that need action and that the user may see; undefined when the user may see none. */
export function troubles({ failed_imports, overdue_defects, webhooks, failed_tasks }: Today["attention"]) {
  const counts = [
    failed_imports?.total,
    overdue_defects?.total,
    webhooks && webhooks.disabled + webhooks.failing,
    failed_tasks?.total,
  ].filter((count) => typeof count === "number");
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}
