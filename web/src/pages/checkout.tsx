import type { Problem } from "@balcao/client";
import { answered } from "@balcao/client";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { navigate } from "wouter/use-browser-location";

import { me } from "../account";
import { leaveCart, leaveCartBehind, useCart } from "../cart";
import type { Method, Placement } from "../checkout";
import { fulfilmentOf, hasGoods, methodsOf, placementOf, wrongAt } from "../checkout";
import type { Draft } from "../draft";
import { settle, useDraft } from "../draft";
import { isEmbedded, within } from "../embedding";
import { problemOf } from "../forms";
import { measure, money, moment, number, t } from "../language";
import { keepToken } from "../links";
import { wayToPay } from "../orders";
import { Field } from "../parts/field";
import { Failure, inWords, isRefusal, Loading, Notice, Trouble } from "../parts/notices";
import { PickupChoice } from "../parts/pickup";
import { Policy } from "../parts/policy";
import { Losses } from "../parts/losses";
import { useTitle } from "../parts/title";
import type { Cart, Profile, Quote } from "../shop";
import { api, intentions, profile, queries } from "../shop";

const LOST = ["out_of_stock", "slot_taken", "not_for_sale"];

export default function Checkout() {
  useTitle(t("checkout.title"));
  const { id, cart, query } = useCart();
  const shop = useQuery(profile());
  if (id === null) return <NoCart />;
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (shop.isLoadingError) return <Trouble problem={shop.error} again={() => void shop.refetch()} />;
  if (cart === undefined || shop.data === undefined) return <Loading />;
  if (cart.status === "ordered") return <Ordered cart={cart} />;
  if (cart.status !== "open" || cart.lines.length === 0) return <NoCart />;
  return <Form cart={cart} shop={shop.data} />;
}

function NoCart() {
  return (
    <>
      <h1>{t("checkout.title")}</h1>
      <p>{t("cart.empty")}</p>
      <Link href="/" className="button is-main">
        {t("cart.empty.go")}
      </Link>
    </>
  );
}

const nameOf = (cart: string) => `order.${cart}`;

/** Place the order, once: the key is the cart's and the body's, and outlives a reload. */
async function place(body: Placement) {
  const name = nameOf(body.cart);
  const order = await answered(
    api.POST("/api/v1/orders/", { params: { header: { "Idempotency-Key": intentions.key(name, body) } }, body }),
  );
  if (order.access_token !== null) keepToken("order", order.number, order.access_token);
  const isPaidNow = !isEmbedded && order.pay_url !== null && order.amount_due_now !== "0.00";
  const way = isPaidNow ? await wayToPay(order, body.payment_method) : null;
  settle();
  intentions.done(name);
  if (way === null) {
    navigate(within(`/pedido/${order.number}`));
    leaveCart();
  } else {
    leaveCartBehind();
    location.assign(way);
  }
  return order;
}

/** The cart is an order already. Whoever sent it and never heard the answer gets it now, by the same key. */
function Ordered({ cart }: { cart: Cart }) {
  const body = intentions.pending<Placement>(nameOf(cart.id));
  const placing = useMutation({ mutationFn: place, retry: 2 });
  const hasBegun = useRef(false);
  useEffect(() => {
    if (body !== null && !hasBegun.current) {
      hasBegun.current = true;
      placing.mutate(body);
    }
  }, [body, placing]);
  if (body !== null && placing.isError) return <Trouble problem={placing.error} again={() => placing.mutate(body)} />;
  return body === null ? <NoCart /> : <Loading />;
}

