// What belongs to who is signed in, beside orders: sessions, the second step, addresses, visits, data.
import type { Schemas } from "@balcao/client";
import { answered, Refused } from "@balcao/client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { cursorOf } from "./account";
import { api, queries } from "./shop";

export type Address = Schemas["AddressResponse"];
export type AddressDraft = Schemas["AddressRequest"];
export type Visit = Schemas["AppointmentResponse"];
export type NewApp = Schemas["NewAppResponse"];
export type NewPasskey = Schemas["NewPasskeyResponse"];

const MOST = 100;
const proof = (password: string) => (password ? { password } : {});

/** Whether the shop asks for the password before it does this. */
export function wantsPassword(problem: unknown): boolean {
  if (!(problem instanceof Refused)) return false;
  return (problem.problem.errors ?? []).some((one) => one.pointer === "/password" && one.code === "required");
}

export const sessions = () =>
  queryOptions({
    queryKey: ["sessions"],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/me/sessions/", { params: { query: { page_size: MOST } }, signal })),
  });

export async function endSession(public_id: string, password: string): Promise<void> {
  const params = { path: { public_id } };
  await answered(api.DELETE("/api/v1/me/sessions/{public_id}/", { params, body: proof(password) }));
  await queries.invalidateQueries({ queryKey: ["sessions"] });
}

export async function endOtherSessions(password: string): Promise<void> {
  await answered(api.DELETE("/api/v1/me/sessions/", { body: proof(password) }));
  await queries.invalidateQueries({ queryKey: ["sessions"] });
}

export const factors = () =>
  queryOptions({
    queryKey: ["factors"],
    queryFn: ({ signal }) => answered(api.GET("/api/v1/me/second-factor/", { signal })),
  });

async function factorsChanged<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  void queries.invalidateQueries({ queryKey: ["factors"] });
  void queries.invalidateQueries({ queryKey: ["sessions"] }); // the others have ended
  return answer;
}

export function beginApp(password: string): Promise<NewApp> {
  return answered(api.POST("/api/v1/me/second-factor/app/", { body: proof(password) }));
}

export async function confirmApp(sealed: string, code: string): Promise<string[]> {
  const asked = api.POST("/api/v1/me/second-factor/app/confirm/", { body: { sealed, code } });
  return (await factorsChanged(answered(asked))).recovery_codes;
}

export async function removeApp(password: string): Promise<void> {
  await factorsChanged(answered(api.DELETE("/api/v1/me/second-factor/app/", { body: proof(password) })));
}

/** Whether this browser can make a passkey as the shop asks for it. */
export function canMakePasskey(): boolean {
  return "parseCreationOptionsFromJSON" in (globalThis.PublicKeyCredential ?? {});
}

export function beginPasskey(password: string): Promise<NewPasskey> {
  return answered(api.POST("/api/v1/me/second-factor/passkeys/", { body: proof(password) }));
}

/** Have this device make the passkey, and keep it under a name. Return recovery codes where these are the first. */
export async function makePasskey({ options, sealed }: NewPasskey, name: string): Promise<string[]> {
  const asked = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const credential = made.toJSON() as Record<string, unknown>;
  const sent = api.POST("/api/v1/me/second-factor/passkeys/confirm/", { body: { sealed, name, credential } });
  return (await factorsChanged(answered(sent))).recovery_codes;
}

export async function removePasskey(key: string, password: string): Promise<void> {
  const params = { path: { key } };
  const body = proof(password);
  await factorsChanged(answered(api.DELETE("/api/v1/me/second-factor/passkeys/{key}/", { params, body })));
}

export async function renewCodes(password: string): Promise<string[]> {
  const asked = api.POST("/api/v1/me/second-factor/recovery-codes/", { body: proof(password) });
  return (await factorsChanged(answered(asked))).recovery_codes;
}

export const addresses = () =>
  queryOptions({
    queryKey: ["addresses"],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/v1/me/addresses/", { params: { query: { page_size: MOST } }, signal })),
  });

export async function addAddress(body: AddressDraft): Promise<void> {
  await answered(api.POST("/api/v1/me/addresses/", { body }));
  await queries.invalidateQueries({ queryKey: ["addresses"] });
}

export async function changeAddress(public_id: string, body: Partial<AddressDraft>): Promise<void> {
  await answered(api.PATCH("/api/v1/me/addresses/{public_id}/", { params: { path: { public_id } }, body }));
  await queries.invalidateQueries({ queryKey: ["addresses"] });
}

export async function removeAddress(public_id: string): Promise<void> {
  await answered(api.DELETE("/api/v1/me/addresses/{public_id}/", { params: { path: { public_id } } }));
  await queries.invalidateQueries({ queryKey: ["addresses"] });
}

export function lookUp(postal_code: string): Promise<Schemas["PlaceResponse"]> {
  return answered(api.POST("/api/v1/addresses/lookup/", { body: { postal_code } }));
}

/** The visits of who is signed in, the latest first, one page after the other. */
export const myVisits = () =>
  infiniteQueryOptions({
    queryKey: ["visits"],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/api/v1/appointments/", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => cursorOf(next),
  });

export async function saveProfile(body: Schemas["ProfileRequest"]): Promise<void> {
  queries.setQueryData(["me"], await answered(api.PATCH("/api/v1/me/", { body })));
}

export async function changePassword(current: string, fresh: string): Promise<void> {
  await answered(api.POST("/api/v1/me/password/", { body: { current, new: fresh } }));
  await queries.invalidateQueries({ queryKey: ["sessions"] });
}

async function pages<Row>(read: (cursor: string) => Promise<{ next: string | null; results: Row[] }>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page = await read(cursor);
    rows.push(...page.results);
    cursor = cursorOf(page.next);
  }
  return rows;
}

/** Return all that the shop keeps with this account, as it answers it. */
export async function everything(): Promise<Record<string, unknown>> {
  const query = (cursor: string) => ({ params: { query: { page_size: MOST, ...(cursor ? { cursor } : {}) } } });
  const listed = await pages((cursor) => answered(api.GET("/api/v1/orders/", query(cursor))));
  const orders: unknown[] = [];
  for (const { number } of listed)
    orders.push(await answered(api.GET("/api/v1/orders/{number}/", { params: { path: { number } } })));
  return {
    me: await answered(api.GET("/api/v1/me/")),
    addresses: (await queries.fetchQuery(addresses())).results,
    sessions: (await queries.fetchQuery(sessions())).results,
    visits: await pages((cursor) => answered(api.GET("/api/v1/appointments/", query(cursor)))),
    orders,
  };
}

/** Hand somebody a file of what was collected. */
export function download(name: string, content: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
