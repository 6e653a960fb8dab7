import { expect, test } from "vitest";
import { codesOf } from "./codes";

test("codes are one a line, blanks around them and empty lines are dropped, repetitions are counted", () => {
  expect(codesOf(" A-1 \r\nA-2\n\n\tA-1\rA-3")).toEqual({
    codes: ["A-1", "A-2", "A-3"],
    repeated: 1,
    tooLong: undefined,
  });
});

test("group separators stay in the code", () => {
  expect(codesOf("010460\u001d21ABC\u001d93x\n").codes).toEqual(["010460\u001d21ABC\u001d93x"]);
});

test("a line that is no code is named", () => {
  expect(codesOf(`A\n${"x".repeat(201)}`).tooLong).toBe(2);
  expect(codesOf("x".repeat(200)).tooLong).toBeUndefined();
});
