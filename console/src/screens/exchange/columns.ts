/** The columns of a file of batches: their names as the import knows them, and what a header lacks. */

export const REQUIRED = [
  "batch_number",
  "batch_date",
  "nomenclature",
  "ekn_code",
  "shift",
  "team",
  "task_description",
  "shift_start",
  "shift_end",
  "work_center_identifier",
] as const;
export const OPTIONAL = ["work_center_name", "planned_quantity", "products", "is_closed", "closed_at"] as const;

/** Further columns of an export and of the file of failed rows, which an import ignores. */
const PASSED_OVER = ["uuid", "created_at", "updated_at", "error"];
const MORE_PRODUCTS = /^products_[1-9][0-9]*$/;

const KNOWN: readonly string[] = [...REQUIRED, ...OPTIONAL, ...PASSED_OVER];

/** A name of a column as the import compares it. */
export const nameOf = (cell: string) => cell.trim().toLowerCase();

/** Which columns a header lacks, and which of it are unknown. */
export function findings(header: readonly string[]) {
  const names = header.map(nameOf).filter((name) => name !== "");
  return {
    missing: REQUIRED.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !KNOWN.includes(name) && !MORE_PRODUCTS.test(name)),
  };
}
