/** Rules of reports: kinds of templates, their parameters, and the request body of a form. */
import type { Schema } from "../../api/client";
import type { Period } from "../../ui/dates";
import type { Tone } from "../../ui/status";

export type Report = Schema<"Report">;
export type Template = Schema<"Template">;
export type Format = "pdf" | "xlsx" | "csv";

export const FORMATS: readonly Format[] = ["pdf", "xlsx", "csv"];
/** Words for a period, as docs/reports.md has them. */
export const WORDS = [
  "yesterday",
  "today",
  "this_week",
  "last_week",
  "last_7_days",
  "this_month",
  "last_month",
  "last_30_days",
] as const;
export type Word = (typeof WORDS)[number];
export const [SALES, SHIFT, BATCH, TASKS] = [1, 2, 3, 4] as const;
const ABOUT_PRODUCTION: readonly number[] = [SHIFT, BATCH];
export const LIVE: readonly string[] = ["pending", "processing"];

/** The values of the form of a report. `period`: a word, "days", or "template" for the period of the template. */
export interface ReportValues {
  readonly template: string;
  readonly name: string;
  readonly period: string;
  readonly days: Period;
  readonly batch: string | null;
  /** The one work centre that a shift report is about. */
  readonly center: string | null;
  readonly format: Format;
  readonly recipients: string[];
}

export const MOODS: Record<Report["status"], Tone> = {
  pending: "waiting",
  processing: "running",
  completed: "good",
  failed: "bad",
  cancelled: "ended",
};

/** The parameters of a report or template; none when they are no object. */
export function parametersOf(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
export const isWord = (value: unknown): value is Word => WORDS.some((word) => word === value);
const isFormat = (value: unknown): value is Format => FORMATS.some((format) => format === value);

/** The parameters of a template; those of a built-in one are examples. */
export const ownParameters = (template: Template | undefined) =>
  template && !template.is_builtin ? parametersOf(template.parameters) : {};

/** Whether a template says itself for which days its reports are. */
export const namesPeriod = (template: Template | undefined) => {
  const own = ownParameters(template);
  return ["period", "month", "date_from"].some((name) => own[name] !== undefined && own[name] !== null);
};

/** The templates that roles may use: reports on production need the right to see production. */
export const usable = (templates: readonly Template[], roles: readonly string[]) =>
  roles.every((role) => role === "customer")
    ? templates.filter((template) => !ABOUT_PRODUCTION.includes(template.base_template_id))
    : templates;

/** The form as it is before anything is chosen. */
export const blank = (recipients: string[] = []): ReportValues => ({
  template: "",
  name: "",
  period: "yesterday",
  days: [null, null],
  batch: null,
  center: null,
  format: "pdf",
  recipients,
});

/** The form of what a report or a schedule asks for. */
export function valuesOf(asked: {
  readonly name?: unknown;
  readonly template_id?: unknown;
  readonly parameters?: unknown;
  readonly format?: unknown;
  readonly recipients?: unknown;
}): ReportValues {
  const given = asked.parameters;
  const parameters = typeof given === "string" ? parametersOf(given) : { ...(given as object | undefined) };
  return { ...blank(), ...valuesOfParameters(parameters), ...settled(asked, parameters) };
}

function settled(asked: Parameters<typeof valuesOf>[0], parameters: Record<string, unknown>): Partial<ReportValues> {
  const format = asked.format ?? parameters.format;
  const recipients = Array.isArray(asked.recipients) ? asked.recipients : [];
  return {
    template: asked.template_id === undefined ? "" : String(asked.template_id),
    name: textOf(asked.name) ?? "",
    format: isFormat(format) ? format : "pdf",
    recipients: recipients.filter((one) => typeof one === "string"),
  };
}

/** The part of the form that stands in the parameters. */
export function valuesOfParameters(parameters: Record<string, unknown>): Partial<ReportValues> {
  const month = textOf(parameters.period) ?? textOf(parameters.month);
  const [from, to] = [textOf(parameters.date_from) ?? null, textOf(parameters.date_to) ?? null];
  const named = { batch: textOf(parameters.batch_id) ?? null, center: textOf(parameters.work_center_id) ?? null };
  if (isWord(month)) return { ...named, period: month };
  if (month) return { ...named, period: "days", days: daysOf(month) };
  return from && to ? { ...named, period: "days", days: [from, to] } : { ...named, period: "template" };
}

/** The first and the last day of a month ("2026-02"). */
export function daysOf(month: string): Period {
  const [year, number] = month.split("-").map(Number);
  if (!year || !number) return [null, null];
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return [`${month}-01`, `${month}-${String(last).padStart(2, "0")}`];
}

/** The parameters that the form says. Words are seen from the time zone. */
export function parametersFrom(values: ReportValues, base: number | undefined, zone: string): Record<string, unknown> {
  if (base === BATCH) return values.batch ? { batch_id: values.batch } : {};
  const center = base === SHIFT && values.center ? { work_center_id: values.center } : {};
  if (values.period === "template") return center;
  if (values.period !== "days") return { ...center, period: values.period, time_zone: zone };
  const [from, to] = values.days;
  return { ...center, date_from: from, date_to: to ?? from };
}

/** The errors of the form by field, as keys of texts. */
export function missing(values: ReportValues, template: Template | undefined): Partial<Record<string, "needed">> {
  if (!template) return { template: "needed" };
  if (template.base_template_id === BATCH)
    return values.batch || ownParameters(template).batch_id ? {} : { batch: "needed" };
  if (values.period === "template")
    return namesPeriod(template) || template.base_template_id === TASKS ? {} : { period: "needed" };
  return values.period === "days" && !values.days[0] ? { days: "needed" } : {};
}
