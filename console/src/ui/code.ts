/** Codes as people see them: the group separator of GS1, which has no shape, is written ␝, and read back from it. */
export const GS = "\u001d";
const SIGN = "␝";

/** A code to be shown. */
export const shownCode = (code: string) => code.replaceAll(GS, SIGN);

/** The code that was typed or pasted, with the sign or with the separator itself. */
export const typedCode = (text: string) => text.replaceAll(SIGN, GS).trim();

/** Whether a key press is a separator: scanners send it as Ctrl+] or as the character. */
export const isSeparator = ({ key, code, ctrlKey }: { key: string; code: string; ctrlKey: boolean }) =>
  key === GS || (ctrlKey && (code === "BracketRight" || key === "]"));
