// What the free times of the API are, put in the order in which people look at them.
import type { Problem, Schemas } from "@balcao/client";

import { clock, dayKey } from "./language";
import type { Service, Slot } from "./shop";

type Person = Schemas["PersonResponse"];

/** A time somebody takes; an empty professional means anybody. */
export interface Place {
  starts_at: string;
  professional: string;
}

export interface Alternative {
  starts_at: string;
  ends_at: string;
  professional: Person;
}

/** Return who performs every one of these services, for one visit is one professional's. */
export function performersOf(chosen: Pick<Service, "professionals">[]): Person[] {
  const [first, ...others] = chosen;
  return (first?.professionals ?? []).filter((one) =>
    others.every((service) => service.professionals.some((other) => other.id === one.id)),
  );
}

/** Return the person of that id who performs any of these services. */
export function personOf(all: Pick<Service, "professionals">[], id: string): Person | null {
  return all.flatMap((service) => service.professionals).find((person) => person.id === id) ?? null;
}

/** Return the services that a person performs. */
export function servicesOf<Offered extends Pick<Service, "professionals">>(all: Offered[], id: string): Offered[] {
  return all.filter((service) => service.professionals.some((person) => person.id === id));
}

export function byDay(free: Slot[], zone: string): Map<string, Slot[]> {
  const days = new Map<string, Slot[]>();
  for (const slot of free) {
    const day = dayKey(slot.starts_at, zone);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return days;
}

export interface Stretch {
  from: string;
  to: string;
  reason: string;
}

/** Return the times that are not free in stretches: neighbours without a free one between them, for the same reason. */
export function stretchesOf(refused: Schemas["RefusedResponse"][], free: Pick<Slot, "starts_at">[]): Stretch[] {
  const times = [
    ...refused.map(({ starts_at, reasons }) => ({ starts_at, reason: reasons[0] ?? "" })),
    ...free.map(({ starts_at }) => ({ starts_at, reason: null })),
  ].sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
  const found: Stretch[] = [];
  let before: string | null = null;
  for (const { starts_at, reason } of times) {
    const last = found.at(-1);
    if (reason !== null && last && reason === before) last.to = starts_at;
    else if (reason !== null) found.push({ from: starts_at, to: starts_at, reason });
    before = reason;
  }
  return found;
}

export type Part = "morning" | "afternoon" | "evening";

/** Return the times of a day in its parts, those without any left out. */
export function byPartOfDay(free: Slot[], zone: string): [Part, Slot[]][] {
  const parts: Record<Part, Slot[]> = { morning: [], afternoon: [], evening: [] };
  for (const slot of free) {
    const hour = Number(clock(slot.starts_at, zone).slice(0, 2));
    parts[hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening"].push(slot);
  }
  return (Object.entries(parts) as [Part, Slot[]][]).filter(([, times]) => times.length > 0);
}

/** Return the least a time costs, and whether that is what it costs with everybody who is free. */
export function priceRange({ professionals }: Pick<Slot, "professionals">): { least: string; isOne: boolean } {
  const prices = professionals.map((one) => one.price).sort((a, b) => Number(a) - Number(b));
  return { least: prices[0] ?? "0.00", isOne: new Set(prices).size <= 1 };
}

/** Return the other times that a refusal offers. */
export function alternativesOf(problem: Problem): Alternative[] {
  return Array.isArray(problem.alternatives) ? (problem.alternatives as Alternative[]) : [];
}
