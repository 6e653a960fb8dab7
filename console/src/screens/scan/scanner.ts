/**
 * What a keyboard scanner types. It sends keys as a keyboard with the US layout would: a code ends with Enter or Tab, the
 * group separator of GS1 comes as Ctrl+] (or as the character itself). Where the computer has a Russian layout the
 * characters are wrong, and the positions of the keys give the right ones.
 */

import { GS, isSeparator } from "../../ui/code";

/** A key press of the browser. */
export interface Stroke {
  readonly key: string;
  readonly code: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
}

/** Milliseconds without a key after which what was typed so far is no scan. */
export const PAUSE = 1_000;
const SHORTEST = 1;

const PLAIN: Record<string, string> = {
  Minus: "-_",
  Equal: "=+",
  BracketLeft: "[{",
  BracketRight: "]}",
  Backslash: "\\|",
  Semicolon: ";:",
  Quote: "'\"",
  Backquote: "`~",
  Comma: ",<",
  Period: ".>",
  Slash: "/?",
  Space: "  ",
  Digit1: "1!",
  Digit2: "2@",
  Digit3: "3#",
  Digit4: "4$",
  Digit5: "5%",
  Digit6: "6^",
  Digit7: "7&",
  Digit8: "8*",
  Digit9: "9(",
  Digit0: "0)",
};

/** The character on the US layout. */
function onUsLayout({ key, code, shiftKey }: Stroke): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  return PLAIN[code]?.[shiftKey ? 1 : 0] ?? key;
}

/** The typed code, by the positions of the keys when the layout is Cyrillic. */
export function decode(strokes: readonly Stroke[]): string {
  const isCyrillic = strokes.some(({ key }) => /[а-яё]/i.test(key));
  return strokes.map((one) => (isSeparator(one) ? GS : isCyrillic ? onUsLayout(one) : one.key)).join("");
}

/** Collects key presses into codes. */
export class Scanner {
  #strokes: Stroke[] = [];
  #last = 0;

  constructor(private readonly onCode: (code: string) => void) {}

  /** Take a key press at a time in milliseconds; true when it belongs to a scan and may do nothing else. */
  take(stroke: Stroke, at: number): boolean {
    if (at - this.#last > PAUSE) this.#strokes = [];
    const isEnd = stroke.key === "Enter" || stroke.key === "Tab";
    if (isEnd && this.#strokes.length >= SHORTEST) {
      const code = decode(this.#strokes).trim();
      this.#strokes = [];
      if (code) this.onCode(code);
      return true;
    }
    if (!isSeparator(stroke) && (stroke.ctrlKey || stroke.key.length !== 1)) return false;
    if (stroke.key === " " && this.#strokes.length === 0) return false; // presses the button that has the focus
    this.#strokes.push(stroke);
    this.#last = at;
    return true;
  }
}
