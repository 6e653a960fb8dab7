/** The columns of a file of batches: their names as the import knows them, and what a header lacks. */
import headings from "./headings.json";

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
const MORE_PRODUCTS = /^(?:products|продукты)([1-9][0-9]*)$/;

const KNOWN: readonly string[] = [...REQUIRED, ...OPTIONAL, ...PASSED_OVER];
const COLUMNS = new Map(Object.entries(headings).flatMap(([name, keys]) => keys.map((key) => [key, name])));

/** A heading as the import compares it: without case, blanks, punctuation and what stands in brackets. */
const keyOf = (cell: string) =>
  cell
    .replace(/\([^()]*\)|\[[^[\]]*\]/g, "")
    .toLowerCase()
    .replaceAll("№", "номер")
    .replaceAll("ё", "е")
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, "");

/** The name of the column that a heading names, or the heading. */
export function nameOf(cell: string): string {
  const key = keyOf(cell);
  const more = MORE_PRODUCTS.exec(key);
  return COLUMNS.get(key) ?? (more ? `products_${more[1]}` : cell.trim().toLowerCase());
}

/** Which columns a header lacks, and which of it are unknown. */
export function findings(header: readonly string[]) {
  const names = header.map(nameOf).filter((name) => name !== "");
  return {
    missing: REQUIRED.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !KNOWN.includes(name) && !name.startsWith("products_")),
  };
}
