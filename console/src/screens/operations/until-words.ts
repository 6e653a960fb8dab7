const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** "in 12 s", "in 5 min", "in 3 h"; "now" for what is due; undefined for what is more than a day ahead. */
export function untilWords(milliseconds: number, language: string): string | undefined {
  if (milliseconds >= DAY) return undefined;
  const write = new Intl.RelativeTimeFormat(language, {
    style: "short",
    numeric: milliseconds < SECOND ? "auto" : "always",
  });
  if (milliseconds < SECOND) return write.format(0, "second");
  if (milliseconds < 2 * MINUTE) return write.format(Math.round(milliseconds / SECOND), "second");
  if (milliseconds < 120 * MINUTE) return write.format(Math.round(milliseconds / MINUTE), "minute");
  return write.format(Math.round(milliseconds / (60 * MINUTE)), "hour");
}

/** How long something took: "0.3 s", "12 s", "3 min". */
export function lasting(from: string, to: string, language: string): string {
  const milliseconds = Math.max(0, new Date(to).getTime() - new Date(from).getTime());
  const isShort = milliseconds < 2 * MINUTE;
  const write = new Intl.NumberFormat(language, {
    style: "unit",
    unit: isShort ? "second" : "minute",
    unitDisplay: "short",
    maximumFractionDigits: milliseconds < 10 * SECOND ? 1 : 0,
  });
  return write.format(milliseconds / (isShort ? SECOND : MINUTE));
}
