import { expect, it } from "vitest";
import { lossOf, trouble } from "./rules";

const queue = (dead: number, moving: number) => ({
  name: "work",
  messages: 7,
  in_flight: 0,
  delayed: 0,
  dead_letters: { messages: dead, in_flight: moving },
});
const circuit = (state: "closed" | "open" | "half_open" | "unknown") => ({
  name: "users",
  state,
  failures: 0,
  successes: 0,
  retry_at: null,
});

const migrations = (...statuses: ("waiting" | "running" | "done")[]) => ({
  items: statuses.map((status, index) => ({
    number: index + 1,
    title: "",
    status,
    percent: 0,
    read: 0,
    changed: 0,
    applied_at: null,
  })),
  settled_at: null,
  error: null,
});

it("counts dead letters, circuits that are not closed, and migrations that are not applied", () => {
  const troubled = {
    queues: [queue(2, 1), queue(0, 0)],
    circuits: [circuit("closed"), circuit("open")],
    migrations: migrations("done", "running", "waiting"),
  };
  expect(trouble(troubled)).toEqual({ dead: 3, open: 1, pending: 2 });
  const well = { queues: [queue(0, 0)], circuits: [circuit("closed")], migrations: migrations("done") };
  expect(trouble(well)).toEqual({ dead: 0, open: 0, pending: 0 });
});

it("knows which queues lose something", () => {
  expect([lossOf("react"), lossOf("webhooks"), lossOf("work")]).toEqual(["reactLost", "webhooksLost", "nothingLost"]);
});
