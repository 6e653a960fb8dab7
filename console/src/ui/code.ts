/** Display of codes: the invisible group separator of GS1 is written <GS>, and read from <GS> and from ␝. */
export const GS = "\u001d";
const SIGN = "<GS>";
const SIGNS = /<GS>|␝/g;

/** A code as a text, e.g. in a field; on a page it is a `<Code>`. */
export const shownCode = (code: string) => code.replaceAll(GS, SIGN);

/** The code that was typed or pasted, with a sign or with the separator itself. */
export const typedCode = (text: string) => text.replaceAll(SIGNS, GS).trim();

/** Whether a key press is a separator: scanners send it as Ctrl+] or as the character. */
export const isSeparator = ({ key, code, ctrlKey }: { key: string; code: string; ctrlKey: boolean }) =>
  key === GS || (ctrlKey && (code === "BracketRight" || key === "]"));
