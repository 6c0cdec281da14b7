import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { askForVerification, me, myOrders, signOut } from "../../account";
import { day, list, money, t } from "../../language";
import { kept } from "../../links";
import { claimOrder } from "../../orders";
import { More } from "../../parts/more";
import { Failure, Loading, Notice, Trouble } from "../../parts/notices";
import { OwnPage } from "../../parts/own";
import { profile, queries } from "../../shop";
import { w } from "../../words";

export default function Account() {
  return (
    <OwnPage title={t("account")}>
      <Own />
    </OwnPage>
  );
}

function Own() {
  const who = useQuery(me());
  const leaving = useMutation({ mutationFn: signOut });
  if (who.isLoadingError) return <Trouble problem={who.error} again={() => void who.refetch()} />;
  if (who.data === undefined) return <Loading />;
  const { name, email, email_verified } = who.data;
  return (
    <>
      <h1>{t("account.hello", { name: name.split(" ")[0] ?? name })}</h1>
      {!email_verified && (
        <Notice tone="calm">
          <p>{t("account.unverified", { email })}</p>
          <LetterAgain />
        </Notice>
      )}
      <h2>{t("account.orders")}</h2>
      <Orders />
      <p className="actions">
        <button type="button" className="button" disabled={leaving.isPending} onClick={() => leaving.mutate()}>
          {t("account.sign_out")}
        </button>
      </p>
      <Failure problem={leaving.error} />
    </>
  );
}

/** The letter may have gone astray, or its link is too old. */
function LetterAgain() {
  const asking = useMutation({ mutationFn: askForVerification });
  if (asking.isSuccess) return <p>{w("verify.sent")}</p>;
  return (
    <>
      <button type="button" className="button" disabled={asking.isPending} onClick={() => asking.mutate()}>
        {w("verify.again")}
      </button>
      <Failure problem={asking.error} />
    </>
  );
}

function Orders() {
  const zone = useQuery(profile()).data?.timezone;
  const query = useInfiniteQuery(myOrders());
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined || zone === undefined) return <Loading />;
  const orders = query.data.pages.flatMap((page) => page.results);
  return (
    <>
      <Guests own={orders.map((one) => one.number)} />
      {orders.length === 0 && <p>{t("account.no_orders")}</p>}
      <ul className="lines">
        {orders.map((one) => (
          <li key={one.number}>
            <span>
              <Link href={`/pedido/${one.number}`} className="link">
                {t("your_order.title", { number: one.number })}
              </Link>
              <span className="soft">
                {" "}
                {day(one.placed_at, zone)} · {t(`your_order.status.${one.status}`)}
              </span>
            </span>
            <strong className="price">{money(one.total, one.currency)}</strong>
          </li>
        ))}
      </ul>
      <More of={query} />
    </>
  );
}

/** Orders that this browser opens and that stand in no account: each can be kept in this one. */
function Guests({ own }: { own: string[] }) {
  const numbers = kept("order").filter((number) => !own.includes(number));
  const claiming = useMutation({
    mutationFn: async () => {
      for (const number of numbers) await claimOrder(number);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["orders"] }),
  });
  if (numbers.length === 0)
    return claiming.isSuccess ? (
      <Notice>
        <p>{w("claim.done")}</p>
      </Notice>
    ) : null;
  return (
    <Notice tone="calm">
      <p>{w("claim.text", { count: numbers.length, numbers: list(numbers) })}</p>
      <button type="button" className="button" disabled={claiming.isPending} onClick={() => claiming.mutate()}>
        {w("claim.go", { count: numbers.length })}
      </button>
      <Failure problem={claiming.error} />
    </Notice>
  );
}
