import { expect, it } from "vitest";
import { dailyCron, recurrenceOf } from "./recurring";

it("writes a time on days of the week as cron", () => {
  expect(dailyCron("08:30", ["fri", "mon"])).toBe("30 8 * * MON,FRI");
  expect(dailyCron("00:05", [])).toBe("5 0 * * *");
});

it("takes what the form shows", () => {
  const given = { time: "08:00", days: [], cron: " 0 6 1 * * ", every: 1, unit: "hours" };
  expect(recurrenceOf({ ...given, how: "daily" })).toEqual({ cron: "0 8 * * *" });
  expect(recurrenceOf({ ...given, how: "expression" })).toEqual({ cron: "0 6 1 * *" });
  expect(recurrenceOf({ ...given, how: "interval" })).toEqual({ rate: "1 hour" });
  expect(recurrenceOf({ ...given, how: "interval", every: 10, unit: "minutes" })).toEqual({ rate: "10 minutes" });
});
