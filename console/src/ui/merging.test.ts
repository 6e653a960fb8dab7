import { expect, test } from "vitest";
import { changed, differences, merged } from "./merging";

const base = { team: "A", shift: "1", plan: 10 as number | null, note: "x" };

test("what a form has changed is sent, and nothing else", () => {
  expect(changed(base, { ...base, team: "B" })).toEqual({ team: "B" });
  expect(changed(base, { ...base, plan: null })).toEqual({ plan: null });
  expect(changed(base, { ...base })).toEqual({});
});

test("only fields that another user has changed are in question", () => {
  const mine = { ...base, team: "B" };
  const theirs = { ...base, shift: "2" };
  expect(differences(base, mine, theirs)).toEqual([{ name: "shift", mine: "1", theirs: "2", both: false }]);
});

test("a field that both have changed to the same is not in question", () => {
  expect(differences(base, { ...base, team: "B" }, { ...base, team: "B" })).toEqual([]);
});

test("a field that both have changed is to be chosen", () => {
  const mine = { ...base, team: "B" };
  const theirs = { ...base, team: "C" };
  expect(differences(base, mine, theirs)).toEqual([{ name: "team", mine: "B", theirs: "C", both: true }]);
  expect(merged(base, mine, theirs, { team: "mine" }).team).toBe("B");
  expect(merged(base, mine, theirs, { team: "theirs" }).team).toBe("C");
});

test("what only they have changed stays theirs, unless the user wants it back", () => {
  const mine = { ...base, team: "B" };
  const theirs = { ...base, shift: "2", plan: 20 };
  expect(merged(base, mine, theirs, {})).toEqual({ team: "B", shift: "2", plan: 20, note: "x" });
  expect(merged(base, mine, theirs, { shift: "mine" })).toEqual({ team: "B", shift: "1", plan: 20, note: "x" });
});
