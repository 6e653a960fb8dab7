import { expect, test } from "vitest";
import { changeText } from "./change-text";

const say = (key: string) => key.toUpperCase();
const day = (value: string) => `day ${value}`;
const change = (field: string, from: unknown, to: unknown) => changeText({ field, from, to }, say, day);

test("values are written in the words of the user", () => {
  expect(change("status", "new", "assigned")).toBe("STATUS: NEW → ASSIGNED");
  expect(change("severity", "low", "critical")).toBe("SEVERITY: LOW → CRITICAL");
  expect(change("due_date", "2026-01-31", "2026-02-28")).toBe("DUE: day 2026-01-31 → day 2026-02-28");
  expect(change("assignee", { id: "1", name: "Вера" }, { id: "2", name: "Олег" })).toBe("ASSIGNEE: Вера → Олег");
});

test("what was not there before has only a new value, what is gone is changeText", () => {
  expect(change("location", null, "Этаж 3")).toBe("LOCATION: Этаж 3");
  expect(change("due_date", "2026-01-31", null)).toBe("DUE: day 2026-01-31 → NONE");
});

test("a field that is not known here is shown as the API names it", () => {
  expect(change("weight", 1, 2)).toBe("weight: 1 → 2");
});
