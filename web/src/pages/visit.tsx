import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { list, money, moment, t } from "../language";
import { tokenOf } from "../links";
import { Closed } from "../parts/closed";
import { MoveVisit } from "../parts/moving";
import { Failure, isMissing, Loading, Notice, Trouble } from "../parts/notices";
import { useTitle } from "../parts/title";
import { OwnTime } from "../parts/zone";
import { profile } from "../shop";
import type { Visit } from "../visits";
import { cancelVisit, changed, visit } from "../visits";
import { w } from "../words";

export default function VisitPage({ id }: { id: string }) {
  const [token] = useState(() => tokenOf("visit", id));
  const query = useQuery(visit(id, token));
  const shop = useQuery(profile()).data;
  const [isMoving, move] = useState(false);
  const [isMoved, setMoved] = useState(false);
  useTitle(w("visit"));
  if (query.isLoadingError && isMissing(query.error))
    return (
      <Closed
        title={t("nothing.title")}
        text={w("visit.closed")}
        own={{ href: "/minha-conta/visitas", name: w("visits") }}
      />
    );
  if (query.isLoadingError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  if (query.data === undefined || shop === undefined) return <Loading />;
  const found = query.data;
  const zone = found.timezone;
  const isLive = found.status === "confirmed" || found.status === "requested";
  const when = moment(found.starts_at, zone);
  return (
    <>
      <h1>{when}</h1>
      <Notice tone={isLive ? "good" : "calm"}>
        <p>
          <strong>{isMoved && isLive ? w("move.done", { when }) : w(`visit.status.${found.status}`)}</strong>
        </p>
        <p>
          {list(found.services.map((service) => service.name))} {t("book.with", { name: found.professional.name })}
        </p>
        <OwnTime instant={found.starts_at} zone={zone} />
      </Notice>
      <dl className="sum">
        {found.services.map((service) => (
          <div key={service.sku}>
            <dt>{service.name}</dt>
            <dd>{money(service.price, found.currency)}</dd>
          </div>
        ))}
        <div className="is-total">
          <dt>{t("total")}</dt>
          <dd>{money(found.total, found.currency)}</dd>
        </div>
      </dl>
      {isMoving ? (
        <MoveVisit
          visit={found}
          token={token}
          shop={shop}
          onBack={() => move(false)}
          onMoved={() => {
            move(false);
            setMoved(true);
          }}
        />
      ) : (
        <Actions visit={found} token={token} isLive={isLive} onMove={() => move(true)} />
      )}
    </>
  );
}

interface Acting {
  visit: Visit;
  token: string | null;
  isLive: boolean;
  onMove: () => void;
}

function Actions({ visit: found, token, isLive, onMove }: Acting) {
  const again = new URLSearchParams(found.services.map((service) => ["servico", service.sku]));
  const calendar = new URL(found.calendar_url, location.origin);
  return (
    <>
      <p className="actions">
        {isLive && (
          <>
            <button type="button" className="button is-wide" onClick={onMove}>
              {w("move.visit")}
            </button>
            <a className="button is-wide" href={calendar.pathname + calendar.search}>
              {t("your_order.calendar")}
            </a>
          </>
        )}
        {found.whatsapp_url && (
          <a href={found.whatsapp_url} className="button is-wide" rel="noreferrer noopener">
            {t("whatsapp")}
          </a>
        )}
        <Link href={`/agendar?${again}`} className="button is-wide">
          {t("your_order.book_again")}
        </Link>
      </p>
      {isLive && <Cancelling visit={found} token={token} />}
    </>
  );
}

function Cancelling({ visit: found, token }: { visit: Visit; token: string | null }) {
  const [isAsking, ask] = useState(false);
  const cancelling = useMutation({ mutationFn: () => cancelVisit(found.id, token), onSuccess: changed });
  if (!isAsking)
    return (
      <p>
        <button type="button" className="link" onClick={() => ask(true)}>
          {w("visit.cancel")}
        </button>
      </p>
    );
  return (
    <section>
      <h2>{w("visit.cancel.sure")}</h2>
      <Failure problem={cancelling.error} />
      <p className="actions">
        <button type="button" className="button is-danger" disabled={cancelling.isPending} onClick={() => cancelling.mutate()}>
          {w("visit.cancel")}
        </button>
        <button type="button" className="button" onClick={() => ask(false)}>
          {t("your_order.cancel.no")}
        </button>
      </p>
    </section>
  );
}
