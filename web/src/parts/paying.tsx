import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { now } from "../cart";
import { isEmbedded } from "../embedding";
import { money } from "../language";
import type { Order, Payment } from "../orders";
import { awaited, pay, payments } from "../orders";
import { queries } from "../shop";
import { w } from "../words";
import { countdown } from "../waiting";
import { Failure } from "./notices";

interface Opened {
  order: Order;
  token: string | null;
}

/** In the frame of another site a card is not paid: the page that takes it would not be shown there. */
const HERE = isEmbedded ? (["pix"] as const) : (["pix", "card"] as const);

/** What is to be paid next, here: by Pix with its code, by card on the page of whoever takes it. */
export function Paying({ order, token }: Opened) {
  const { number, payable_by, asked_now, currency, pay_url, payment } = order;
  const listed = useQuery(payments(number, token)).data?.results;
  const paying = useMutation({
    mutationFn: (method: "pix" | "card") => pay(number, token, method),
    onSuccess: (begun) => {
      if (begun.checkout_url) location.assign(begun.checkout_url);
      else if (begun.pix === undefined && pay_url) location.assign(pay_url);
      else void queries.invalidateQueries({ queryKey: ["order", number] });
    },
  });
  const open = awaited(listed ?? []);
  const isAsked = open !== undefined || payment.method !== "on_site"; // whoever pays in the shop may, and need not
  useReceived(number, listed);
  const ways: (typeof HERE)[number][] = HERE.filter((method) => payable_by.includes(method));
  return (
    <section className="step">
      <h2>{w("pay")}</h2>
      <p>
        <strong>{w(isAsked ? "pay.amount" : "pay.already", { amount: money(open?.amount ?? asked_now, currency) })}</strong>
      </p>
      {open && <Pix payment={open} />}
      <p className="actions">
        {ways
          .filter((method) => method !== open?.method)
          .map((method) => (
            <button
              key={method}
              type="button"
              className={open || !isAsked ? "button is-wide" : "button is-main is-wide"}
              disabled={paying.isPending}
              onClick={() => paying.mutate(method)}
            >
              {w(`pay.by.${method}`)}
            </button>
          ))}
      </p>
      {pay_url && payable_by.some((method) => !HERE.some((here) => here === method)) && (
        <p>
          <a className="link" href={pay_url}>
            {w("pay.other")}
          </a>
        </p>
      )}
      <Failure problem={paying.error} />
    </section>
  );
}

/** Read the order anew once money for it has come in. */
function useReceived(number: string, found: Payment[] | undefined) {
  const received = found?.filter((one) => one.status === "succeeded").length;
  const before = useRef(received);
  useEffect(() => {
    if (before.current !== undefined && received !== undefined && received > before.current)
      void queries.invalidateQueries({ queryKey: ["order", number] });
    before.current = received;
  }, [number, received]);
}

function Pix({ payment: { pix, expires_at } }: { payment: Payment }) {
  const [isCopied, setCopied] = useState(false);
  const code = useRef<HTMLTextAreaElement>(null);
  if (pix === undefined) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(pix.copy_paste);
      setCopied(true);
    } catch {
      code.current?.select(); // a page without a secure address may not copy: it is at least marked
    }
  };
  return (
    <>
      <p className="soft">{w("pay.scan")}</p>
      <img
        className="qr"
        src={`data:image/svg+xml,${encodeURIComponent(pix.qr_svg)}`}
        alt={w("pay.qr")}
        width={240}
        height={240}
      />
      <label className="field">
        <span>{w("pay.code")}</span>
        <textarea ref={code} rows={3} readOnly value={pix.copy_paste} onFocus={(event) => event.target.select()} />
      </label>
      <button type="button" className="button is-main is-wide" onClick={() => void copy()}>
        {w("pay.copy")}
      </button>
      <p role="status">{isCopied ? w("pay.copied") : ""}</p>
      {expires_at && <Left until={expires_at} />}
      <p className="soft">{w("pay.wait")}</p>
    </>
  );
}

/** How long there is to pay, by the clock of the shop. */
function Left({ until }: { until: string }) {
  const [moment, setMoment] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setMoment(now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = countdown(until, moment);
  return <p>{left === null ? w("pay.over") : w("pay.left", { time: left })}</p>;
}
