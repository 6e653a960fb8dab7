/** The history of a defect in words. */
import type { Say } from "./texts";
import { type Entry, isSeverity, isStatus } from "./words";

const FIELDS = {
  title: "defect",
  description: "description",
  location: "location",
  severity: "severity",
  status: "status",
  assignee: "assignee",
  due_date: "due",
  attachment: "attachment",
} as const;

/** The text of one changed field: "Status: New → Assigned"; only the new value when there was none. */
export function changeText(change: Entry["changes"][number], say: Say, day: (value: string) => string): string {
  const field = FIELDS[change.field as keyof typeof FIELDS];
  const write = (value: unknown) => written(change.field, value, say, day);
  const name = field ? say(field) : change.field;
  if (change.from === null || change.from === undefined) return `${name}: ${write(change.to)}`;
  return `${name}: ${write(change.from)} → ${write(change.to)}`;
}

function written(field: string, value: unknown, say: Say, day: (value: string) => string): string {
  if (value === null || value === undefined || value === "") return say("none");
  if (field === "status" && isStatus(value)) return say(value);
  if (field === "severity" && isSeverity(value)) return say(value);
  if (field === "due_date" && typeof value === "string") return day(value);
  if (typeof value === "object" && "name" in value) return String(value.name);
  return String(value);
}
