// Accidents of this page, told to the Sentry that the page names. What tells them is loaded only then: once the page is at
// rest, or as soon as there is one to tell. Where the page names none, nothing of this does anything.
import { Refused, Unreachable } from "@balcao/client";

export interface Sentry {
  dsn: string;
  release: string;
  environment: string;
}

/** An answer of the shop's: its route and status, never its address, and the id that the shop's log has it under. */
export interface Call {
  at: number;
  said: string;
  requestId: string | null;
}

export interface Accident {
  problem: unknown;
  requestId: string | null;
  calls: Call[];
  /** What people typed into this page, so that none of it is told. */
  typed: string[];
}

export function sentryIn(page: Pick<Document, "getElementById">): Sentry | null {
  const named = page.getElementById("window")?.dataset["sentry"];
  return named ? (JSON.parse(named) as Sentry) : null;
}

const sentry = sentryIn(document);
const LATEST = 20;
const REST = 3_000;
const calls: Call[] = [];
const typed = new Map<string, string>();
let failed = { path: "", requestId: null as string | null };
let telling: Promise<(accident: Accident) => void> | null = null;

/** Look out for accidents from now on. */
export function watch(): void {
  if (sentry === null) return;
  addEventListener("error", ({ error }) => tell(error));
  addEventListener("unhandledrejection", ({ reason }) => tell(reason));
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)
      typed.set(target.id || target.name, target.value);
  });
  setTimeout(() => void teller(), REST);
}

/** Remember what was answered; an accident of the shop's own is told, for the page to be found in which it happened. */
export function called(method: string, path: string, response: Response): void {
  if (sentry === null) return;
  const requestId = response.headers.get("X-Request-ID");
  const said = `${method} ${path} ${response.status}`;
  calls.push({ at: Date.now() / 1000, said, requestId });
  calls.splice(0, calls.length - LATEST);
  if (!response.ok && response.status !== 401) failed = { path: location.pathname, requestId };
  if (response.status === 500) tell(new Error(said), requestId);
}

/** Tell of an accident; what the shop refused, or a network that is away, is none. */
export function tell(problem: unknown, requestId = idOf(problem)): void {
  if (sentry === null || problem == null || isExpected(problem)) return;
  const accident = { problem, requestId, calls: [...calls], typed: [...typed.values()] };
  teller().then(
    (told) => told(accident),
    () => undefined, // it could not be loaded, and the page goes on
  );
}

function isExpected(problem: unknown): boolean {
  if (problem instanceof Refused || problem instanceof Unreachable) return true;
  return problem instanceof DOMException && (problem.name === "AbortError" || problem.name === "TimeoutError");
}

/** Return the id of the answer that an accident came from: its own, or of what failed on this page before. */
function idOf(problem: unknown): string | null {
  if (problem instanceof Error && problem.cause instanceof Refused) return problem.cause.requestId;
  return failed.path === location.pathname ? failed.requestId : null;
}

function teller(): Promise<(accident: Accident) => void> {
  telling ??= import("./sentry").then(({ begin }) => begin(sentry as Sentry));
  telling.catch(() => {
    telling = null; // the next one tries again
  });
  return telling;
}
