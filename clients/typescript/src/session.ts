import type { Storage } from "./intentions.ts";
import { memory } from "./intentions.ts";

/** Returns a new access token, or null when the session is over. Throws when nobody answered. */
export type Renewal = () => Promise<string | null>;

type Listener = (isSignedIn: boolean) => void;
type Message = { access: string | null };

const NAME = "balcao.session";

/**
 * Who is signed in, in this browser. The access token lives in memory alone, the refresh token in a cookie that no
 * script can read. A refresh token is good once and its second use ends the session, so renewals take turns: one for
 * all requests of a tab, and one tab at a time (Web Locks); the others are told the token (BroadcastChannel).
 */
export class Session {
  readonly #renewal: Renewal;
  readonly #storage: Storage;
  readonly #channel: BroadcastChannel | null;
  readonly #listeners = new Set<Listener>();
  #access: string | null = null;
  #renewing: Promise<string | null> | null = null;

  /** `storage` remembers only that there is a session; shared between tabs (`localStorage`). */
  constructor(renewal: Renewal, storage: Storage = memory()) {
    this.#renewal = renewal;
    this.#storage = storage;
    this.#channel = "window" in globalThis && "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null;
    this.#channel?.addEventListener("message", (event: MessageEvent<Message>) => this.#take(event.data.access));
  }

  get isSignedIn(): boolean {
    return this.#access !== null || this.#storage.getItem(NAME) !== null;
  }

  /** Return a token to ask with, renewed where this tab has none yet; null for a guest. */
  async access(): Promise<string | null> {
    return this.#access ?? (this.isSignedIn ? this.renew(null) : null);
  }

  /** Return a token newer than `stale`; many callers cause one renewal. Null: the session is over. */
  async renew(stale: string | null): Promise<string | null> {
    if (this.#access !== null && this.#access !== stale) return this.#access;
    this.#renewing ??= inTurn(() => this.#renewed(stale)).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** Somebody signed in with this token, or signed out (null). Every tab hears it. */
  set(access: string | null): void {
    this.#take(access);
    this.#channel?.postMessage({ access } satisfies Message);
  }

  /** Be told when somebody signs in or out. Returns what ends that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #renewed(stale: string | null): Promise<string | null> {
    if (this.#access !== null && this.#access !== stale) return this.#access; // another tab was quicker
    this.set(await this.#renewal());
    return this.#access;
  }

  #take(access: string | null): void {
    const was = this.isSignedIn;
    this.#access = access;
    if (access === null) this.#storage.removeItem(NAME);
    else this.#storage.setItem(NAME, "1");
    if (was !== this.isSignedIn) for (const listener of this.#listeners) listener(this.isSignedIn);
  }
}

/** Do the work while no other tab does its own. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (!("window" in globalThis) || !navigator.locks) return work();
  return navigator.locks.request(NAME, work) as Promise<Result>;
}
