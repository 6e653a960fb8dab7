import { describe, expect, it } from "vitest";
import {
  blank,
  daysOf,
  missing,
  namesPeriod,
  parametersFrom,
  parametersOf,
  type Template,
  usable,
  valuesOf,
} from "./rules";

const template = (base: number, own: object | undefined = undefined): Template => ({
  id: own ? 100 : base,
  name: "Отчёт",
  description: "",
  base_template_id: base,
  parameters: JSON.stringify(own ?? { date_from: "2024-01-01", date_to: "2024-01-31" }),
  is_builtin: !own,
  created_at: null,
  updated_at: null,
});

describe("parameters", () => {
  it.each(["", "[1]", "null", "1", "{"])("of %j are none", (text) => expect(parametersOf(text)).toEqual({}));

  it("are what the form says", () => {
    const values = { ...blank(), batch: "b" };
    expect(parametersFrom(values, 3, "UTC")).toEqual({ batch_id: "b" });
    expect(parametersFrom(values, 2, "Europe/Moscow")).toEqual({ period: "yesterday", time_zone: "Europe/Moscow" });
    expect(parametersFrom({ ...values, period: "template" }, 2, "UTC")).toEqual({});
    const place = { ...values, center: "c", period: "template" };
    expect([1, 2].map((base) => parametersFrom(place, base, "UTC"))).toEqual([{}, { work_center_id: "c" }]);
    const days = { ...values, period: "days" };
    expect(parametersFrom({ ...days, days: ["2026-01-01", "2026-01-31"] }, 1, "UTC")).toEqual({
      date_from: "2026-01-01",
      date_to: "2026-01-31",
    });
    expect(parametersFrom({ ...days, days: ["2026-01-01", null] }, 1, "UTC")).toEqual({
      date_from: "2026-01-01",
      date_to: "2026-01-01",
    });
  });

  it.each([
    [{ period: "last_week", time_zone: "UTC" }, { period: "last_week" }],
    [{ month: "2024-02" }, { period: "days", days: ["2024-02-01", "2024-02-29"] }],
    [
      { date_from: "2024-01-01", date_to: "2024-01-02" },
      { period: "days", days: ["2024-01-01", "2024-01-02"] },
    ],
    [{ batch_id: "b" }, { batch: "b" }],
    [
      { work_center_id: "c", period: "today" },
      { center: "c", period: "today" },
    ],
    [{}, { period: "template" }],
  ])("%j fill the form", (parameters, expected) => {
    const asked = { name: "Смены", template_id: 2, format: "xlsx", recipients: ["a@b.ru", 1] };
    for (const given of [parameters, JSON.stringify(parameters)]) {
      const read = valuesOf({ ...asked, parameters: given });
      expect(read).toMatchObject({ ...expected, name: "Смены", template: "2", format: "xlsx", recipients: ["a@b.ru"] });
    }
  });

  it("of a month are its days", () => {
    expect(daysOf("2026-12")).toEqual(["2026-12-01", "2026-12-31"]);
    expect(daysOf("soon")).toEqual([null, null]);
  });
});

describe("a template", () => {
  it("of one's own may name the period, a built-in one has examples", () => {
    expect(namesPeriod(template(2))).toBe(false);
    expect(namesPeriod(template(2, { period: "yesterday" }))).toBe(true);
    expect(namesPeriod(template(2, { period: null }))).toBe(false);
  });

  it("on production is not for who is a customer alone", () => {
    const all = [1, 2, 3, 4].map((base) => template(base));
    expect(usable(all, ["customer"]).map(({ id }) => id)).toEqual([1, 4]);
    expect(usable(all, ["customer", "engineer"])).toHaveLength(4);
  });
});

describe("what is missing", () => {
  it("is the template, the batch, the days", () => {
    expect(missing(blank(), undefined)).toEqual({ template: "needed" });
    expect(missing(blank(), template(3))).toEqual({ batch: "needed" });
    expect(missing({ ...blank(), batch: "b" }, template(3))).toEqual({});
    expect(missing(blank(), template(3, { batch_id: "b" }))).toEqual({});
    expect(missing(blank(), template(2))).toEqual({});
    expect(missing({ ...blank(), period: "days" }, template(2))).toEqual({ days: "needed" });
    expect(missing({ ...blank(), period: "template" }, template(2))).toEqual({ period: "needed" });
    expect(missing({ ...blank(), period: "template" }, template(4))).toEqual({});
  });
});
