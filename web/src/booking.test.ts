import { describe, expect, it } from "vitest";

import { byDay, byPartOfDay, performersOf, personOf, priceRange, servicesOf, stretchesOf } from "./booking";

const ana = { id: "1", name: "Ana" };
const bia = { id: "2", name: "Bia" };
const slot = (starts_at: string) => ({ starts_at, ends_at: starts_at, professionals: [] });
const ZONE = "America/Sao_Paulo";

describe("who performs a visit", () => {
  it("performs every one of its services", () => {
    expect(performersOf([{ professionals: [ana, bia] }, { professionals: [bia] }])).toEqual([bia]);
    expect(performersOf([{ professionals: [ana] }, { professionals: [bia] }])).toEqual([]);
    expect(performersOf([])).toEqual([]);
  });

  it("is whom a link leads to, with what they perform", () => {
    const cut = { professionals: [ana, bia] };
    const beard = { professionals: [bia] };
    expect(personOf([cut, beard], "2")).toEqual(bia);
    expect(personOf([cut, beard], "")).toBeNull();
    expect(servicesOf([cut, beard], "1")).toEqual([cut]);
  });
});

describe("free times", () => {
  const late = slot("2026-11-28T01:30:00Z"); // 22:30 of the day before in the shop
  const early = slot("2026-11-28T12:00:00Z"); // 9:00
  const noon = slot("2026-11-28T15:00:00Z"); // 12:00

  it("stand on the shop's day", () => {
    const days = byDay([late, early, noon], ZONE);
    expect([...days.keys()]).toEqual(["2026-11-27", "2026-11-28"]);
    expect(days.get("2026-11-28")).toEqual([early, noon]);
  });

  it("stand in the part of the day they belong to", () => {
    expect(byPartOfDay([early, noon, late], ZONE)).toEqual([
      ["morning", [early]],
      ["afternoon", [noon]],
      ["evening", [late]],
    ]);
  });

  it("say whether they cost the same with everybody", () => {
    expect(priceRange({ professionals: [{ id: "1", price: "100.00" }, { id: "2", price: "60.00" }] })).toEqual({
      least: "60.00",
      isOne: false,
    });
    expect(priceRange({ professionals: [{ id: "1", price: "60.00" }] })).toEqual({ least: "60.00", isOne: true });
  });
});

describe("times that are not free", () => {
  const hour = (number: number) => `2026-11-28T${number}:00:00-03:00`;
  const not = (number: number, ...reasons: string[]) => ({ starts_at: hour(number), reasons });

  it("stand in stretches of one reason, the first of each", () => {
    expect(stretchesOf([not(10, "outside_hours", "occupied"), not(11, "outside_hours"), not(12, "occupied")], [])).toEqual([
      { from: hour(10), to: hour(11), reason: "outside_hours" },
      { from: hour(12), to: hour(12), reason: "occupied" },
    ]);
  });

  it("end where a time is free", () => {
    const found = stretchesOf([not(10, "occupied"), not(12, "occupied")], [slot(hour(11))]);
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [hour(10), hour(10)],
      [hour(12), hour(12)],
    ]);
  });
});