function useQuote(cart: Cart, draft: Draft, method: Method | "") {
  const body = {
    ...(hasGoods(cart) ? { fulfilment: fulfilmentOf({ ...draft, person: "" }) } : {}),
    ...(method ? { payment_method: method } : {}),
  };
  return useQuery({
    queryKey: ["quote", cart.id, cart.lines.map((line) => [line.id, line.quantity]), body],
    queryFn: ({ signal }) =>
      answered(api.POST("/api/v1/carts/{cart_id}/quote/", { params: { path: { cart_id: cart.id } }, body, signal })),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

function Form({ cart, shop }: { cart: Cart; shop: Profile }) {
  const [draft, write] = useDraft();
  useOwnData(draft, write);
  const method = methodsOf(shop.payment_methods, null).find((one) => one === draft.method) ?? "";
  const quoted = useQuote(cart, draft, method);
  const placing = useMutation({
    mutationFn: place,
    onError: () => {
      void queries.invalidateQueries({ queryKey: ["quote"] });
      void queries.invalidateQueries({ queryKey: ["cart"] });
    },
  });
  const refused = problemOf(placing.error);
  const doubted = isRefusal(quoted.error) ? quoted.error.problem : null;
  const offered = methodsOf(shop.payment_methods, doubted ?? refused);
  const quote = doubted === null ? quoted.data : undefined; // one that only failed to be asked again still stands
  const unpicked = [doubted, refused].find((one) => one?.code === "pickup_unavailable") ?? null;
  const hasNoPickup = unpicked !== null && unpicked.earliest === null;
  const isLost = [doubted, refused].find((one) => one !== null && LOST.includes(one.code));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (quote !== undefined && method !== "" && !placing.isPending) placing.mutate(placementOf(cart, quote, draft, method));
  };
  const change = (part: Partial<Draft>) => {
    write(part);
    if (refused !== null) placing.reset();
  };
  return (
    <form className="checkout" onSubmit={submit}>
      <h1>{t("checkout.title")}</h1>
      <Summary cart={cart} />
      {isLost && <Losses problem={isLost} cart={cart} onMended={() => placing.reset()} />}
      <Who draft={draft} problem={refused} onChange={change} />
      {hasGoods(cart) && (
        <PickupChoice
          windows={quoted.data?.pickup_windows ?? []}
          shop={shop}
          draft={draft}
          refused={unpicked}
          onChange={change}
        />
      )}
      <fieldset className="step">
        <legend>{t("checkout.method")}</legend>
        {offered.map((one) => (
          <label key={one} className="pick">
            <input
              type="radio"
              name="method"
              required
              checked={method === one}
              onChange={() => change({ method: one })}
            />
            <span>
              {t(`checkout.method.${one}`)}
              <small>{t(`checkout.method.${one}.hint`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <Field label={t("checkout.note")} value={draft.note} maxLength={500} onChange={(note) => change({ note })} isLong />
      {quote && <Sum quote={quote} />}
      {quote && <Policy cart={cart} quote={quote} shop={shop} />}
      {!isLost && doubted && !hasNoPickup && <Failure problem={quoted.error} />}
      {doubted === null && quoted.isLoadingError && (
        <Notice tone="bad">
          <p>{inWords(quoted.error)}</p>
          <button type="button" className="button" onClick={() => void quoted.refetch()}>
            {t("again")}
          </button>
        </Notice>
      )}
      {hasNoPickup && (
        <Notice tone="calm">
          <p>{t("checkout.pickup.none")}</p>
        </Notice>
      )}
      {!isLost && <PlacingFailure problem={placing.error} quote={quote} />}
      <button
        type="submit"
        className="button is-main is-wide"
        disabled={placing.isPending || quote === undefined || quoted.isPlaceholderData}
      >
        {placing.isPending ? t("checkout.placing") : nameOfButton(quote, method)}
      </button>
    </form>
  );
}

/** Who is signed in need not type what the shop knows; what they typed stays theirs. */
function useOwnData(draft: Draft, write: (part: Partial<Draft>) => void): void {
  const { data } = useQuery(me());
  const isFilled = useRef(false);
  useEffect(() => {
    if (data === undefined || isFilled.current) return;
    isFilled.current = true;
    write({
      name: draft.name || data.name,
      email: draft.email || data.email,
      phone: draft.phone || (data.phone ?? ""),
      document: draft.document || (data.document ?? ""),
    });
  }, [data, draft, write]);
}

function nameOfButton(quote: Quote | undefined, method: string): string {
  const pays = method === "pix" || method === "card";
  if (quote === undefined || !pays || quote.amount_due_now === "0.00") return t("checkout.place");
  return t("checkout.place.pay", { amount: money(quote.amount_due_now, quote.currency) });
}

function Summary({ cart }: { cart: Cart }) {
  return (
    <ul className="lines">
      {cart.lines.map((line) => (
        <li key={line.id}>
          <span>
            {line.unit !== "piece" && `${measure(line.quantity, line.unit)} × `}
            {line.unit === "piece" && line.quantity > 1 && `${number(line.quantity)} × `}
            {line.name}
            {line.appointment && (
              <small className="soft">
                {" "}
                {moment(line.appointment.starts_at, line.appointment.timezone)}{" "}
                {t("book.with", { name: line.appointment.professional.name })}
              </small>
            )}
          </span>
          <span className="price">{money(line.line_total, cart.currency)}</span>
        </li>
      ))}
    </ul>
  );
}

interface Asked {
  draft: Draft;
  problem: Problem | null;
  onChange: (part: Partial<Draft>) => void;
}

function Who({ draft, problem, onChange }: Asked) {
  return (
    <fieldset className="step">
      <legend>{t("checkout.who")}</legend>
      <Field
        label={t("checkout.name")}
        value={draft.name}
        onChange={(name) => onChange({ name })}
        autoComplete="name"
        required
        wrong={wrongAt(problem, "/customer/name")}
      />
      <Field
        label={t("checkout.email")}
        hint={t("checkout.email.hint")}
        type="email"
        value={draft.email}
        onChange={(email) => onChange({ email })}
        autoComplete="email"
        required
        wrong={wrongAt(problem, "/customer/email")}
      />
      <div className="pair">
        <Field
          label={t("checkout.phone")}
          type="tel"
          value={draft.phone}
          onChange={(phone) => onChange({ phone })}
          autoComplete="tel-national"
          wrong={wrongAt(problem, "/customer/phone")}
        />
        <Field
          label={t("checkout.cpf")}
          value={draft.document}
          onChange={(document) => onChange({ document })}
          inputMode="numeric"
          wrong={wrongAt(problem, "/customer/document")}
        />
      </div>
    </fieldset>
  );
}

function Sum({ quote }: { quote: Quote }) {
  const rows = [
    [t("subtotal"), quote.subtotal, quote.subtotal !== quote.total],
    [t("discount"), `-${quote.discount}`, quote.discount !== "0.00"],
    [t("shipping"), quote.shipping, quote.shipping !== "0.00"],
  ] as const;
  return (
    <dl className="sum">
      {rows
        .filter(([, , isShown]) => isShown)
        .map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{money(amount, quote.currency)}</dd>
          </div>
        ))}
      <div className="is-total">
        <dt>{t("total")}</dt>
        <dd>{money(quote.total, quote.currency)}</dd>
      </div>
      {quote.amount_due_now !== quote.total && quote.amount_due_now !== "0.00" && (
        <div>
          <dt>{t("checkout.now")}</dt>
          <dd>{money(quote.amount_due_now, quote.currency)}</dd>
        </div>
      )}
    </dl>
  );
}

function PlacingFailure({ problem, quote }: { problem: unknown; quote: Quote | undefined }) {
  const refused = problemOf(problem);
  if (refused?.code === "total_changed" && quote !== undefined)
    return (
      <Notice tone="bad">
        <p>{t("checkout.total_changed", { total: money(String(refused.total), quote.currency) })}</p>
      </Notice>
    );
  return <Failure problem={problem} />;
}
