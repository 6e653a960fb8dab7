/** Pasted codes, one a line. A code may contain group separators (GS): only line ends separate codes. */

export const MAX_CODES = 100_000;
const MAX_LENGTH = 200;

export interface Codes {
  readonly codes: readonly string[];
  readonly repeated: number;
  /** The number of the first line that is too long for a code, from 1. */
  readonly tooLong: number | undefined;
}

export function codesOf(pasted: string): Codes {
  const lines = pasted.split(/\r\n|\r|\n/).map((line) => line.replace(/^[ \t]+|[ \t]+$/g, ""));
  const filled = lines.filter((line) => line !== "");
  const codes = [...new Set(filled)];
  const long = lines.findIndex((line) => line.length > MAX_LENGTH);
  return { codes, repeated: filled.length - codes.length, tooLong: long < 0 ? undefined : long + 1 };
}
