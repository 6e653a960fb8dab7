/** The events of a batch as steps of its history: repeated events in a row are one step. */
import type { Schema } from "../../api/client";

export type LoggedEvent = Schema<"LoggedEvent">;

/** Steps of one kind, the newest event first. */
export interface Step {
  readonly id: string;
  readonly kind: string;
  readonly events: readonly LoggedEvent[];
}

const REPEATED = ["batch.product_added", "batch.product_removed", "product.aggregated"];

export function stepsOf(events: readonly LoggedEvent[]): Step[] {
  const steps: { id: string; kind: string; events: LoggedEvent[] }[] = [];
  for (const event of events) {
    const last = steps.at(-1);
    if (last && last.kind === event.name && REPEATED.includes(event.name)) last.events.push(event);
    else steps.push({ id: event.id, kind: event.name, events: [event] });
  }
  return steps;
}

/** A text or number among the data of an event. */
export function dataOf(event: LoggedEvent, name: string): string | number | undefined {
  const value = event.data[name];
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}
