/** Numbers, dates and times as the user's language writes them. */
import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime";
import { useTranslation } from "react-i18next";

dayjs.extend(relativeTime);

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * KILOBYTE;

type When = string | null | undefined;

/** Functions that format values in the current language; "—" for a missing value. Times are in the browser's zone. */
export function useFormat() {
  const { language } = useTranslation().i18n;
  const format = (value: When, options: Intl.DateTimeFormatOptions) =>
    value ? new Intl.DateTimeFormat(language, options).format(new Date(value)) : "—";
  return {
    number: (value: number | null | undefined, digits = 0) =>
      value == null ? "—" : new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
    percent: (value: number | null | undefined) =>
      value == null
        ? "—"
        : new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value / 100),
    money: (value: number | null | undefined) =>
      value == null
        ? "—"
        : new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value),
    bytes: (value: number) => bytesIn(language, value),
    /** A calendar day as the API has it (2026-01-31), not moved by time zones. */
    day: (value: When) =>
      value
        ? new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(
            new Date(value.slice(0, 10)),
          )
        : "—",
    /** The same without the year. */
    shortDay: (value: When) =>
      value
        ? new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" }).format(
            new Date(value.slice(0, 10)),
          )
        : "—",
    time: (value: When, timeZone?: string) => format(value, { dateStyle: "short", timeStyle: "short", timeZone }),
    exact: (value: When) => format(value, { dateStyle: "medium", timeStyle: "medium" }),
    clock: (value: When) => format(value, { hour: "2-digit", minute: "2-digit" }),
    ago: (value: When) => (value ? dayjs(value).locale(language).fromNow() : "—"),
  };
}

/** A size of a file, in units of 1024, as the limits for files are meant. */
export function bytesIn(language: string, value: number): string {
  const isSmall = value < MEGABYTE;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(
    value / (isSmall ? KILOBYTE : MEGABYTE),
  );
  const [small, large] = language === "ru" ? ["КБ", "МБ"] : ["KB", "MB"];
  return `${number} ${isSmall ? small : large}`;
}

/** How inputs for numbers are written in the current language; a comma and a point both begin the decimals. */
export function useNumberInput() {
  const isRussian = useTranslation().i18n.language === "ru";
  return {
    thousandSeparator: isRussian ? "\u00a0" : ",",
    decimalSeparator: isRussian ? "," : ".",
    allowedDecimalSeparators: [",", "."],
  };
}
