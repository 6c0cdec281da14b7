// What the checkout sends, and what it reads from refusals. Prices, windows and reasons are the shop's.
import type { Problem, Schemas } from "@balcao/client";

import type { Draft } from "./draft";
import type { Cart, Quote } from "./shop";

export type Method = Schemas["PlacementRequest"]["payment_method"];
export type Placement = Schemas["PlacementRequest"];

export const METHODS = ["pix", "card", "on_site", "transfer"] as const satisfies Method[];

export function hasGoods(cart: Pick<Cart, "lines">): boolean {
  return cart.lines.some((line) => line.kind === "goods");
}

/** Return what is asked of the shop: optional fields that nobody filled in are left out. */
export function placementOf(cart: Cart, quote: Quote, draft: Draft, method: Method): Placement {
  const filled = (name: "phone" | "document" | "note") => (draft[name].trim() ? { [name]: draft[name].trim() } : {});
  return {
    cart: cart.id,
    expected_total: quote.total,
    customer: { name: draft.name.trim(), email: draft.email.trim(), ...filled("phone"), ...filled("document") },
    payment_method: method,
    ...filled("note"),
    ...(hasGoods(cart) ? { fulfilment: fulfilmentOf(draft) } : {}),
  };
}

export function fulfilmentOf(draft: Pick<Draft, "pickupAt" | "person">): Schemas["FulfilmentChoice"] {
  return {
    method: "pickup",
    ...(draft.pickupAt ? { pickup_at: draft.pickupAt } : {}),
    ...(draft.person.trim() ? { person: draft.person.trim() } : {}),
  };
}

/** Return the methods that are offered for this order: the shop's own, unless a refusal named fewer. */
export function methodsOf(shop: readonly string[], problem: Problem | null): Method[] {
  const named =
    problem?.code === "method_not_offered"
      ? problem.offered
      : problem?.code === "deposit_required"
        ? problem.methods
        : null;
  const offered = Array.isArray(named) ? (named as string[]) : shop;
  return METHODS.filter((method) => offered.includes(method));
}

/** Return what is wrong with a field of the body, in the shop's words; undefined where nothing is. */
export function wrongAt(problem: Problem | null, pointer: string): string | undefined {
  return problem?.errors?.find((one) => one.pointer === pointer)?.detail;
}

export interface Shortage {
  sku: string;
  available: number;
  line?: string;
}

/** Return what a refusal says is missing: units that are gone, visits that are lost, lines that are off sale. */
export function shortages(problem: Problem): Shortage[] {
  const lines = Array.isArray(problem.lines) ? (problem.lines as (Partial<Shortage> & { sku: string })[]) : [];
  return lines.map((line) => ({ ...line, available: line.available ?? 0 }));
}
