import { expect, it } from "vitest";
import { NOTHING, plus } from "./replaying";

it("adds up what several calls have made again, and goes on where the last one ended", () => {
  const first = { matched: 100, replayed: 99, items: [], skipped: [{ id: "1", reason: "busy" }], next_cursor: "x" };
  const last = { matched: 5, replayed: 5, items: [], skipped: [], next_cursor: null };
  const sum = plus(plus(NOTHING, first), last);
  expect(sum).toEqual({ matched: 105, replayed: 104, items: [], skipped: [{ id: "1", reason: "busy" }], cursor: null });
  expect(plus(NOTHING, first).cursor).toBe("x");
});
