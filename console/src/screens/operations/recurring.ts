/** When a schedule fires: what the form says, and what the API takes. */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export const UNITS = ["seconds", "minutes", "hours", "days"] as const;

export interface Recurring {
  readonly how: string;
  /** HH:mm */
  readonly time: string;
  readonly days: string[];
  readonly cron: string;
  readonly every: number | string;
  readonly unit: string;
}

/** The expression for a time on some days of the week; every day where none is chosen. */
export function dailyCron(time: string, days: readonly string[]): string {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const chosen = DAYS.filter((day) => days.includes(day));
  const isWeek = chosen.length === 0 || chosen.length === DAYS.length;
  return `${minute} ${hour} * * ${isWeek ? "*" : chosen.map((day) => day.toUpperCase()).join(",")}`;
}

/** `cron` or `rate`, as the API takes it. */
export function recurrenceOf({ how, time, days, cron, every, unit }: Recurring): { cron: string } | { rate: string } {
  if (how === "interval") return { rate: `${every} ${Number(every) === 1 ? unit.slice(0, -1) : unit}` };
  return { cron: how === "daily" ? dailyCron(time, days) : cron.trim() };
}
