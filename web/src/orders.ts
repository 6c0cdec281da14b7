// Orders this browser may open: each by its own token, or by who is signed in.
import type { Schemas } from "@balcao/client";
import { answered, Refused } from "@balcao/client";
import { queryOptions } from "@tanstack/react-query";

import { forgetToken, keptToken } from "./links";
import { api, intentions } from "./shop";

export type Order = Schemas["OrderResponse"];

const proof = (token: string | null) => (token === null ? {} : { Authorization: `Order ${token}` });

const WAITING = 10_000;
const SOON = 3_000;
const LOOKS = 10;
const PATIENCE = 8_000;

export const order = (number: string, token: string | null) =>
  queryOptions({
    queryKey: ["order", number],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/orders/{number}/", { params: { path: { number } }, headers: proof(token), signal })),
    staleTime: 0,
    refetchInterval: ({ state: { data, dataUpdateCount } }) => {
      if (data?.status === "pending") return WAITING;
      const isGoingBack = data?.status === "cancelled" && data.paid !== data.refunded;
      return isGoingBack && dataUpdateCount < LOOKS ? SOON : false; // what was kept as a fee is not waited for
    },
  });

export type Payment = Schemas["PaymentResponse"];

/** What cancelling would give back; refused as cancelling would be, which asking again does not change. */
export const cancellation = (number: string, token: string | null) =>
  queryOptions({
    queryKey: ["order", number, "cancellation"],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/orders/{number}/cancel/", { params: { path: { number } }, headers: proof(token), signal })),
    staleTime: 0,
    gcTime: 0,
  });

/** Where the pickup may be moved. */
export const pickupChoices = (number: string, token: string | null) =>
  queryOptions({
    queryKey: ["order", number, "pickup"],
    queryFn: ({ signal }) => {
      const params = { path: { number } };
      return answered(
        api.GET("/api/v1/orders/{number}/reschedule-pickup/", { params, headers: proof(token), signal }),
      );
    },
    staleTime: 0,
    gcTime: 0,
  });

export function movePickup(number: string, token: string | null, pickup_at: string): Promise<Order> {
  const params = { path: { number } };
  const body = { pickup_at };
  return answered(api.POST("/api/v1/orders/{number}/reschedule-pickup/", { params, headers: proof(token), body }));
}

const ASKING = 4_000;

/** The payments of an order, looked at again while one is awaited. */
export const payments = (number: string, token: string | null) =>
  queryOptions({
    queryKey: ["order", number, "payments"],
    queryFn: ({ signal }) => {
      const params = { path: { number }, query: { page_size: 100 } };
      return answered(api.GET("/api/v1/orders/{number}/payments/", { params, headers: proof(token), signal }));
    },
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && awaited(state.data.results) ? ASKING : false),
  });

/** Return the payment that is awaited and can be paid here, the newest of them. */
export function awaited(found: Payment[]): Payment | undefined {
  return found.filter((one) => one.status === "pending" && one.pix !== undefined).at(-1);
}

type Method = "pix" | "card";

interface Begun {
  method: Method;
  return_url: string;
  signal?: AbortSignal;
}

/** Begin to pay what is asked next, once however often it is tapped; an attempt that is open is answered again. */
async function begin(number: string, token: string | null, { signal, ...body }: Begun): Promise<Payment> {
  const name = `pay.${number}`;
  const params = { path: { number }, header: { "Idempotency-Key": intentions.key(name, body) } };
  const asked = { params, headers: proof(token), body, ...(signal ? { signal } : {}) };
  const begun = await answered(api.POST("/api/v1/orders/{number}/payments/", asked));
  intentions.done(name);
  return begun;
}

/** Begin to pay from the order's page, to which whoever takes the money leads back. */
export function pay(number: string, token: string | null, method: Method): Promise<Payment> {
  return begin(number, token, { method, return_url: `${location.origin}/pedido/${number}` });
}

export function cancel(number: string, token: string | null, reason: string): Promise<Order> {
  const params = { path: { number } };
  return answered(api.POST("/api/v1/orders/{number}/cancel/", { params, headers: proof(token), body: { reason } }));
}

/**
 * Begin to pay in the way that was chosen, and return where that is done: the Pix is there already, a card's page opens
 * by itself. Where it could not be begun, the page asks again.
 */
export async function wayToPay(
  { number, access_token, pay_url }: Pick<Order, "number" | "access_token" | "pay_url">,
  method: Schemas["PaymentRequest"]["method"],
): Promise<string> {
  const address = new URL(pay_url ?? "", location.href);
  if (method !== "pix" && method !== "card") return address.href;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const payment = await begin(number, access_token, { method, return_url: address.href, signal });
    address.searchParams.set("method", method);
    if (payment.checkout_url && !payment.pix) address.searchParams.set("go", "1");
  } catch {
    // the order stands; how it is paid is chosen on its page
  }
  return address.href;
}

/** Return the address of a page or a file that the order's token opens. */
export function opened(path: string, token: string): string {
  return `${path}?access_token=${encodeURIComponent(token)}`;
}

/** Let an order belong to who is signed in, who opens it without its link from then on. */
export async function claimOrder(number: string): Promise<void> {
  const token = keptToken("order", number);
  try {
    const query = token === null ? {} : { access_token: token };
    await answered(api.POST("/api/v1/orders/{number}/claim/", { params: { path: { number }, query } }));
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.problem.status !== 404) throw problem; // another's, or an old link
  }
  forgetToken("order", number);
}
