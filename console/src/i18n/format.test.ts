import { expect, test } from "vitest";
import { bytesIn } from "./format";

test.each([
  ["ru", 1_536, "1,5 КБ"],
  ["ru", 10 * 1024 * 1024, "10 МБ"],
  ["en", 1_536, "1.5 KB"],
  ["en", 2_000_000, "1.9 MB"],
])("in %s %i bytes are %s", (language, value, words) => expect(bytesIn(language, value)).toBe(words));
