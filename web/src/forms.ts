// What every form does: it is sent once, however often it is tapped, and says beside each field what is wrong there.
import type { Problem } from "@balcao/client";
import { Refused } from "@balcao/client";
import type { FormEvent } from "react";

/** Return what happens when a form is sent: the browser stays, and nothing is sent while the last is on its way. */
export function sending({ isPending }: { isPending: boolean }, send: () => void): (event: FormEvent) => void {
  return (event) => {
    event.preventDefault();
    if (!isPending) send();
  };
}

/** Return what was typed over what a form showed; what nobody touched may be another by now, saved in another tab. */
export function typedOver<Fields extends object>(draft: Fields, shown: Fields): Partial<Fields> {
  const names = Object.keys(draft) as (keyof Fields)[];
  return Object.fromEntries(
    names.filter((name) => bare(draft[name]) !== bare(shown[name])).map((name) => [name, bare(draft[name])]),
  ) as Partial<Fields>;
}

const bare = (value: unknown) => (typeof value === "string" ? value.trim() : value);

/** Return what the shop refused; null where nothing was, or it was not the shop. */
export function problemOf(error: unknown): Problem | null {
  return error instanceof Refused ? error.problem : null;
}
