import type { Problem } from "@balcao/client";

import { alternativesOf } from "../booking";
import { useChange, useRemove, useReplace } from "../cart";
import type { Shortage } from "../checkout";
import { shortages } from "../checkout";
import { clock, day, measure, number, refusalText, t } from "../language";
import type { Cart, CartLine } from "../shop";
import { Failure, Notice } from "./notices";

interface Lost {
  problem: Problem;
  cart: Cart;
  onMended: () => void;
}

/** What was lost to somebody who was quicker, each with what can be done about it in one tap. */
export function Losses({ problem, cart, onMended }: Lost) {
  const change = useChange();
  const remove = useRemove();
  const replace = useReplace();
  const isBusy = change.isPending || remove.isPending || replace.isPending;
  const done = { onSuccess: onMended };
  const lost = shortages(problem)
    .map((shortage) => ({ shortage, line: lineOf(cart, shortage) }))
    .filter((one): one is { shortage: Shortage; line: CartLine } => one.line !== undefined);
  const visit = lost.find(({ line }) => line.kind === "visit")?.line;
  const zone = visit?.appointment?.timezone ?? "UTC";
  return (
    <Notice tone="bad">
      <p>
        <strong>{refusalText(problem.code)}</strong>
      </p>
      {lost.map(({ shortage, line }) => (
        <div key={line.id} className="lost">
          <p>{saidOf(line, shortage.available)}</p>
          {line.kind === "goods" && shortage.available > 0 && (
            <button
              type="button"
              className="button"
              disabled={isBusy}
              onClick={() => change.mutate({ line: line.id, quantity: shortage.available }, done)}
            >
              {line.unit === "piece"
                ? t("checkout.lost.take", { count: shortage.available })
                : t("checkout.lost.take", { count: measure(shortage.available, line.unit) })}
            </button>
          )}
          <button type="button" className="button" disabled={isBusy} onClick={() => remove.mutate(line.id, done)}>
            {t("checkout.lost.remove")}
          </button>
        </div>
      ))}
      {visit?.appointment &&
        alternativesOf(problem).map((one) => (
          <button
            key={`${one.starts_at}${one.professional.id}`}
            type="button"
            className="button is-wide"
            disabled={isBusy}
            onClick={() =>
              replace.mutate(
                {
                  old: visit.id,
                  line: {
                    services: visit.appointment?.services.map((service) => service.sku) ?? [],
                    starts_at: one.starts_at,
                    professional: one.professional.id,
                  },
                },
                done,
              )
            }
          >
            {day(one.starts_at, zone)}, {clock(one.starts_at, zone)} {t("book.with", { name: one.professional.name })}
          </button>
        ))}
      <Failure problem={change.error ?? remove.error ?? replace.error} />
    </Notice>
  );
}

function lineOf(cart: Cart, shortage: Shortage): CartLine | undefined {
  return cart.lines.find((line) => (shortage.line ? line.id === shortage.line : line.sku === shortage.sku));
}

function saidOf(line: CartLine, available: number): string {
  if (line.kind === "visit") return t("checkout.lost.visit", { name: line.name });
  if (available === 0) return t("checkout.lost.no_units", { name: line.name });
  const count = line.unit === "piece" ? number(available) : measure(available, line.unit);
  return t("checkout.lost.units", { name: line.name, count });
}
