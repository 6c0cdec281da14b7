import createClient from "openapi-fetch";
import type { Client, Middleware } from "openapi-fetch";

import type { Storage } from "./intentions.ts";
import { Intentions } from "./intentions.ts";
import { answered, Refused } from "./problems.ts";
import type { components, paths } from "./schema.d.ts";
import { Session } from "./session.ts";

export { Intentions } from "./intentions.ts";
export type { Problem } from "./problems.ts";
export { answered, Refused, Unreachable } from "./problems.ts";
export type { components, paths } from "./schema.d.ts";
export { Session } from "./session.ts";

/** The shapes of the API by name: `Schemas["CartResponse"]`. */
export type Schemas = components["schemas"];

export interface Options {
  /** Where the shop is, without a path: "https://loja.example". */
  baseUrl: string;
  /** "pt-BR" (default) or "en": the language of texts for people. */
  language?: string;
  /** Where idempotency keys survive a reload: `sessionStorage`. */
  intentions?: Storage;
  /** Where tabs remember that somebody is signed in: `localStorage`. */
  session?: Storage;
  fetch?: (request: Request) => Promise<Response>;
}

/** A shop, as its public API shows it. */
export interface Shop {
  api: Client<paths>;
  session: Session;
  intentions: Intentions;
}

/** What everybody is told the same, and what signing in is done with: nobody waits for a token there. */
const UNSIGNED = /^\/api\/v1\/(auth|categories|products|professionals|services|shop|slots|variants)\//;

/** Return the client of one shop. */
export function createShop(options: Options): Shop {
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const api = createClient<paths>({
    baseUrl: options.baseUrl,
    fetch: send,
    headers: { "Accept-Language": options.language ?? "pt-BR" },
  });
  const session = new Session(() => renewed(api), options.session);
  api.use(signing(session, send));
  return { api, session, intentions: new Intentions(options.intentions) };
}

/** Sign every request with the access token there is, and ask once more with a new one where it had run out. */
function signing(session: Session, send: (request: Request) => Promise<Response>): Middleware {
  const again = new Map<string, Request>();
  return {
    async onRequest({ id, request, schemaPath }) {
      if (UNSIGNED.test(schemaPath) || request.headers.has("Authorization")) return undefined;
      const access = await session.access();
      if (access === null) return undefined;
      again.set(id, request.clone());
      request.headers.set("Authorization", `Bearer ${access}`);
      return request;
    },
    async onResponse({ id, request, response }) {
      const unsigned = again.get(id);
      again.delete(id);
      if (unsigned === undefined || response.status !== 401) return undefined;
      const stale = request.headers.get("Authorization")?.slice("Bearer ".length) ?? null;
      const access = await session.renew(stale);
      if (access !== null) unsigned.headers.set("Authorization", `Bearer ${access}`);
      return send(unsigned);
    },
    onError({ id }) {
      again.delete(id);
      return undefined;
    },
  };
}

async function renewed(api: Client<paths>): Promise<string | null> {
  try {
    const pair = await answered(
      api.POST("/api/v1/auth/token/refresh/", { body: {}, headers: { "X-Requested-With": "fetch" } }),
    );
    return pair.access;
  } catch (problem) {
    if (problem instanceof Refused && problem.problem.status < 429) return null;
    throw problem;
  }
}
