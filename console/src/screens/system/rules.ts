/** The meaning of the state of the system. */
import type { Schema } from "../../api/client";
import type { Tone } from "../../ui/status";

export type SystemState = Schema<"System">;
export type Queue = SystemState["queues"][number];
export type Circuit = SystemState["circuits"][number];

export type Migrations = SystemState["migrations"];
export type Migration = Migrations["items"][number];

export const QUEUES = ["react", "webhooks", "deliveries", "deferred", "outside", "work"] as const;
export type QueueName = (typeof QUEUES)[number];

export const MOODS: Record<Circuit["state"], Tone> = {
  closed: "good",
  open: "bad",
  half_open: "warning",
  unknown: "warning",
};

export const MIGRATION_TONES: Record<Migration["status"], Tone> = {
  done: "good",
  running: "warning",
  waiting: "warning",
};

/** The dead letters of a queue, those that are being moved included. */
export const deadOf = ({ dead_letters: { messages, in_flight } }: Queue) => messages + in_flight;

/** What needs action: the number of dead letters, of open circuits, and of migrations that are not applied. */
export function trouble({ queues, circuits, migrations }: Pick<SystemState, "queues" | "circuits" | "migrations">) {
  return {
    dead: queues.reduce((sum, queue) => sum + deadOf(queue), 0),
    open: circuits.filter(({ state }) => state !== "closed").length,
    pending: migrations.items.filter(({ status }) => status !== "done").length,
  };
}

/** The known name of a queue. */
export const queueName = (name: string) => QUEUES.find((one) => one === name);

/** The consequence of a dead letter (docs/operations.md). */
export const lossOf = (name: string) =>
  name === "react" ? "reactLost" : name === "webhooks" ? "webhooksLost" : "nothingLost";
