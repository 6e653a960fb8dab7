/** Cron expressions in words; loaded on first use. */
import cronstrue from "cronstrue";
import "cronstrue/locales/en";
import "cronstrue/locales/ru";

const EVERY_DAY = ["*", "*", "*"];

/** Return the words of an expression of five fields, e.g. "At 08:30, Monday through Friday"; undefined when invalid. */
export function cronWords(cron: string, language: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  // Only with fixed times: "Every 15 minutes, every hour, every day" repeats itself.
  const verbose =
    fields.slice(2).join() === EVERY_DAY.join() && fields.slice(0, 2).every((one) => /^[\d,]+$/.test(one));
  try {
    return cronstrue.toString(fields.join(" "), { locale: language, use24HourTimeFormat: true, verbose });
  } catch {
    return undefined; // often invalid while it is typed; the API returns the error
  }
}
