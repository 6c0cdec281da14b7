// Signing in and out, and what belongs to who is signed in. The refresh token is a cookie that no script reads.
import type { Schemas } from "@balcao/client";
import { answered, Refused } from "@balcao/client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { claimCart, leaveCart } from "./cart";
import { forget } from "./draft";
import { forgetLinks } from "./links";
import { api, queries, session } from "./shop";

export type Challenge = { challenge: string; methods: string[]; passkey: unknown };

/** By these names the shop has told of who looks. */
export const OWN = ["me", "orders", "order", "visits", "visit", "addresses", "sessions", "factors"];

session.subscribe((isSignedIn) => {
  if (!isSignedIn) for (const name of OWN) queries.removeQueries({ queryKey: [name] }); // in every tab
});

const OURS = { "X-Requested-With": "fetch" };

export function useIsSignedIn(): boolean {
  return useSyncExternalStore(
    (listener) => session.subscribe(listener),
    () => session.isSignedIn,
  );
}

/** Sign in. Returns the second step where the login has one; null when it is done. */
export async function signIn(email: string, password: string): Promise<Challenge | null> {
  try {
    await enter(answered(api.POST("/api/v1/auth/token/", { body: { email, password, transport: "cookie" } })));
    return null;
  } catch (problem) {
    if (problem instanceof Refused && problem.code === "second_factor_required")
      return problem.problem as unknown as Challenge;
    throw problem;
  }
}

/** Take the second step, with a code of an app or one of those kept on paper. */
export async function answerWithCode(challenge: string, code: string): Promise<void> {
  const body = { challenge, code, transport: "cookie" as const };
  await enter(answered(api.POST("/api/v1/auth/token/second-factor/", { body })));
}

/** Whether this browser can use a passkey as the shop asks for it. */
export function canUsePasskey({ methods }: Challenge): boolean {
  return methods.includes("passkey") && "parseRequestOptionsFromJSON" in (globalThis.PublicKeyCredential ?? {});
}

/** Take the second step with a passkey. */
export async function answerWithPasskey({ challenge, passkey }: Challenge): Promise<void> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(passkey as PublicKeyCredentialRequestOptionsJSON);
  const chosen = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const credential = chosen.toJSON() as Schemas["PasskeyCredential"];
  const body = { challenge, credential, transport: "cookie" as const };
  await enter(answered(api.POST("/api/v1/auth/token/second-factor/", { body })));
}

/** Open an account and sign in with it; a letter asks to confirm the address. */
export async function register(name: string, email: string, password: string): Promise<void> {
  await answered(api.POST("/api/v1/auth/register/", { body: { name, email, password } }));
  await signIn(email, password);
}

/** Have the letter that verifies one's address sent once more. */
export async function askForVerification(): Promise<void> {
  await answered(api.POST("/api/v1/me/verification/"));
}

/** Say that the mailbox to which a letter went is one's own. */
export async function verify(token: string): Promise<void> {
  await answered(api.POST("/api/v1/auth/verify-email/", { body: { token } }));
  await queries.invalidateQueries({ queryKey: ["me"] });
}

/** Choose a password with the proof of a letter; every session ends, that of this browser too. */
export async function choosePassword(token: string, password: string): Promise<void> {
  await answered(api.POST("/api/v1/auth/password-reset/confirm/", { body: { token, password } }));
  session.set(null);
}

async function enter(asked: Promise<{ access: string }>): Promise<void> {
  session.set((await asked).access);
  await claimCart();
  await queries.invalidateQueries();
}

/** Sign out, here and in every tab, and keep nothing of who was signed in. */
export async function signOut(): Promise<void> {
  await answered(api.POST("/api/v1/auth/logout/", { body: {}, headers: OURS }));
  leave();
}

/** Close the account, and keep as little of it as at signing out. */
export async function closeAccount(password: string): Promise<void> {
  await answered(api.DELETE("/api/v1/me/", { body: { password } }));
  leave();
}

/** Whoever comes next to this browser opens nothing of who has left, orders and visits by their links neither. */
function leave(): void {
  session.set(null);
  leaveCart();
  forget();
  forgetLinks();
}

export const me = () =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/me/", { signal })),
    enabled: session.isSignedIn,
  });

/** Return where the next page of a list begins; undefined after the last. */
export function cursorOf(next: string | null): string | undefined {
  return next === null ? undefined : (new URL(next).searchParams.get("cursor") ?? undefined);
}

/** The orders of who is signed in, the newest first, one page after the other. */
export const myOrders = () =>
  infiniteQueryOptions({
    queryKey: ["orders"],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/api/v1/orders/", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => cursorOf(next),
  });
