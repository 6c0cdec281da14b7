// One visit that this browser may open: by a token of its own or of its order, or by who is signed in.
import type { Schemas } from "@balcao/client";
import { answered } from "@balcao/client";
import { queryOptions } from "@tanstack/react-query";

import { api, queries } from "./shop";

export type Visit = Schemas["AppointmentResponse"];

const proof = (token: string | null) => (token === null ? {} : { Authorization: `Appointment ${token}` });

export const visit = (public_id: string, token: string | null) =>
  queryOptions({
    queryKey: ["visit", public_id],
    queryFn: ({ signal }) => {
      const params = { path: { public_id } };
      return answered(api.GET("/api/v1/appointments/{public_id}/", { params, headers: proof(token), signal }));
    },
    staleTime: 0,
  });

/** The times to which a visit may move between two days; refused as moving it would be. */
export const freeToMove = (public_id: string, token: string | null, from: string, to: string) =>
  queryOptions({
    queryKey: ["visit", public_id, "free", from, to],
    queryFn: ({ signal }) => {
      const params = { path: { public_id }, query: { from, to } };
      return answered(api.GET("/api/v1/appointments/{public_id}/reschedule/", { params, headers: proof(token), signal }));
    },
    staleTime: 0,
  });

export function moveVisit(public_id: string, token: string | null, starts_at: string): Promise<Visit> {
  const params = { path: { public_id } };
  const body = { starts_at };
  return answered(api.POST("/api/v1/appointments/{public_id}/reschedule/", { params, headers: proof(token), body }));
}

export function cancelVisit(public_id: string, token: string | null): Promise<Visit> {
  const params = { path: { public_id } };
  return answered(api.POST("/api/v1/appointments/{public_id}/cancel/", { params, headers: proof(token), body: {} }));
}

/** The visit is another now: show it so, and read anew what tells of it elsewhere. */
export function changed(found: Visit): void {
  queries.setQueryData(["visit", found.id], found);
  for (const name of ["order", "visits", "slots"]) void queries.invalidateQueries({ queryKey: [name] });
}
