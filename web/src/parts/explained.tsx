import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { stretchesOf } from "../booking";
import { clock, t } from "../language";
import type { Slot } from "../shop";
import { slots } from "../shop";
import { Failure } from "./notices";

const REASONS = [
  "booked",
  "buffer",
  "capacity",
  "held",
  "horizon",
  "lead_time",
  "occupied",
  "off_grid",
  "outside_hours",
  "professional",
  "room",
  "time_off",
] as const;

interface DayExplained {
  day: string;
  zone: string;
  skus: string[];
  who: string;
  free: Slot[];
}

/** Why other times of the day are not offered, for who wonders; told at once where there is none at all. */
export function Explained({ day, zone, skus, who, free }: DayExplained) {
  const [isOpen, setOpen] = useState(free.length === 0);
  const query = useQuery({
    ...slots({ service: skus, from: day, to: day, explain: "any", ...(who ? { professional: who } : {}) }),
    enabled: isOpen,
  });
  const said = query.data && stretchesOf(query.data.refused ?? [], query.data.slots);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{free.length === 0 ? t("book.explain.none") : t("book.explain")}</summary>
      {query.isLoading && <p role="status">{t("loading")}</p>}
      <ul className="lines is-close">
        {said?.map(({ from, to, reason }) => (
          <li key={from}>
            <span>{from === to ? clock(from, zone) : `${clock(from, zone)} – ${clock(to, zone)}`}</span>
            <span className="soft">{inWords(reason)}</span>
          </li>
        ))}
      </ul>
      <Failure problem={query.error} />
    </details>
  );
}

function inWords(reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`reason.${known}`) : "";
}
