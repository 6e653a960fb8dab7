import { expect, test } from "vitest";
import { faultOf } from "./title-field";

test.each([
  ["  ", "required"],
  ["Скол", undefined],
  [`${"Ы".repeat(200)} `, undefined],
  ["😀".repeat(200), undefined],
  ["Ы".repeat(201), "titleTooLong"],
])("%j is %s", (title, fault) => expect(faultOf(title)).toBe(fault));
