import { duration, money, t } from "../language";
import type { Cart, Profile, Quote } from "../shop";

/** What calling off costs, in words, before anybody agrees to it. */
export function Policy({ cart, quote, shop }: { cart: Cart; quote: Quote; shop: Profile }) {
  const late = quote.late_cancellation;
  const kinds = new Set(cart.lines.map((line) => line.kind));
  const order = late?.order_cancel_minutes ?? shop.cut_offs.order_cancel_minutes;
  const visit = late?.appointment_cancel_minutes ?? shop.cut_offs.appointment_cancel_minutes;
  return (
    <section className="notice is-calm">
      <p>
        <strong>{t("checkout.policy")}</strong>
      </p>
      {kinds.has("goods") && <p>{t("checkout.policy.order", { duration: duration(order) })}</p>}
      {kinds.has("visit") && <p>{t("checkout.policy.visit", { duration: duration(visit) })}</p>}
      {late && <p>{t("checkout.policy.fee", { fee: money(late.fee, quote.currency) })}</p>}
      <p className="soft">{t("checkout.agree")}</p>
    </section>
  );
}
