// The visitor's cart: one per browser, kept by its id. Every write answers the whole cart, which is then what is shown.
import type { Schemas } from "@balcao/client";
import { answered, Refused } from "@balcao/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import type { Cart } from "./shop";
import { api, queries } from "./shop";
import { forBrowser } from "./storage";

const NAME = "balcao.cart";
const listeners = new Set<() => void>();

window.addEventListener("storage", (event) => {
  if (event.key === NAME) for (const listener of listeners) listener();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function cartId(): string | null {
  return forBrowser.getItem(NAME);
}

function keep(id: string | null): void {
  if (id === null) forBrowser.removeItem(NAME);
  else forBrowser.setItem(NAME, id);
  for (const listener of listeners) listener();
}

/** The cart became an order, or is over: the next thing begins another. */
export function leaveCart(): void {
  keep(null);
}

/** The same, where the browser is about to leave this page and shall show it as it is until then. */
export function leaveCartBehind(): void {
  forBrowser.removeItem(NAME);
}

let ahead = 0;
api.use({
  onResponse({ schemaPath, response }) {
    if (!schemaPath.startsWith("/api/v1/carts/")) return; // what may come out of a cache tells the time of then
    const said = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(said)) ahead = said - Date.now();
  },
});

/** What time it is in the shop, which says so with every cart: the clock of a phone may be wrong. */
export function now(): number {
  return Date.now() + ahead;
}

const keyOf = (id: string) => ["cart", id] as const;

function show(cart: Cart): Cart {
  queries.setQueryData(keyOf(cart.id), cart);
  void queries.invalidateQueries({ queryKey: ["quote"] });
  return cart;
}

/** The cart as it is known, and how many things it holds. */
export function useCart() {
  const id = useSyncExternalStore(subscribe, cartId);
  const query = useQuery({
    queryKey: keyOf(id ?? ""),
    queryFn: async ({ signal }) => {
      try {
        return await answered(api.GET("/api/v1/carts/{cart_id}/", { params: { path: { cart_id: id ?? "" } }, signal }));
      } catch (problem) {
        if (problem instanceof Refused && problem.problem.status === 404) leaveCart(); // somebody else's by now
        throw problem;
      }
    },
    enabled: id !== null,
    staleTime: 10_000,
  });
  const cart = id === null ? undefined : query.data;
  const count = cart?.status === "open" ? cart.lines.reduce((sum, line) => sum + piecesOf(line), 0) : 0;
  return { id, cart, count, query };
}

/** What is weighed counts as one thing, however heavy. */
function piecesOf(line: Cart["lines"][number]): number {
  return line.unit === "piece" ? line.quantity : 1;
}

export type NewLine = Schemas["LineRequest"];

/** Put something into the cart; where there is none, or the one of before is over, a new one begins with it. */
export async function add(line: NewLine): Promise<Cart> {
  const id = cartId();
  if (id !== null) {
    try {
      const cart = await answered(
        api.POST("/api/v1/carts/{cart_id}/lines/", { params: { path: { cart_id: id } }, body: line }),
      );
      return show(cart);
    } catch (problem) {
      if (!(problem instanceof Refused) || !["cart_closed", "not_found"].includes(problem.code)) throw problem;
    }
  }
  const cart = await answered(api.POST("/api/v1/carts/", { body: { lines: [line] } }));
  show(cart);
  keep(cart.id);
  return cart;
}

async function change(line: string, quantity: number): Promise<Cart> {
  const path = { cart_id: cartId() ?? "", line_id: line };
  return show(
    await answered(api.PATCH("/api/v1/carts/{cart_id}/lines/{line_id}/", { params: { path }, body: { quantity } })),
  );
}

async function remove(line: string): Promise<Cart> {
  const path = { cart_id: cartId() ?? "", line_id: line };
  return show(await answered(api.DELETE("/api/v1/carts/{cart_id}/lines/{line_id}/", { params: { path } })));
}

/** Read the cart anew after a write of which nobody knows whether it arrived. */
function look(): void {
  void queries.invalidateQueries({ queryKey: ["cart"] });
}

/** Let the cart of a guest become that of who has just signed in; one that is over stays behind. */
export async function claimCart(): Promise<void> {
  const id = cartId();
  if (id === null) return;
  try {
    const cart = await answered(api.POST("/api/v1/carts/{cart_id}/claim/", { params: { path: { cart_id: id } } }));
    show(cart);
    keep(cart.id);
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    leaveCart();
  }
}

export function useAdd() {
  return useMutation({ mutationFn: add, onError: look, scope: { id: "cart" } });
}

export function useChange() {
  return useMutation({
    mutationFn: ({ line, quantity }: { line: string; quantity: number }) => change(line, quantity),
    onError: look,
    scope: { id: "cart" },
  });
}

export function useRemove() {
  return useMutation({ mutationFn: remove, onError: look, scope: { id: "cart" } });
}

/** Put a visit at another time in the place of one that was lost. */
export function useReplace() {
  return useMutation({
    mutationFn: async ({ old, line }: { old: string; line: NewLine }) => {
      await add(line);
      return remove(old);
    },
    onError: look,
    scope: { id: "cart" },
  });
}
