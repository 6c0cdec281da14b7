import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";

import { now, useCart, useChange, useRemove } from "../cart";
import { clock, moment, money, t } from "../language";
import { Failure, Loading, Notice, Trouble } from "../parts/notices";
import { perUnit } from "../parts/products";
import { Quantity } from "../parts/quantity";
import { useTitle } from "../parts/title";
import type { Cart, CartLine } from "../shop";
import { profile } from "../shop";

export default function CartPage() {
  const { id, cart, query } = useCart();
  useTitle(t("cart.title"));
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (id !== null && cart === undefined) return <Loading />;
  return (
    <>
      <h1>{t("cart.title")}</h1>
      {cart === undefined || cart.status !== "open" || cart.lines.length === 0 ? (
        <Empty wasLost={cart?.status === "expired"} />
      ) : (
        <Filled cart={cart} />
      )}
    </>
  );
}

function Empty({ wasLost }: { wasLost: boolean }) {
  return (
    <>
      <p>{wasLost ? t("cart.expired") : t("cart.empty")}</p>
      <p className="actions">
        <Link href="/" className="button is-main">
          {t("cart.empty.go")}
        </Link>
        <Link href="/agendar" className="button">
          {t("book")}
        </Link>
      </p>
    </>
  );
}

function Filled({ cart }: { cart: Cart }) {
  const change = useChange();
  const remove = useRemove();
  const isBusy = change.isPending || remove.isPending;
  const isWhole = cart.lines.every((line) => line.for_sale);
  return (
    <>
      <Held cart={cart} />
      {cart.notices.map((notice) => (
        <Notice key={`${notice.sku}${notice.code}`} tone="calm">
          <p>
            {cart.lines.find((line) => line.sku === notice.sku)?.name ?? notice.sku}:{" "}
            {t(`cart.notice.${notice.code}`, { quantity: notice.quantity })}
          </p>
        </Notice>
      ))}
      <ul className="cart">
        {cart.lines.map((line) => (
          <li key={line.id} className={line.for_sale ? "" : "is-gone"}>
            <Described line={line} currency={cart.currency} />
            <div className="cart-row">
              {line.kind === "goods" && line.for_sale && (
                <Quantity
                  value={line.quantity}
                  unit={line.unit}
                  name={line.name}
                  disabled={isBusy}
                  onChange={(quantity) => change.mutate({ line: line.id, quantity })}
                />
              )}
              <button
                type="button"
                className="link"
                disabled={isBusy}
                aria-label={t("cart.remove.named", { name: line.name })}
                onClick={() => remove.mutate(line.id)}
              >
                {t("cart.remove")}
              </button>
              <strong className="price">{money(line.line_total, cart.currency)}</strong>
            </div>
          </li>
        ))}
      </ul>
      <Failure problem={change.error ?? remove.error} />
      <dl className="sum">
        {cart.discount !== "0.00" && (
          <div>
            <dt>{t("discount")}</dt>
            <dd>−{money(cart.discount, cart.currency)}</dd>
          </div>
        )}
        <div className="is-total">
          <dt>{t("total")}</dt>
          <dd>{money(cart.total, cart.currency)}</dd>
        </div>
      </dl>
      <p className="actions">
        {isWhole && (
          <Link href="/finalizar" className="button is-main is-wide">
            {t("cart.go")}
          </Link>
        )}
        <Link href="/" className="button is-wide">
          {t("cart.keep_shopping")}
        </Link>
      </p>
    </>
  );
}

export function Described({ line, currency }: { line: CartLine; currency: string }) {
  const visit = line.appointment;
  return (
    <div className="cart-text">
      <strong>{line.name}</strong>
      {visit && (
        <span>
          {moment(visit.starts_at, visit.timezone)} {t("book.with", { name: visit.professional.name })}
        </span>
      )}
      {line.kind === "goods" && (
        <span className="soft">{perUnit(money(line.unit_price, currency), line)}</span>
      )}
      {line.price_changed && (
        <span className="tag">{t("cart.changed", { previous: money(line.price_changed.previous, currency) })}</span>
      )}
      {!line.for_sale && <span className="tag">{t("cart.off_sale")}</span>}
    </div>
  );
}

/** Until when the cart's things are kept, by the first of them that is not kept any longer. */
function Held({ cart }: { cart: Cart }) {
  const zone = useQuery(profile()).data?.timezone;
  const until = cart.lines
    .map((line) => line.held_until)
    .filter((one) => one !== null)
    .sort((a, b) => Date.parse(a) - Date.parse(b))[0];
  const isOver = useIsPast(until);
  if (until === undefined || zone === undefined) return null;
  return (
    <Notice tone="calm">
      <p>{isOver ? t("cart.held.over") : t("cart.held", { time: clock(until, zone) })}</p>
    </Notice>
  );
}

function useIsPast(instant: string | undefined): boolean {
  const [known, know] = useState(now);
  useEffect(() => {
    if (instant === undefined) return undefined;
    const left = Date.parse(instant) - now();
    if (left <= 0) return undefined;
    const timer = setTimeout(() => know(now()), left + 100);
    return () => clearTimeout(timer);
  }, [instant]);
  return instant !== undefined && Date.parse(instant) <= known;
}
