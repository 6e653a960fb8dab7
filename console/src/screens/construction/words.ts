/** Types of sites and defects, the order of statuses and severities, and their colours. */
import type { Schema } from "../../api/client";
import type { Tone } from "../../ui/status";

export type Defect = Schema<"Defect">;
export type Site = Schema<"Site">;
export type Progress = Schema<"Progress">;
export type Attachment = Schema<"Attachment">;
export type Entry = Schema<"HistoryEntry">;
export type Status = Defect["status"];
export type Severity = Defect["severity"];

/** In the order of the workflow of a defect: that of the columns of the board. */
export const STATUSES = [
  "new",
  "reopened",
  "assigned",
  "in_progress",
  "fixed",
  "verified",
  "closed",
  "rejected",
] as const satisfies readonly Status[];

export const SEVERITIES = ["low", "medium", "high", "critical"] as const satisfies readonly Severity[];

export const STATUS_MOOD: Record<Status, Tone> = {
  new: "warning",
  reopened: "bad",
  assigned: "waiting",
  in_progress: "running",
  fixed: "good",
  verified: "good",
  closed: "ended",
  rejected: "ended",
};

export const SEVERITY_COLOR: Record<Severity, string> = {
  low: "gray",
  medium: "yellow",
  high: "orange",
  critical: "red",
};

export const isStatus = (value: unknown): value is Status => STATUSES.includes(value as Status);
export const isSeverity = (value: unknown): value is Severity => SEVERITIES.includes(value as Severity);

/** The target: a status that the API allows, or "assigned" by choosing an assignee, which is another call. */
export interface Step {
  readonly to: Status;
  readonly asks: boolean;
}

/**
 * The steps that the user may take, from the response of the API. Assigning leads to `assigned` too; it
 * asks for a name, so it is offered where no plain step leads there. What goes forward comes first, what takes work
 * back asks why and comes last.
 */
export function steps(defect: Pick<Defect, "status" | "allowed_moves" | "can_assign">): Step[] {
  const all = defect.allowed_moves.map((to) => ({ to, asks: to === "rejected" || to === "reopened" }));
  const plain = [...all.filter((step) => !step.asks), ...all.filter((step) => step.asks)];
  const assigns = defect.can_assign && defect.status !== "assigned" && !defect.allowed_moves.includes("assigned");
  return assigns ? [{ to: "assigned", asks: true }, ...plain] : plain;
}
