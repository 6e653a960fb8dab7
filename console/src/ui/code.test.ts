import { expect, test } from "vitest";
import { isSeparator, shownCode, typedCode } from "./code";

test("a separator is shown as a sign and read back from it", () => {
  const code = "0104600439931256\u001d93Zq7K";
  expect(shownCode(code)).toBe("0104600439931256<GS>93Zq7K");
  expect(typedCode(` ${shownCode(code)}\n`)).toBe(code);
  expect(typedCode("0104600439931256␝93Zq7K")).toBe(code);
  expect(typedCode(code)).toBe(code);
});

test("Ctrl and a closing bracket are a separator, a bracket alone is not", () => {
  expect(isSeparator({ key: "]", code: "BracketRight", ctrlKey: true })).toBe(true);
  expect(isSeparator({ key: "ъ", code: "BracketRight", ctrlKey: true })).toBe(true);
  expect(isSeparator({ key: "\u001d", code: "", ctrlKey: false })).toBe(true);
  expect(isSeparator({ key: "]", code: "BracketRight", ctrlKey: false })).toBe(false);
});
