import { describe, expect, it } from "vitest";
import { FAST_POLL_MS, SLOW_POLL_MS } from "../../api/client";
import { chosen, goesOn, isMoving, KINDS, keyOf, named, type Operation, pause, queryOf, together } from "./rules";
import { untilWords } from "./until-words";

const one: Operation = {
  kind: "deferred",
  id: "7",
  type: "http_callback",
  title: "HTTP-вызов",
  status: "done",
  raw_status: "completed",
  progress: null,
  owner_id: 1,
  owner_name: null,
  attempts: 1,
  max_attempts: 3,
  created_at: "2026-01-01T00:00:00Z",
  started_at: null,
  completed_at: null,
  next_attempt_at: null,
  error: null,
  links: { self: { method: "GET", href: "/api/v1/tasks/7" }, cancel: null, retry: null, attempts: null },
};
const soon = new Date(Date.now() + 5_000).toISOString();
const late = new Date(Date.now() + 3_600_000).toISOString();

describe("the query of the list", () => {
  it("has what the address says, and whole days", () => {
    const query = queryOf(
      { kind: "saga,deferred,nonsense", status: "failed", from: "2026-01-31", to: "2026-01-31" },
      3,
    );
    expect(query).toMatchObject({ kind: ["deferred", "saga"], status: ["failed"], owner_id: 3 });
    expect(new Date(query.created_to ?? 0).getTime() - new Date(query.created_from ?? 0).getTime()).toBe(86_399_999);
  });
  it("asks for everything where the address says nothing", () => {
    expect(queryOf({}, undefined)).toEqual({ limit: 25 });
    expect(chosen(undefined, KINDS)).toEqual([]);
  });
});

describe("the pages", () => {
  const full = { items: Array.from({ length: 25 }, (_, number) => ({ ...one, id: String(number) })), next_cursor: "x" };
  it("go on by themselves until there is a screenful or the end", () => {
    expect(goesOn([{ items: [one], next_cursor: "x" }], 1)).toBe(true);
    expect(goesOn([{ items: [], next_cursor: null }], 1)).toBe(false);
    expect(goesOn([full], 1)).toBe(false);
    expect(goesOn([full], 2)).toBe(true);
    expect(goesOn(Array(8).fill({ items: [], next_cursor: "x" }), 1)).toBe(false);
  });
  it("have each operation once", () => {
    expect(together([{ items: [one] }, { items: [one, { ...one, kind: "long" }] }]).map(keyOf)).toEqual([
      "deferred:7",
      "long:7",
    ]);
  });
  it("are asked for often while something moves, and seldom when there are many", () => {
    const moving = { items: [{ ...one, status: "running" as const }] };
    expect(pause([{ items: [one] }])).toBe(SLOW_POLL_MS);
    expect(pause([moving])).toBe(FAST_POLL_MS);
    expect(pause(Array(5).fill(moving))).toBe(SLOW_POLL_MS);
  });
});

describe("what moves", () => {
  it("runs, waits for a turn, or is due soon", () => {
    expect(isMoving({ ...one, status: "waiting", next_attempt_at: soon })).toBe(true);
    expect(isMoving({ ...one, status: "waiting", next_attempt_at: late })).toBe(false);
    expect(isMoving({ ...one, kind: "background", status: "waiting" })).toBe(true);
    expect(isMoving({ ...one, status: "failed" })).toBe(false);
  });
});

describe("the name in the address", () => {
  it("is read back", () => {
    expect(named(keyOf(one))).toEqual({ kind: "deferred", id: "7" });
    expect(named("nonsense:7")).toBeUndefined();
    expect(named(undefined)).toBeUndefined();
  });
});

describe("how long it is until then", () => {
  it.each([
    [12_000, "en", "in 12 sec."],
    [12_000, "ru", "через 12 сек"],
    [300_000, "ru", "через 5 мин"],
    [4 * 3_600_000, "en", "in 4 hr."],
    [-50, "en", "now"],
    [-50, "ru", "сейчас"],
  ])("says %i ms in %s", (left, language, words) =>
    expect(untilWords(left, language)?.replace("\u00a0", " ").replace(/\.$/, "")).toBe(words.replace(/\.$/, "")),
  );
  it("leaves days to the calendar", () => expect(untilWords(90_000_000, "en")).toBeUndefined());
});
