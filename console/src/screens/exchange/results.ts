/** The results of import and export tasks, which the API describes only in words. */
import type { Task } from "../../ui/task";

export interface RowError {
  readonly id: string;
  readonly row: number;
  readonly column: string | null;
  readonly error: string;
  /** What stands in the file, unless the error is about the whole row. */
  readonly value: string | undefined;
}

/** The errors of a result, each with a name of its own: a row may have several. */
export function errorsIn(task: Pick<Task, "result">): RowError[] {
  const given: unknown = task.result?.errors;
  if (!Array.isArray(given)) return [];
  return given.map((one: Record<string, unknown>, index) => ({
    id: String(index),
    row: Number(one.row),
    column: typeof one.column === "string" && one.column !== "" ? one.column : null,
    error: String(one.error ?? ""),
    value: typeof one.value === "string" ? one.value : undefined,
  }));
}

/** The name of the file that a task was given; for an export, of its kind. */
export function fileOf({ params }: Pick<Task, "params">): string {
  const format = typeof params.format === "string" ? params.format : "";
  return typeof params.name === "string" ? `${params.name}.${format}` : format;
}

/** How the file with the rows that failed is saved. */
export function errorsFileOf({ params, result }: Pick<Task, "params" | "result">): string {
  const name = typeof params.name === "string" ? params.name : "import";
  return `${name}-errors.${result?.format === "csv" ? "csv" : "xlsx"}`;
}

/** The filters of an export, by the names of the list of batches. */
export function filtersIn({ params }: Pick<Task, "params">): Readonly<Record<string, unknown>> {
  const { filters } = params;
  return typeof filters === "object" && filters !== null ? { ...filters } : {};
}
