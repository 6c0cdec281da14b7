// What may be told of an accident: an event built anew from a list, and every text of it without what is about people.
import type { ErrorEvent } from "@sentry/browser";

import type { Accident } from "./errors";

const HIDDEN = "***";
/** Shorter words are in everything, and say nothing. */
const SHORTEST = 3;

/** Names of fields whose values are about people, wherever the API tells them. */
const PERSONAL = new Set([
  ...["name", "email", "phone", "document", "person", "note", "reason", "label", "recipient"],
  ...["street", "complement", "district", "city", "postal_code", "reference"],
]);

const PLACES = /\/(pedido|visita|orders|appointments|carts)\/[^\s/?#{}"']+/g;
const PATTERNS: [RegExp, string | ((found: string) => string)][] = [
  [/https?:\/\/[^\s"'<>]+/g, (found) => addressOf(found)],
  [PLACES, `/$1/${HIDDEN}`],
  [/[?&#][\w.-]+=[^\s"')]*/g, HIDDEN],
  [/[^\s"'<>(){}:;,=]+@[^\s"'<>(){}:;,]+\.[a-z]{2,}/gi, HIDDEN],
  [/(?=[\w-]*\d)[\w-]{22,}(\.[\w-]+)*/g, HIDDEN],
  [/\+?\(?\d[\d\s()./-]{5,}\d/g, HIDDEN],
  [/"[^"]*"/g, quoted],
  [/'[^']*'/g, quoted],
];

/** Return an address without what it carries: neither query nor fragment, nor which order or visit. */
export function addressOf(text: string): string {
  return text.replace(/[?#].*$/s, "").replace(PLACES, `/$1/${HIDDEN}`);
}

/** Return what hides these values in a text, word by word, and whatever looks like data about people or opens doors. */
export function masking(values: string[]): (text: string) => string {
  const words = new Set(values.flatMap((value) => [value.trim(), ...value.split(/[\s,;]+/)]));
  const known = [...words].filter((word) => word.length >= SHORTEST).sort((one, other) => other.length - one.length);
  const found = known.length > 0 ? new RegExp(known.map(escaped).join("|"), "giu") : null;
  return (text) => {
    const hidden = found === null ? text : text.replace(found, HIDDEN);
    return PATTERNS.reduce((said, [pattern, instead]) => said.replace(pattern, instead as string), hidden);
  };
}

/** Return what is told about people anywhere in answers of the API. */
export function peopleIn(told: unknown): string[] {
  if (Array.isArray(told)) return told.flatMap(peopleIn);
  if (typeof told !== "object" || told === null) return [];
  return Object.entries(told).flatMap(([name, value]) =>
    typeof value === "string" ? (PERSONAL.has(name) ? [value] : []) : peopleIn(value),
  );
}

/** Return the event that is sent in place of what was gathered. */
export function masked(
  event: ErrorEvent,
  { requestId, calls, typed }: Accident,
  { address, agent }: { address: string; agent: string },
): ErrorEvent {
  const mask = masking(typed);
  const { event_id, timestamp, platform, level, release, environment } = event;
  const values = (event.exception?.values ?? []).map(({ type, value, mechanism, stacktrace }) => ({
    type: mask(type ?? ""),
    value: mask(value ?? ""),
    mechanism: { type: mechanism?.type ?? "generic", handled: mechanism?.handled ?? true },
    stacktrace: {
      frames: (stacktrace?.frames ?? []).map(({ filename, function: name, lineno, colno, in_app }) => ({
        filename: addressOf(filename ?? ""),
        function: mask(name ?? ""),
        lineno,
        colno,
        in_app,
      })),
    },
  }));
  return {
    type: undefined,
    event_id,
    timestamp,
    platform,
    level,
    release,
    environment,
    exception: { values },
    breadcrumbs: calls.map((call) => ({
      category: "api",
      timestamp: call.at,
      message: call.said,
      data: { request_id: call.requestId },
    })),
    tags: requestId === null ? {} : { request_id: requestId },
    request: { url: mask(addressOf(address)), headers: { "User-Agent": agent } },
  };
}

/** Names of code are quoted, and so is what people typed: what is more than one word of code is hidden. */
function quoted(found: string): string {
  const mark = found.charAt(0);
  return /^[\w$.[\]()*-]*$/.test(found.slice(1, -1)) ? found : `${mark}${HIDDEN}${mark}`;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
