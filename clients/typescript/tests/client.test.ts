import { describe, expect, it } from "vitest";

import { answered, createShop, Intentions, Refused, Session, Unreachable } from "../src/index.ts";

type Answer = { status: number; body?: unknown; headers?: Record<string, string> };
type Handler = (request: Request) => Answer | Promise<Answer>;

const json = ({ status, body, headers = {} }: Answer) =>
  new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers },
  });
const problem = (status: number, code: string, more = {}) => ({
  status,
  body: { type: `/problems/${code}`, title: code, status, detail: code, instance: "", code, ...more },
});

function shopOf(handler: Handler) {
  const asked: Request[] = [];
  const shop = createShop({
    baseUrl: "http://shop.example",
    fetch: async (request) => {
      asked.push(request.clone());
      return json(await handler(request));
    },
  });
  return { ...shop, asked };
}

const REFRESH = "/api/v1/auth/token/refresh/";
const pathOf = (request: Request) => new URL(request.url).pathname;

describe("answers", () => {
  it("come as they are", async () => {
    const { api, asked } = shopOf(() => ({ status: 200, body: [] }));
    expect(await answered(api.GET("/api/v1/categories/"))).toEqual([]);
    expect(asked[0]?.headers.get("Accept-Language")).toBe("pt-BR");
    expect(asked[0]?.headers.has("Authorization")).toBe(false);
  });

  it("are refusals with their code, their data and when to ask again", async () => {
    const refusal = { ...problem(503, "busy", { retry_after: 2 }), headers: { "Retry-After": "2" } };
    const { api } = shopOf(() => refusal);
    const failure = await answered(api.GET("/api/v1/categories/")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refused);
    expect(failure).toMatchObject({ code: "busy", retryAfter: 2, problem: { retry_after: 2 } });
  });

  it("are missing where nobody answers, or something that is not the shop", async () => {
    const dead = shopOf(() => Promise.reject(new TypeError("no network")));
    await expect(answered(dead.api.GET("/api/v1/categories/"))).rejects.toBeInstanceOf(Unreachable);
    const proxy = shopOf(() => ({ status: 502, body: { sorry: true } }));
    await expect(answered(proxy.api.GET("/api/v1/categories/"))).rejects.toBeInstanceOf(Unreachable);
  });
});

describe("the session", () => {
  it("renews once for many requests whose token ran out, and asks them again", async () => {
    let renewals = 0;
    const { api, session, asked } = shopOf((request) => {
      if (pathOf(request) === REFRESH) return { status: 200, body: { access: `fresh-${++renewals}` } };
      const isFresh = request.headers.get("Authorization") === "Bearer fresh-1";
      return isFresh ? { status: 200, body: { email: "ana" } } : problem(401, "unauthenticated");
    });
    session.set("stale");
    const answers = await Promise.all([1, 2, 3].map(() => answered(api.GET("/api/v1/me/"))));
    expect(answers).toHaveLength(3);
    expect(renewals).toBe(1);
    const renewal = asked.find((request) => pathOf(request) === REFRESH);
    expect(renewal?.headers.get("X-Requested-With")).toBe("fetch");
    expect(await renewal?.json()).toEqual({});
  });

  it("sends what was asked again with its body", async () => {
    const bodies: unknown[] = [];
    const { api, session } = shopOf(async (request) => {
      if (pathOf(request) === REFRESH) return { status: 200, body: { access: "fresh" } };
      bodies.push(await request.json());
      return request.headers.get("Authorization") === "Bearer fresh"
        ? { status: 200, body: {} }
        : problem(401, "unauthenticated");
    });
    session.set("stale");
    await answered(api.PATCH("/api/v1/me/", { body: { name: "Ana" } }));
    expect(bodies).toEqual([{ name: "Ana" }, { name: "Ana" }]);
  });

  it("is over when it cannot be renewed, and says so once", async () => {
    const { api, session } = shopOf((request) =>
      pathOf(request) === REFRESH ? problem(401, "token_reused") : problem(401, "unauthenticated"),
    );
    const heard: boolean[] = [];
    session.set("stale");
    session.subscribe((isSignedIn) => heard.push(isSignedIn));
    await expect(answered(api.GET("/api/v1/me/"))).rejects.toMatchObject({ code: "unauthenticated" });
    expect(session.isSignedIn).toBe(false);
    expect(heard).toEqual([false]);
  });

  it("outlives an outage: nobody answering is not being signed out", async () => {
    const { api, session } = shopOf((request) =>
      pathOf(request) === REFRESH
        ? { ...problem(503, "busy"), headers: { "Retry-After": "1" } }
        : problem(401, "unauthenticated"),
    );
    session.set("stale");
    await expect(answered(api.GET("/api/v1/me/"))).rejects.toMatchObject({ code: "busy" });
    expect(session.isSignedIn).toBe(true);
  });

  it("leaves a guest's own proof alone", async () => {
    const { api, session, asked } = shopOf(() => ({ status: 200, body: {} }));
    session.set("token");
    const params = { path: { number: "A-1" } };
    await answered(api.GET("/api/v1/orders/{number}/", { params, headers: { Authorization: "Order secret" } }));
    expect(asked[0]?.headers.get("Authorization")).toBe("Order secret");
  });

  it("does not make anybody wait who asks for what everybody may see", async () => {
    const { api, session, asked } = shopOf(() => ({ status: 200, body: [] }));
    session.set("token");
    await answered(api.GET("/api/v1/categories/"));
    expect(asked[0]?.headers.has("Authorization")).toBe(false);
  });

  it("takes the token that somebody else has renewed meanwhile", async () => {
    let renewals = 0;
    const session = new Session(async () => `token-${++renewals}`);
    session.set("newer");
    expect(await session.renew("older")).toBe("newer");
    expect(renewals).toBe(0);
    expect(await session.renew("newer")).toBe("token-1");
  });
});

describe("intentions", () => {
  it("have one key until they are done or become others", () => {
    const intentions = new Intentions();
    const first = intentions.key("order", { total: "1.00" });
    expect(intentions.key("order", { total: "1.00" })).toBe(first);
    expect(intentions.pending("order")).toEqual({ total: "1.00" });
    const second = intentions.key("order", { total: "2.00" });
    expect(second).not.toBe(first);
    intentions.done("order");
    expect(intentions.pending("order")).toBeNull();
    expect(intentions.key("order", { total: "2.00" })).not.toBe(second);
  });

  it("begin anew where what was kept cannot be read", () => {
    const intentions = new Intentions({ getItem: () => "{", setItem: () => undefined, removeItem: () => undefined });
    expect(intentions.key("order", 1)).toMatch(/^[0-9a-f-]{36}$/);
    expect(intentions.pending("order")).toBeNull();
  });
});
