/** Cron expressions in words; loaded with the first that is shown. */
import cronstrue from "cronstrue";
import "cronstrue/locales/en";
import "cronstrue/locales/ru";

const EVERY_DAY = ["*", "*", "*"];

/** What an expression of five fields says, e.g. "At 08:30, Monday through Friday"; undefined for what is none. */
export function cronWords(cron: string, language: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  // Said with fixed times only: "Every 15 minutes, every hour, every day" is more than one wants to read.
  const verbose =
    fields.slice(2).join() === EVERY_DAY.join() && fields.slice(0, 2).every((one) => /^[\d,]+$/.test(one));
  try {
    return cronstrue.toString(fields.join(" "), { locale: language, use24HourTimeFormat: true, verbose });
  } catch {
    return undefined; // while it is typed it is often none; the API says what is wrong with it
  }
}
