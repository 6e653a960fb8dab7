/** The fields of a batch in words: their labels, and their values. */
import type { ReactNode } from "react";
import { useFormat } from "../../i18n/format";
import { CenterName } from "./parts";
import { useText } from "./texts";

export function useLabels(): Readonly<Record<string, string>> {
  const text = useText();
  return {
    batch_number: text("number"),
    batch_date: text("date"),
    nomenclature: text("item"),
    ekn_code: text("code"),
    work_center_id: text("center"),
    planned_quantity: text("plan"),
    shift: text("shift"),
    team: text("team"),
    shift_start: text("start"),
    shift_end: text("end"),
    task_description: text("task"),
  };
}

/** A function that shows the value of a field. */
export function useShow(): (name: string | number, value: unknown) => ReactNode {
  const text = useText();
  const { day, time, number } = useFormat();
  return (name, value) => {
    if (name === "planned_quantity") return typeof value === "number" ? number(value) : text("noPlan");
    if (name === "work_center_id") return <CenterName id={String(value)} />;
    if (name === "batch_date") return day(String(value));
    if (name === "shift_start" || name === "shift_end") return time(String(value));
    return String(value);
  };
}
