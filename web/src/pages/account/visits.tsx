import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";

import { now } from "../../cart";
import { list, moment, t } from "../../language";
import type { Visit } from "../../own";
import { myVisits } from "../../own";
import { More } from "../../parts/more";
import { Loading, Trouble } from "../../parts/notices";
import { OwnPage } from "../../parts/own";
import { w } from "../../words";

export default function Visits() {
  return (
    <OwnPage title={w("visits")}>
      <h1>{w("visits")}</h1>
      <All />
    </OwnPage>
  );
}

function All() {
  const query = useInfiniteQuery(myVisits());
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const visits = query.data.pages.flatMap((page) => page.results);
  const coming = visits.filter(isComing).reverse();
  const past = visits.filter((one) => !isComing(one));
  return (
    <>
      {visits.length === 0 && <p>{w("visits.none")}</p>}
      {coming.length > 0 && <Some title={w("visits.coming")} visits={coming} />}
      {past.length > 0 && <Some title={w("visits.past")} visits={past} />}
      <More of={query} />
      <p className="actions">
        <Link href="/agendar" className="button is-main">
          {t("book")}
        </Link>
      </p>
    </>
  );
}

function isComing({ status, ends_at }: Visit): boolean {
  return (status === "confirmed" || status === "requested") && Date.parse(ends_at) > now();
}

function Some({ title, visits }: { title: string; visits: Visit[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul className="lines">
        {visits.map((one) => (
          <li key={one.id}>
            <span>
              <Link href={`/visita/${one.id}`} className="link">
                {moment(one.starts_at, one.timezone)}
              </Link>
              <span className="soft">
                {" "}
                {list(one.services.map((service) => service.name))} {t("book.with", { name: one.professional.name })}
              </span>
            </span>
            <span className="soft">{w(`visit.status.${one.status}`)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
