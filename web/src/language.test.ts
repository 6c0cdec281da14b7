import { afterEach, describe, expect, it, test, vi } from "vitest";

import { clock, day, dayKey, duration, fill, list, measure, moment, money, refusalText, t, wanted, weekdays } from "./language";
import en from "./messages/en";
import pt from "./messages/pt";
import { forBrowser, forTab } from "./storage";

describe("money", () => {
  it("is written as Brazilians write it, to the cent", () => {
    expect(money("1234.50", "BRL")).toBe("R$\u00a01.234,50");
    expect(money("0.10", "BRL")).toBe("R$\u00a00,10");
    expect(money("99999999.99", "BRL")).toBe("R$\u00a099.999.999,99");
  });
});

describe("days and times", () => {
  afterEach(() => void vi.useRealTimers());

  it("name the year where it is not this one, in the zone that is asked for", () => {
    vi.useFakeTimers({ now: new Date("2027-01-01T01:00:00Z") }); // 22:00 of the last day of 2026 in the shop
    const zone = "America/Sao_Paulo";
    expect(day("2026-11-28T15:00:00Z", zone)).toBe("sábado, 28 de novembro");
    expect(day("2024-10-29T15:00:00Z", zone)).toBe("terça-feira, 29 de outubro de 2024");
    expect(moment("2027-01-02T15:00:00Z", zone)).toBe("sáb., 2 de jan. de 2027, 12:00");
  });

  it("are those of the zone that is asked for, and not of the machine", () => {
    expect(clock("2026-11-28T02:30:00Z", "America/Sao_Paulo")).toBe("23:30");
    expect(dayKey("2026-11-28T02:30:00Z", "America/Sao_Paulo")).toBe("2026-11-27");
    expect(clock("2026-11-28T03:00:00Z", "America/Sao_Paulo")).toBe("00:00");
  });

  it("begin the week with Monday", () => {
    expect(weekdays("long")[0]).toBe("segunda-feira");
  });

  it("say how long something takes", () => {
    expect([30, 60, 90].map(duration)).toEqual(["30 min", "1 h", "1 h 30 min"]);
  });
});

describe("texts", () => {
  it("choose between one and many", () => {
    expect(t("results", { count: 1 })).toBe("1 resultado");
    expect(t("results", { count: 1500 })).toBe("1.500 resultados");
  });

  it("leave a place that nobody filled as it is, so that it is seen", () => {
    expect(fill("{name} e {other}", { name: "Ana" })).toBe("Ana e {other}");
  });

  it("have the same places in every language", () => {
    const places = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g))].sort();
    for (const key of Object.keys(pt) as (keyof typeof pt)[]) expect(places(en[key]), key).toEqual(places(pt[key]));
  });

  it("are none for a code that nobody knows", () => {
    expect(refusalText("out_of_stock")).toBe("Não temos mais essa quantidade.");
    expect(refusalText("nonsense")).toBeNull();
  });

  it("write lists and measures", () => {
    expect(list(["a", "b", "c"])).toBe("a, b e c");
    expect([measure(500, "g"), measure(1500, "g"), measure(2000, "ml")]).toEqual(["500 g", "1,5 kg", "2 L"]);
  });
});

test("a page speaks the language chosen here, or else the letter's, or the one it was sent in", () => {
  vi.stubGlobal("document", { documentElement: { lang: "pt-br" } });
  expect(wanted()).toBe("pt-BR");
  forTab.setItem("balcao.letter", "en");
  expect(wanted()).toBe("en");
  forBrowser.setItem("balcao.language", "pt-BR");
  expect(wanted()).toBe("pt-BR");
  vi.unstubAllGlobals();
});
