/** When a schedule fires, as people say it, and as a cron expression. */

export const REPEATS = ["daily", "workdays", "weekly", "monthly", "cron"] as const;
export type Repeat = (typeof REPEATS)[number];

export interface Timing {
  readonly repeat: Repeat;
  /** Hours and minutes, 08:00. */
  readonly time: string;
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: string;
  readonly day: number;
  /** The expression itself, where none of the others says it. */
  readonly cron: string;
}

export const MORNING: Timing = { repeat: "daily", time: "08:00", weekday: "1", day: 1, cron: "0 8 * * *" };
export const WEEKDAYS: readonly string[] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/** The cron expression; undefined while no time is chosen. */
export function cronOf({ repeat, time, weekday, day, cron }: Timing): string | undefined {
  if (repeat === "cron") return cron.trim() || undefined;
  const [, hour, minute] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const at = `${Number(minute)} ${Number(hour)}`;
  if (repeat === "workdays") return `${at} * * MON-FRI`;
  if (repeat === "weekly") return `${at} * * ${WEEKDAYS[Number(weekday) - 1] ?? "MON"}`;
  return repeat === "monthly" ? `${at} ${day} * *` : `${at} * * *`;
}

/** The way to say an expression; the expression itself where there is none. */
export function timingOf(cron: string): Timing {
  const free: Timing = { ...MORNING, repeat: "cron", cron };
  const [, minute, hour, day, weekday] = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[A-Z1-7-]+)$/.exec(cron) ?? [];
  if (minute === undefined || hour === undefined || day === undefined || weekday === undefined) return free;
  const timing = { ...free, time: `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` };
  if (day !== "*") return weekday === "*" ? { ...timing, repeat: "monthly", day: Number(day) } : free;
  if (weekday === "*") return { ...timing, repeat: "daily" };
  if (weekday === "MON-FRI" || weekday === "1-5") return { ...timing, repeat: "workdays" };
  const number = WEEKDAYS.indexOf(weekday) + 1 || Number(weekday);
  return number >= 1 && number <= 7 ? { ...timing, repeat: "weekly", weekday: String(number) } : free;
}

/** The time zones there are, that of the browser first. */
export function timeZones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([own, "UTC", ...Intl.supportedValuesOf("timeZone")])];
}
