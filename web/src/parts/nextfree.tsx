import { Refused } from "@balcao/client";
import { useQuery } from "@tanstack/react-query";

import { daysBetween } from "../calendar";
import { dayKey, moment, t } from "../language";
import type { Profile } from "../shop";
import { nextSlot, whatsapp } from "../shop";
import { Failure } from "./notices";

interface Looking {
  shop: Profile;
  skus: string[];
  who: string;
  /** The first day after the month in which there was none. */
  from: string;
  isFirstMonth: boolean;
  onGo: (day: string) => void;
  /** Where somebody else may have the time. */
  onAnyone?: () => void;
}

/** Where a month has no free time: the next one, a tap away, or in words how far there is none and whom to ask. */
export function NextFree({ shop, skus, who, from, isFirstMonth, onGo, onAnyone }: Looking) {
  const query = useQuery(nextSlot({ service: skus, from, ...(who ? { professional: who } : {}) }));
  if (query.isLoadingError) return query.error instanceof Refused ? null : <Failure problem={query.error} />;
  if (query.data === undefined) return <p role="status">{t("book.next_free.looking")}</p>;
  const { slot, searched_until: until, timezone: zone } = query.data;
  if (slot)
    return (
      <button type="button" className="button is-main is-wide" onClick={() => onGo(dayKey(slot.starts_at, zone))}>
        {t("book.next_free.go", { when: moment(slot.starts_at, zone) })}
      </button>
    );
  const chat = whatsapp(shop);
  return (
    <div role="status">
      <p>
        {isFirstMonth ? t("book.none_for", { count: daysBetween(shop.today, until) }) : t("book.none_later")}{" "}
        {chat && t("book.none.ask")}
      </p>
      <p className="actions">
        {chat && (
          <a href={chat} className="button" rel="noreferrer noopener">
            {t("whatsapp")}
          </a>
        )}
        {who && onAnyone && (
          <button type="button" className="button" onClick={onAnyone}>
            {t("book.none.anyone")}
          </button>
        )}
      </p>
    </div>
  );
}
