import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { useIsSignedIn } from "../account";
import { useAdd } from "../cart";
import { sending } from "../forms";
import { measure, moment, money, number, t } from "../language";
import { tokenOf } from "../links";
import type { Order } from "../orders";
import { cancel, cancellation, opened, order } from "../orders";
import { Closed } from "../parts/closed";
import { Field } from "../parts/field";
import { MovePickup } from "../parts/moving";
import { Failure, isMissing, isRefusal, Loading, Notice, Trouble } from "../parts/notices";
import { Paying } from "../parts/paying";
import { perUnit } from "../parts/products";
import { useTitle } from "../parts/title";
import { profile, queries } from "../shop";
import { w } from "../words";

export default function OrderPage({ number }: { number: string }) {
  const [token] = useState(() => tokenOf("order", number));
  const query = useQuery(order(number, token));
  const zone = useQuery(profile()).data?.timezone;
  const isSignedIn = useIsSignedIn();
  useTitle(t("your_order.title", { number }));
  if (query.isLoadingError && isMissing(query.error))
    return (
      <Closed
        title={t("your_order.closed.title", { number })}
        text={isSignedIn ? t("your_order.closed.other") : t("your_order.closed.guest")}
        own={{ href: "/minha-conta", name: t("account.orders") }}
      />
    );
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined || zone === undefined) return <Loading />;
  const found = query.data;
  return (
    <>
      <h1>{t("your_order.title", { number })}</h1>
      <State order={found} zone={zone} />
      {found.payable_by.length > 0 && <Paying order={found} token={token} />}
      <Lines order={found} />
      <Figures order={found} />
      <Pickup order={found} zone={zone} token={token} />
      {found.whatsapp_url && (
        <p className="actions">
          <a href={found.whatsapp_url} className="button is-wide" rel="noreferrer noopener">
            {t("whatsapp")}
          </a>
        </p>
      )}
      <Again order={found} />
      {(found.status === "pending" || found.status === "confirmed") && (
        <Cancelling order={found} token={token} zone={zone} />
      )}
    </>
  );
}

function State({ order: { status, payment, expires_at, amount_due, ...found }, zone }: Told) {
  const isOver = status === "cancelled" || status === "expired";
  return (
    <Notice tone={isOver ? "calm" : "good"}>
      <p>
        <strong>{t(`your_order.status.${status}`)}</strong>
      </p>
      {status === "pending" && expires_at && (
        <p>{t("your_order.pending_until", { when: moment(expires_at, zone) })}</p>
      )}
      {status === "pending" && payment.method === "transfer" && <p>{t("checkout.method.transfer.hint")}</p>}
      {!isOver && amount_due === "0.00" && found.paid !== "0.00" && <p>{t("your_order.paid")}</p>}
      {!isOver && amount_due !== "0.00" && payment.method === "on_site" && (
        <p>{t("your_order.pay_there", { amount: money(amount_due, found.currency) })}</p>
      )}
    </Notice>
  );
}

interface Told {
  order: Order;
  zone: string;
}

interface Opened {
  order: Order;
  token: string | null;
}

