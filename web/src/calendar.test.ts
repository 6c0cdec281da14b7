import { describe, expect, it } from "vitest";

import { addDays, addMonths, daysBetween, lastDay, sheet } from "./calendar";

describe("months", () => {
  it("end when they end", () => {
    expect([lastDay("2026-02"), lastDay("2028-02"), lastDay("2026-12")]).toEqual(["2026-02-28", "2028-02-29", "2026-12-31"]);
    expect([addMonths("2026-12", 1), addMonths("2026-01", -1)]).toEqual(["2027-01", "2025-12"]);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(daysBetween("2026-11-29", "2027-01-28")).toBe(60);
  });

  it("begin under their weekday, Monday first", () => {
    const november = sheet("2026-11"); // its first is a Sunday
    expect(november.slice(0, 7)).toEqual([null, null, null, null, null, null, "2026-11-01"]);
    expect(november.at(-1)).toBe("2026-11-30");
    expect(sheet("2026-06")[0]).toBe("2026-06-01"); // a Monday
  });
});
