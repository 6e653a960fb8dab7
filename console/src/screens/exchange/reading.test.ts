import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import { findings, REQUIRED } from "./columns";
import { decode, readCsv, readWorkbook, valueAt } from "./reading";

const TEXT = 'batch_number;nomenclature;products\n1;Болт М8;"[""A"", ""B""]"\n\n2;"Гайка; М8";\n\n';
const cp1251 = (text: string) =>
  Uint8Array.from(
    [...text].map((sign) => (sign >= "А" && sign <= "я" ? sign.charCodeAt(0) - 0x350 : sign.charCodeAt(0))),
  );
const utf16 = (text: string) => {
  const units = [0xfeff, ...[...text].map((sign) => sign.charCodeAt(0))];
  return Uint8Array.from(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
};

test.each([
  ["UTF-8", strToU8(TEXT)],
  ["UTF-8", strToU8(`\ufeff${TEXT}`)],
  ["WINDOWS-1251", cp1251(TEXT)],
  ["UTF-16LE", utf16(TEXT)],
])("a csv in %s is read, blank rows counted and those at the end not", async (encoding, bytes) => {
  expect(await readCsv(bytes)).toEqual({
    header: ["batch_number", "nomenclature", "products"],
    rows: [["1", "Болт М8", '["A", "B"]'], [""], ["2", "Гайка; М8", ""]],
    total: 3,
    encoding,
    delimiter: ";",
  });
});

test.each([
  ["a,b,c\n1,2,3\n", ","],
  ["a\tb\tc\n1\t2\t3\n", "\t"],
  ["sep=|\na|b|c\n1|2|3\n", "|"],
])("%j is split where it says or shows", async (text, delimiter) => {
  const sheet = await readCsv(strToU8(text));
  expect([sheet?.header, sheet?.rows, sheet?.delimiter]).toEqual([["a", "b", "c"], [["1", "2", "3"]], delimiter]);
});

test("lists of codes with commas do not mislead", async () => {
  const lines = ["batch_number;team;products", '1;А;"[""A"", ""B"", ""C""]"', '2;Б;"[""D"", ""E"", ""F""]"', ""];
  expect((await readCsv(strToU8(lines.join("\r\n"))))?.rows[1]).toEqual(["2", "Б", '["D", "E", "F"]']);
});

test("what is no text is not read, and neither is a file without rows", async () => {
  expect(decode(Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]))).toBeUndefined();
  expect(await readCsv(strToU8("\n \n"))).toBeUndefined();
});

test("the sheet with the columns is found in a workbook, however well it is packed", async () => {
  const cells = (row: number, ...texts: string[]) => {
    const written = texts.map((text, place) => `<c r="${"AB"[place]}${row}" t="inlineStr"><is><t>${text}</t></is></c>`);
    return `<row r="${row}">${written.join("")}</row>`;
  };
  const many = Array.from({ length: 9_000 }, (_, row) => cells(row + 2, String(row), "Болт")).join("");
  const sheet = (rows: string) => strToU8(`<worksheet><sheetData>${rows}</sheetData></worksheet>`);
  const types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const book = zipSync({
    "xl/workbook.xml": strToU8(
      `<workbook xmlns:r="${types}"><sheets><sheet name="Лист1" sheetId="1" r:id="r1"/><sheet name="Партии" sheetId="2" r:id="r2"/></sheets></workbook>`,
    ),
    "xl/_rels/workbook.xml.rels": strToU8(
      `<Relationships><Relationship Id="r1" Type="${types}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${types}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`,
    ),
    "xl/worksheets/sheet1.xml": sheet(cells(1, "Заметки")),
    "xl/worksheets/sheet2.xml": sheet(cells(1, "batch_number", "nomenclature") + many),
  });
  const read = await readWorkbook(book);
  expect([read?.header, read?.rows[1], read?.total]).toEqual([["batch_number", "nomenclature"], ["1", "Болт"], 9_000]);
});

test("a header is compared with the columns of an import", () => {
  expect(findings([...REQUIRED, " Products ", "products_2", "error"])).toEqual({ missing: [], unknown: [] });
  expect(findings(["batch_number", "Партия", "Примечание"]).unknown).toEqual(["примечание"]);
  expect(findings(["№ партии", "ДатаПартии", "Продукты 2"])).toEqual({ missing: REQUIRED.slice(2), unknown: [] });
  expect(findings(["batch_number"]).missing).toEqual(REQUIRED.slice(1));
});

test("an error shows what stands in the file at its place", () => {
  const sheet = { header: ["a", " B "], rows: [["1", "2"]], total: 1 };
  expect(valueAt(sheet, 1, "b")).toBe("2");
  expect([valueAt(sheet, 2, "b"), valueAt(sheet, 1, "c"), valueAt(sheet, 1, null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("a blank cell is told from one that is not known, and an error of a whole row shows which batch it is", () => {
  const sheet = { header: ["batch_number", "batch_date", "team"], rows: [["7", "2025-01-20", " "], ["8"]], total: 2 };
  expect([valueAt(sheet, 1, "team"), valueAt(sheet, 2, "team"), valueAt(sheet, 3, "team")]).toEqual([
    "",
    "",
    undefined,
  ]);
  expect([valueAt(sheet, 1, null), valueAt(sheet, 2, null)]).toEqual(["7 · 2025-01-20", "8"]);
});
