// Links of letters open an order or a visit by the token behind their #. It is kept in this browser, by what it opens;
// one that proves that a mailbox is read is good once, and kept by this tab alone.
import { forBrowser, forTab } from "./storage";

type Kind = "order" | "visit";

const nameOf = (kind: Kind, id = "") => `balcao.${kind}.${id}`;
const TOKEN = /^[\w-]{43}$/;

/** Keep what opens an order or a visit. */
export function keepToken(kind: Kind, id: string, token: string): void {
  forBrowser.setItem(nameOf(kind, id), token);
}

/** Return what opens it: the token that a link brought, which is kept and taken out of the address, or the one kept. */
export function tokenOf(kind: Kind, id: string): string | null {
  const token = location.hash.slice(1);
  if (token) {
    if (TOKEN.test(token)) keepToken(kind, id, token); // half a link never replaces what opens the order
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return keptToken(kind, id);
}

const PROOF = /^[\w:.-]{1,2048}$/;
const nameOfProof = (page: string) => `balcao.proof.${page}`;

/** Return what the link of a letter proves on a page, taken out of the address; what it brought before a reload, too. */
export function proofOf(page: string): string | null {
  const proof = location.hash.slice(1);
  if (proof) {
    if (PROOF.test(proof)) forTab.setItem(nameOfProof(page), proof);
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  return forTab.getItem(nameOfProof(page));
}

export function forgetProof(page: string): void {
  forTab.removeItem(nameOfProof(page));
}

export function keptToken(kind: Kind, id: string): string | null {
  return forBrowser.getItem(nameOf(kind, id));
}

/** Return what this browser opens by links. */
export function kept(kind: Kind, storage: Pick<Storage, "key" | "length"> = forBrowser): string[] {
  return Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "")
    .filter((key) => key.startsWith(nameOf(kind)))
    .map((key) => key.slice(nameOf(kind).length))
    .sort();
}

export function forgetToken(kind: Kind, id: string): void {
  forBrowser.removeItem(nameOf(kind, id));
}

/** Let this browser open nothing by a link until one is followed again. */
export function forgetLinks(): void {
  for (const kind of ["order", "visit"] as const) for (const id of kept(kind)) forgetToken(kind, id);
}
