import { describe, expect, it } from "vitest";

import { methodsOf, placementOf, shortages, wrongAt } from "./checkout";
import { read } from "./draft";
import type { Cart, Quote } from "./shop";

const draft = {
  name: " Ana Souza ",
  email: "ana@cliente.example",
  phone: "",
  document: "",
  note: "",
  person: "",
  method: "pix",
  pickupAt: "",
};
const quote = { total: "59.90" } as Quote;
const problem = (code: string, more: object) => ({
  type: `/problems/${code}`, title: "", status: 422, detail: "", instance: "", code, ...more,
});

describe("what is placed", () => {
  it("leaves out what nobody filled in", () => {
    const cart = { id: "c", lines: [{ kind: "visit" }] } as Cart;
    expect(placementOf(cart, quote, draft, "pix")).toEqual({
      cart: "c",
      expected_total: "59.90",
      customer: { name: "Ana Souza", email: "ana@cliente.example" },
      payment_method: "pix",
    });
  });

  it("says how goods are received, and only of goods", () => {
    const cart = { id: "c", lines: [{ kind: "goods" }] } as Cart;
    const body = placementOf(cart, quote, { ...draft, person: "Bia", pickupAt: "2026-11-28T20:00:00Z" }, "on_site");
    expect(body.fulfilment).toEqual({ method: "pickup", pickup_at: "2026-11-28T20:00:00Z", person: "Bia" });
  });
});

describe("ways to pay", () => {
  it("are the shop's, in the order in which people look for them", () => {
    expect(methodsOf(["on_site", "pix", "cheque"], null)).toEqual(["pix", "on_site"]);
  });

  it("are those that a refusal names", () => {
    expect(methodsOf(["on_site", "pix"], problem("method_not_offered", { offered: ["pix"] }))).toEqual(["pix"]);
    expect(methodsOf(["on_site", "card"], problem("deposit_required", { methods: ["card"] }))).toEqual(["card"]);
  });
});

describe("refusals", () => {
  it("name what is missing", () => {
    expect(shortages(problem("out_of_stock", { lines: [{ sku: "A", requested: 3, available: 1 }] }))[0]?.available).toBe(1);
    expect(shortages(problem("slot_taken", { lines: [{ sku: "A", line: "x" }] }))).toEqual([
      { sku: "A", line: "x", available: 0 },
    ]);
    expect(shortages(problem("busy", {}))).toEqual([]);
  });

  it("stand beside the field they are about", () => {
    const refused = problem("invalid_request", { errors: [{ pointer: "/customer/email", code: "x", detail: "Torto." }] });
    expect(wrongAt(refused, "/customer/email")).toBe("Torto.");
    expect(wrongAt(refused, "/customer/name")).toBeUndefined();
    expect(wrongAt(null, "/customer/name")).toBeUndefined();
  });
});

describe("what was typed", () => {
  it("is read back, whatever somebody left there", () => {
    const kept = (text: string | null) => read({ getItem: () => text });
    expect(kept(JSON.stringify({ name: "Ana", method: 3, other: "x" }))).toMatchObject({ name: "Ana", method: "" });
    expect(kept("{")).toMatchObject({ name: "" });
    expect(kept(null)).toMatchObject({ email: "" });
  });
});
