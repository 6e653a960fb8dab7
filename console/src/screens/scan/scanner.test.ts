import { expect, test } from "vitest";
import { GS } from "../../ui/code";
import { decode, PAUSE, Scanner, type Stroke } from "./scanner";

const stroke = (key: string, code = "", held: Partial<Stroke> = {}): Stroke => ({
  key,
  code,
  shiftKey: false,
  ctrlKey: false,
  ...held,
});
const typed = (text: string) => [...text].map((key) => stroke(key));

function scanned(...bursts: { readonly at: number; readonly strokes: readonly Stroke[] }[]) {
  const codes: string[] = [];
  const scanner = new Scanner((code) => codes.push(code));
  for (const { at, strokes } of bursts) for (const [i, one] of strokes.entries()) scanner.take(one, at + i);
  return codes;
}

test.each(["Enter", "Tab"])("a code ends with %s", (end) => {
  expect(scanned({ at: 0, strokes: [...typed("PROD-001"), stroke(end)] })).toEqual(["PROD-001"]);
});

test("signs of a DataMatrix come as they are", () => {
  const code = "0104607\"'<>&+%=/|21ab!$";
  expect(scanned({ at: 0, strokes: [...typed(code), stroke("Enter")] })).toEqual([code]);
});

test.each([stroke("]", "BracketRight", { ctrlKey: true }), stroke(GS), stroke("ъ", "BracketRight", { ctrlKey: true })])(
  "the group separator comes as Ctrl+] or as itself",
  (separator) => {
    expect(decode([...typed("0104607"), separator, ...typed("91")])).toBe(`0104607${GS}91`);
  },
);

test("a Russian layout is taken for the US layout of the scanner", () => {
  const strokes = [
    stroke("З", "KeyP", { shiftKey: true }),
    stroke("к", "KeyR"),
    stroke("ж", "Semicolon"),
    stroke('"', "Digit2", { shiftKey: true }),
    stroke(".", "Slash"),
    stroke("7", "Digit7"),
  ];
  expect(decode(strokes)).toBe("Pr;@/7");
});

test("keys that come too late begin anew, and an end without a code is ignored", () => {
  const codes = scanned(
    { at: 0, strokes: typed("12") },
    { at: PAUSE + 10, strokes: [...typed("34"), stroke("Enter")] },
    { at: 3 * PAUSE, strokes: [stroke("Enter")] },
  );
  expect(codes).toEqual(["34"]);
});

test("other keys and shortcuts are left to the page", () => {
  const scanner = new Scanner(() => expect.unreachable());
  for (const one of [stroke("F11"), stroke("c", "KeyC", { ctrlKey: true }), stroke(" ", "Space"), stroke("Shift")])
    expect(scanner.take(one, 0)).toBe(false);
});
