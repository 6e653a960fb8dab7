/** The values of the form of a batch, and their errors. */
import dayjs from "dayjs";
import type { Schema } from "../../api/client";

export interface Fields {
  readonly [name: string]: unknown;
  /** A text while it is empty or has more digits than a number can hold. */
  readonly batch_number: number | string;
  readonly batch_date: string | null;
  readonly nomenclature: string;
  readonly ekn_code: string;
  readonly work_center_id: string | null;
  readonly planned_quantity: number | string | null;
  readonly shift: string;
  readonly team: string;
  readonly shift_start: string | null;
  readonly shift_end: string | null;
  readonly task_description: string;
}

export type Problem = "required" | "positive" | "tooLarge" | "tooLong" | "endAfterStart";

/** The most that the API takes: of a number its value, of a text its characters. */
export const MOST: Readonly<Record<string, number>> = {
  batch_number: 1e15,
  planned_quantity: 1_000_000,
  nomenclature: 200,
  ekn_code: 200,
  shift: 200,
  team: 200,
  task_description: 10_000,
};
const NUMBERS = ["batch_number", "planned_quantity"] as const;

/** How many characters the API counts. */
export const lengthOf = (text: string) => [...text].length;

const SHIFT_HOURS = 8;

/** Today, from the full hour on, for a shift. */
export function blank(now: Date): Fields {
  const start = dayjs(now).startOf("hour");
  return {
    batch_number: "",
    batch_date: dayjs(now).format("YYYY-MM-DD"),
    nomenclature: "",
    ekn_code: "",
    work_center_id: null,
    planned_quantity: null,
    shift: "",
    team: "",
    shift_start: start.toISOString(),
    shift_end: start.add(SHIFT_HOURS, "hour").toISOString(),
    task_description: "",
  };
}

export function fieldsOf(batch: Schema<"Batch">): Fields {
  return {
    batch_number: batch.batch_number,
    batch_date: batch.batch_date,
    nomenclature: batch.nomenclature,
    ekn_code: batch.ekn_code,
    work_center_id: batch.work_center_id,
    planned_quantity: batch.planned_quantity,
    shift: batch.shift,
    team: batch.team,
    shift_start: new Date(batch.shift_time_range.start).toISOString(),
    shift_end: new Date(batch.shift_time_range.end).toISOString(),
    task_description: batch.task_description,
  };
}

export function problemsOf(values: Fields): Readonly<Record<string, Problem>> {
  const found: Record<string, Problem> = {};
  for (const [name, value] of Object.entries(values)) {
    const missing = value === null || (typeof value === "string" && value.trim() === "");
    if (missing && name !== "planned_quantity") found[name] = "required";
  }
  for (const name of NUMBERS) {
    const value = values[name];
    if (value !== null && value !== "" && Number(value) < 1) found[name] = "positive";
  }
  if (values.shift_start && values.shift_end && values.shift_end <= values.shift_start)
    found.shift_end = "endAfterStart";
  return { ...found, ...excessOf(values) };
}

/** The errors of values above the limits of the API, shown while typing. */
export function excessOf(values: Fields): Readonly<Record<string, Problem>> {
  const found: Record<string, Problem> = {};
  for (const [name, most] of Object.entries(MOST)) {
    const value = values[name];
    if (NUMBERS.some((one) => one === name)) {
      if (Number(value) > most) found[name] = "tooLarge";
    } else if (typeof value === "string" && lengthOf(value) > most) found[name] = "tooLong";
  }
  return found;
}

/** The request body of valid values. */
export const bodyOf = (values: Fields) => values as Schema<"BatchCreate">;
