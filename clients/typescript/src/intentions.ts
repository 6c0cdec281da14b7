/** Where keys are kept; `sessionStorage` fits. */
export type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

interface Kept {
  key: string;
  body: string;
}

const PREFIX = "balcao.intention.";

/**
 * Idempotency keys by intention. "Place this order" sent twice, by a double tap, after a reload or over a network that
 * swallowed the answer, carries one key, so the shop does it once. Another body is another intention.
 */
export class Intentions {
  readonly #storage: Storage;

  constructor(storage: Storage = memory()) {
    this.#storage = storage;
  }

  /** Return the key for doing `body` under `name`: the same one until it is done or the body changes. */
  key(name: string, body: unknown): string {
    const wanted = JSON.stringify(body);
    const kept = this.#read(name);
    if (kept !== null && kept.body === wanted) return kept.key;
    const key = crypto.randomUUID();
    this.#storage.setItem(PREFIX + name, JSON.stringify({ key, body: wanted } satisfies Kept));
    return key;
  }

  /** Return the body of what was begun under `name` and not known to be done; null where there is nothing. */
  pending<Body>(name: string): Body | null {
    const kept = this.#read(name);
    return kept === null ? null : (JSON.parse(kept.body) as Body);
  }

  /** It has been done: the next time is another one. */
  done(name: string): void {
    this.#storage.removeItem(PREFIX + name);
  }

  #read(name: string): Kept | null {
    try {
      const kept = JSON.parse(this.#storage.getItem(PREFIX + name) ?? "null") as Kept | null;
      return typeof kept?.key === "string" ? kept : null;
    } catch {
      return null;
    }
  }
}

/** Keep keys as long as this program runs. */
export function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}
