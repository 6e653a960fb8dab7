import { describe, expect, it } from "vitest";
import { rateOf } from "./cron";
import { cronWords } from "./cron-words";

describe("cron in words", () => {
  it.each([
    ["30 8 * * MON-FRI", "ru", "В 08:30, с понедельника по пятницу"],
    ["30 8 * * 1-5", "en", "At 08:30, Monday through Friday"],
    ["0 8 * * *", "ru", "В 08:00, каждый день"],
    ["0 8,20 * * *", "en", "At 08:00 and 20:00, every day"],
    ["*/15 * * * *", "ru", "Каждые 15 минут"],
    ["0 6 1 * *", "en", "At 06:00, on day 1 of the month"],
  ])("says %s in %s", (cron, language, words) => expect(cronWords(cron, language)).toBe(words));

  it.each(["", "0 8", "0 8 * * * *", "0 25 * * *", "a b c d e"])("says nothing of %j", (cron) =>
    expect(cronWords(cron, "en")).toBeUndefined(),
  );
});

describe("a rate", () => {
  it("is a number and a unit", () => {
    expect(rateOf("5 minutes")).toEqual({ count: 5, unit: "minute" });
    expect(rateOf("1 hour")).toEqual({ count: 1, unit: "hour" });
    expect(rateOf("5 weeks")).toBeUndefined();
  });
});