function Lines({ order: { lines, currency, status, access_token: token } }: { order: Order }) {
  const isLive = status === "pending" || status === "confirmed";
  return (
    <ul className="cart">
      {lines.map((line) => (
        <li key={line.id} className={line.cancelled_at ? "is-gone" : ""}>
          <div className="cart-head">
            <div className="cart-text">
              <strong>{line.name}</strong>
              {line.appointment ? (
                <span>
                  {moment(line.appointment.starts_at, line.appointment.timezone)}{" "}
                  {t("book.with", { name: line.appointment.professional.name })}
                </span>
              ) : (
                <span className="soft">
                  {line.unit === "piece" ? number(line.quantity) : measure(line.quantity, line.unit)} ×{" "}
                  {perUnit(money(line.unit_price, currency), line)}
                </span>
              )}
            </div>
            <strong className="price">{money(line.line_total, currency)}</strong>
          </div>
          {isLive && line.appointment && !line.cancelled_at && (
            <div className="cart-row">
              {token !== null && (
                <a className="link" href={opened(`/api/v1/appointments/${line.appointment.id}/calendar.ics`, token)}>
                  {t("your_order.calendar")}
                </a>
              )}
              <Link className="link" href={`/visita/${line.appointment.id}${token === null ? "" : `#${token}`}`}>
                {w("order.see_visit")}
              </Link>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Figures({ order: found }: { order: Order }) {
  const rows = [
    [t("discount"), found.discount],
    [t("shipping"), found.shipping],
    [t("your_order.called_off"), found.cancelled],
    [t("your_order.already_paid"), found.paid],
    [t("your_order.refunded"), found.refunded],
    [t("your_order.fee"), found.late_fee],
  ] as const;
  return (
    <dl className="sum">
      <div className="is-total">
        <dt>{t("total")}</dt>
        <dd>{money(found.total, found.currency)}</dd>
      </div>
      {rows
        .filter(([, amount]) => amount !== "0.00")
        .map(([name, amount]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{money(amount, found.currency)}</dd>
          </div>
        ))}
    </dl>
  );
}

function Pickup({ order: found, zone, token }: Told & Opened) {
  const [isMoving, move] = useState(false);
  const { fulfilment, status } = found;
  if (fulfilment?.method !== "pickup" || !fulfilment.pickup_at) return null;
  if (isMoving) return <MovePickup order={found} token={token} onDone={() => move(false)} />;
  return (
    <section>
      <h2>{t("pickup")}</h2>
      <p>
        {moment(fulfilment.pickup_at, zone)}
        {fulfilment.person && ` · ${fulfilment.person}`}
      </p>
      {(status === "pending" || status === "confirmed") && (
        <button type="button" className="button is-wide" onClick={() => move(true)}>
          {t("your_order.move_pickup")}
        </button>
      )}
    </section>
  );
}

/** The same goods once more, at today's prices; a visit wants a time of its own. */
function Again({ order: { lines } }: { order: Order }) {
  const goods = lines.filter((line) => line.kind === "goods");
  const visits = lines.flatMap((line) => line.appointment?.services.map((service) => service.sku) ?? []);
  const [, go] = useLocation();
  const add = useAdd();
  const buy = async () => {
    for (const { sku, quantity } of goods) await add.mutateAsync({ sku, quantity });
    go("/carrinho");
  };
  return (
    <>
      <p className="actions">
        {goods.length > 0 && (
          <button type="button" className="button is-wide" disabled={add.isPending} onClick={() => void buy().catch(() => undefined)}>
            {t("your_order.again")}
          </button>
        )}
        {visits.length > 0 && (
          <Link href={`/agendar?${new URLSearchParams(visits.map((sku) => ["servico", sku]))}`} className="button is-wide">
            {t("your_order.book_again")}
          </Link>
        )}
      </p>
      <Failure problem={add.error} />
    </>
  );
}

function Cancelling({ order: found, token, zone }: Opened & Told) {
  const [isAsking, ask] = useState(false);
  const [reason, write] = useState("");
  const cancelling = useMutation({
    mutationFn: () => cancel(found.number, token, reason.trim() || t("your_order.no_reason")),
    onSuccess: (changed) => queries.setQueryData(["order", found.number], changed),
  });
  const submit = sending(cancelling, () => cancelling.mutate());
  if (!isAsking)
    return (
      <p>
        <button type="button" className="link" onClick={() => ask(true)}>
          {t("your_order.cancel")}
        </button>
      </p>
    );
  return (
    <form className="checkout" onSubmit={submit}>
      <h2>{t("your_order.cancel")}</h2>
      <Terms order={found} token={token} zone={zone} />
      <Field label={t("your_order.reason")} value={reason} maxLength={200} onChange={write} />
      <Failure problem={cancelling.error} />
      <p className="actions">
        <button type="submit" className="button is-danger" disabled={cancelling.isPending}>
          {t("your_order.cancel.yes")}
        </button>
        <button type="button" className="button" onClick={() => ask(false)}>
          {t("your_order.cancel.no")}
        </button>
      </p>
    </form>
  );
}

/** What calling off gives back, or why it cannot be done any more. */
function Terms({ order: { number, currency, late_cancellation }, token, zone }: Opened & Told) {
  const terms = useQuery({ ...cancellation(number, token), retry: false });
  if (terms.isLoadingError || isRefusal(terms.error))
    return (
      <>
        <Failure problem={terms.error} />
        {late_cancellation && <p>{t("checkout.policy.fee", { fee: money(late_cancellation.fee, currency) })}</p>}
      </>
    );
  if (terms.data === undefined) return <p role="status">{t("loading")}</p>;
  const { refund, until } = terms.data;
  return (
    <p>
      {refund === "0.00" ? w("order.cancel.free") : w("order.cancel.refund", { amount: money(refund, currency) })}{" "}
      {until && w("order.cancel.until", { when: moment(until, zone) })}
    </p>
  );
}
