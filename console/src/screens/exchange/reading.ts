/** The preview of a file before it is sent. Only the API decides how it is imported. */
import { nameOf, REQUIRED } from "./columns";

/** A row of texts; blank rows count, as they do for the API. */
type Row = readonly string[];

export interface Sheet {
  readonly header: Row;
  /** The first rows, numbered from 1 as in the errors of the API. */
  readonly rows: readonly Row[];
  readonly total: number;
  readonly encoding?: string;
  readonly delimiter?: string;
}

const KEPT = 5_000; // rows, of which errors show the values
const LARGE_WORKBOOK = 2_000_000; // bytes: unpacking more would block the page
const HEADER_ROWS = 30; // that are not blank, in which the header is searched
const MOST_COLUMNS = 200;
const DELIMITERS = [";", ",", "\t"];
const SEPARATOR = /^\s*"?sep=([^"\r\n])"?[^\S\r\n]*(?:\r\n?|\n|$)/i;

/** Read the start of a file; undefined when it cannot be read here: the check by the API names the reason. */
export async function look(file: File): Promise<Sheet | undefined> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (/\.(csv|txt|tsv)$/i.test(file.name)) return readCsv(bytes);
  if (bytes.length > LARGE_WORKBOOK || !/\.xls[xm]$/i.test(file.name)) return undefined;
  return readWorkbook(bytes).catch(() => undefined); // damaged or locked with a password: the API names the reason
}

/** The text of a csv file and its encoding; undefined for bytes that are no text. */
export function decode(bytes: Uint8Array): { readonly text: string; readonly encoding: string } | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodedAs("utf-16le", bytes);
  if (first === 0xfe && second === 0xff) return decodedAs("utf-16be", bytes);
  if (bytes.subarray(0, 4_096).includes(0)) return undefined;
  return decodedAs("utf-8", bytes) ?? decodedAs("windows-1251", bytes);
}

function decodedAs(encoding: string, bytes: Uint8Array) {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding: encoding.toUpperCase() };
  } catch {
    return undefined; // it has bytes that this encoding has not
  }
}

/** The rows of a csv file, split as a line `sep=` says, or else as its header shows. */
export async function readCsv(bytes: Uint8Array): Promise<Sheet | undefined> {
  const decoded = decode(bytes);
  if (!decoded) return undefined;
  const { default: papa } = await import("papaparse");
  const said = SEPARATOR.exec(decoded.text);
  const text = said ? decoded.text.slice(said[0].length) : decoded.text;
  const sheet = new Collector();
  const startBy = (delimiter: string) =>
    papa.parse<string[]>(text, { delimiter, preview: HEADER_ROWS, skipEmptyLines: "greedy" }).data;
  const delimiter = said?.[1] ?? mostTelling(startBy);
  papa.parse<string[]>(text, { delimiter, step: ({ data }) => sheet.add(data) });
  const found = sheet.sheet();
  return found && { ...found, encoding: decoded.encoding, delimiter };
}

/** The delimiter that makes most columns of batches of a header, or else most columns. */
function mostTelling(startBy: (delimiter: string) => readonly Row[]): string {
  const score = (delimiter: string) =>
    Math.max(0, ...startBy(delimiter).map((row) => knownIn(row) * 1_000 + row.length));
  return DELIMITERS.reduce((best, one) => (score(one) > score(best) ? one : best));
}

/** The sheet of a workbook that has the columns of batches, or its first one. */
export async function readWorkbook(bytes: Uint8Array): Promise<Sheet | undefined> {
  const [{ default: read }, { unzipSync, zipSync }] = await Promise.all([
    import("read-excel-file/universal"),
    import("fflate"),
  ]);
  // The reader unpacks large parts in workers made of texts, which the policy of the page forbids: give it none that is packed.
  const parts = unzipSync(bytes, { filter: ({ name }) => /\.(xml|rels)$/i.test(name) });
  const plain = new Blob([new Uint8Array(zipSync(parts, { level: 0 }))]);
  const sheets = (await read(plain, { parseNumber: (text) => text })).map(({ data }) => {
    const sheet = new Collector();
    for (const row of data) sheet.add(row.map(written));
    return sheet.sheet();
  });
  return sheets.find((sheet) => sheet && knownIn(sheet.header) > 0) ?? sheets.find((sheet) => sheet !== undefined);
}

const knownIn = (header: Row) => {
  const names = new Set(header.slice(0, MOST_COLUMNS).map(nameOf));
  return REQUIRED.filter((name) => names.has(name)).length;
};

/** A cell of a workbook as a text; a date without a time as a day. */
function written(cell: unknown): string {
  if (cell instanceof Date) return cell.toISOString().replace(/T00:00:00\.000Z$|\.000(?=Z$)/, "");
  return cell === null || cell === undefined ? "" : String(cell);
}

/**
 * Takes rows one by one: the header is the first with the required columns, or else the first that is not blank; blank
 * ones at the end do not count.
 */
class Collector {
  private start: Row[] = [];
  private header: Row | undefined;
  private readonly rows: Row[] = [];
  private seen = 0;
  private total = 0;

  add(row: Row) {
    if (this.header) {
      this.keep(row);
    } else if (!isBlank(row) && knownIn(row) === REQUIRED.length) {
      this.header = withoutBlankEnd(row);
      this.start = [];
    } else if (this.start.length > 0 || !isBlank(row)) {
      this.start.push(row);
      if (this.start.length === HEADER_ROWS) this.begin();
    }
  }

  sheet(): Sheet | undefined {
    if (!this.header) this.begin();
    const { header, rows, total } = this;
    return header && { header, rows: rows.slice(0, total), total };
  }

  /** Take the first row for the header. */
  private begin() {
    const [first, ...others] = this.start;
    this.start = [];
    this.header = first && withoutBlankEnd(first);
    for (const row of others) this.keep(row);
  }

  private keep(row: Row) {
    this.seen += 1;
    if (this.rows.length < KEPT) this.rows.push(row);
    if (!isBlank(row)) this.total = this.seen;
  }
}

const isBlank = (row: Row) => row.every((cell) => cell.trim() === "");

function withoutBlankEnd(row: Row) {
  const last = row.findLastIndex((cell) => cell.trim() !== "");
  return row.slice(0, last + 1);
}

/**
 * The value in the file at an error: "" for a blank cell, undefined when unknown. An error without a
 * column is about the whole row, which its number and date name.
 */
export function valueAt(sheet: Sheet | undefined, row: number, column: string | null): string | undefined {
  if (!sheet) return undefined;
  if (column === null) {
    const names = ["batch_number", "batch_date"].map((name) => valueAt(sheet, row, name));
    return names.filter(Boolean).join(" · ") || undefined;
  }
  const index = sheet.header.findIndex((cell) => nameOf(cell) === column);
  const cells = sheet.rows[row - 1];
  return index < 0 || !cells ? undefined : (cells[index] ?? "").trim();
}
