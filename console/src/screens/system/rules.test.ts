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

it("counts dead letters and circuits that are not closed", () => {
  expect(trouble({ queues: [queue(2, 1), queue(0, 0)], circuits: [circuit("closed"), circuit("open")] })).toEqual({
    dead: 3,
    open: 1,
  });
  expect(trouble({ queues: [queue(0, 0)], circuits: [circuit("closed")] })).toEqual({ dead: 0, open: 0 });
});

it("knows which queues lose something", () => {
  expect([lossOf("react"), lossOf("webhooks"), lossOf("work")]).toEqual(["reactLost", "webhooksLost", "nothingLost"]);
});
