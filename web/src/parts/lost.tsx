import type { Problem } from "@balcao/client";

import type { Place } from "../booking";
import { alternativesOf } from "../booking";
import { clock, day as sayDay, t } from "../language";
import { Notice } from "./notices";

interface LostTime {
  problem: Problem;
  zone: string;
  isBusy: boolean;
  onTake: (place: Place) => void;
}

/** Somebody was quicker: the nearest times, each one tap away. */
export function Lost({ problem, zone, isBusy, onTake }: LostTime) {
  const others = alternativesOf(problem);
  return (
    <Notice tone="bad">
      <p>
        <strong>{t("book.lost")}</strong> {others.length > 0 ? t("book.lost.instead") : t("book.lost.none")}
      </p>
      {others.map((one) => (
        <button
          key={`${one.starts_at}${one.professional.id}`}
          type="button"
          className="button is-wide"
          disabled={isBusy}
          onClick={() => onTake({ starts_at: one.starts_at, professional: one.professional.id })}
        >
          {sayDay(one.starts_at, zone)}, {clock(one.starts_at, zone)} {t("book.with", { name: one.professional.name })}
        </button>
      ))}
    </Notice>
  );
}
