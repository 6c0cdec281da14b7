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

/** Return what the shop refused; null where nothing was, or it was not the shop. */
export function problemOf(error: unknown): Problem | null {
  return error instanceof Refused ? error.problem : null;
}
