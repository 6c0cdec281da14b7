// What somebody typed at the checkout: kept over a reload, a lost race and a dead network, in this tab alone.
import { useEffect, useState } from "react";

import { forTab } from "./storage";

export interface Draft {
  name: string;
  email: string;
  phone: string;
  document: string;
  note: string;
  person: string;
  method: string;
  pickupAt: string;
}

const NAME = "balcao.checkout";
const EMPTY: Draft = { name: "", email: "", phone: "", document: "", note: "", person: "", method: "", pickupAt: "" };

export function read(storage: Pick<Storage, "getItem">): Draft {
  try {
    const kept = JSON.parse(storage.getItem(NAME) ?? "{}") as Partial<Record<keyof Draft, unknown>>;
    const known = Object.keys(EMPTY) as (keyof Draft)[];
    return Object.fromEntries(
      known.map((name) => [name, typeof kept[name] === "string" ? kept[name] : ""]),
    ) as unknown as Draft;
  } catch {
    return EMPTY;
  }
}

export function useDraft(): [Draft, (part: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(() => read(forTab));
  useEffect(() => forTab.setItem(NAME, JSON.stringify(draft)), [draft]);
  return [draft, (part) => setDraft((before) => ({ ...before, ...part }))];
}

/** Whoever this was has left. */
export function forget(): void {
  forTab.removeItem(NAME);
}

/** The order stands: the next one is for whoever it was, with nothing else of the last. */
export function settle(): void {
  const { name, email, phone, document } = read(forTab);
  forTab.setItem(NAME, JSON.stringify({ ...EMPTY, name, email, phone, document }));
}
