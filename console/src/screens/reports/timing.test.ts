import { describe, expect, it } from "vitest";
import { cronOf, MORNING, timeZones, timingOf } from "./timing";

describe("a time that comes again", () => {
  it.each([
    [{}, "0 8 * * *"],
    [{ time: "08:30", repeat: "workdays" as const }, "30 8 * * MON-FRI"],
    [{ repeat: "weekly" as const, weekday: "7" }, "0 8 * * SUN"],
    [{ repeat: "monthly" as const, day: 15, time: "23:05" }, "5 23 15 * *"],
  ])("%j is the expression %s, and back", (chosen, cron) => {
    const timing = { ...MORNING, ...chosen };
    expect(cronOf(timing)).toBe(cron);
    expect(timingOf(cron)).toEqual({ ...timing, cron });
  });

  it.each(["*/15 * * * *", "0 8,20 * * *", "0 8 1 * MON", "0 8 * 1 *", "0 8 * * MON,TUE", "0 8 * * 0", "words"])(
    "%s stays an expression",
    (cron) => {
      expect(timingOf(cron)).toMatchObject({ repeat: "cron", cron });
      expect(cronOf(timingOf(cron))).toBe(cron);
    },
  );

  it("is none without a time or an expression", () => {
    expect(cronOf({ ...MORNING, time: "" })).toBeUndefined();
    expect(cronOf({ ...MORNING, repeat: "cron", cron: " " })).toBeUndefined();
  });

  it("is in a zone, the own one first", () => {
    const zones = timeZones();
    expect(zones[0]).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(new Set(zones).size).toBe(zones.length);
    expect(zones).toContain("Europe/Moscow");
  });
});
