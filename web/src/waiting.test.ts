import { describe, expect, it } from "vitest";

import { countdown } from "./waiting";

const NOW = Date.parse("2026-11-28T12:00:00Z");

describe("what is left to wait", () => {
  it("runs backwards to nothing", () => {
    expect(countdown("2026-11-28T12:15:00Z", NOW)).toBe("15:00");
    expect(countdown("2026-11-28T12:00:09.900Z", NOW)).toBe("0:09");
    expect(countdown("2026-11-28T13:02:03Z", NOW)).toBe("1:02:03");
    expect(countdown("2026-11-28T12:00:00.500Z", NOW)).toBeNull();
    expect(countdown("2026-11-28T11:59:00Z", NOW)).toBeNull();
  });
});
