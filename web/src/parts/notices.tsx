import { Refused, Unreachable } from "@balcao/client";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";

import { refusalText, t } from "../language";
import { useTitle } from "./title";

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="hidden">{t("loading")}</span>
    </div>
  );
}

/** Return what a person reads about something that failed. */
export function inWords(problem: unknown): string {
  if (problem instanceof Refused) return refusalText(problem.code) ?? problem.problem.detail;
  return t("away.text");
}

/** Whether the shop knows nothing of that, or does not say so to this browser. */
export function isMissing(problem: unknown): boolean {
  return problem instanceof Refused && problem.problem.status === 404;
}

/** Whether the shop said no, after which what it said before holds no longer; a question that only failed takes nothing away. */
export function isRefusal(problem: unknown): problem is Refused {
  return problem instanceof Refused && problem.problem.status < 500 && problem.retryAfter === null;
}

/** Where a page or a part of it could not be had. */
export function Trouble({ problem, again }: { problem: unknown; again: () => void }) {
  if (isMissing(problem)) return <Nothing />;
  const title = problem instanceof Unreachable ? t("away.title") : t("failed.title");
  return (
    <section className="trouble" role="alert">
      <h1>{title}</h1>
      <p>{inWords(problem)}</p>
      <button type="button" className="button is-main" onClick={again}>
        {t("again")}
      </button>
    </section>
  );
}

export function Nothing() {
  useTitle(t("nothing.title"));
  return (
    <section className="trouble">
      <h1>{t("nothing.title")}</h1>
      <p>{t("nothing.text")}</p>
      <Link href="/" className="button is-main">
        {t("cart.empty.go")}
      </Link>
    </section>
  );
}

/** A page that is not shown in the frame of another site; its link opens the shop itself. */
export function InShop() {
  const [path] = useLocation();
  return (
    <section className="trouble">
      <p>{t("elsewhere")}</p>
      <a href={path} className="button is-main">
        {t("elsewhere.open")}
      </a>
    </section>
  );
}

/** Something that is said beside what it is about. */
export function Notice({ tone = "good", children }: { tone?: "good" | "bad" | "calm"; children: ReactNode }) {
  return (
    <div className={`notice is-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** What failed, beside what was tried; `asSaid`: in the shop's words about this very case. */
export function Failure({ problem, asSaid = false }: { problem: unknown; asSaid?: boolean }) {
  return problem == null ? null : (
    <Notice tone="bad">
      <p>{asSaid && problem instanceof Refused ? problem.problem.detail : inWords(problem)}</p>
    </Notice>
  );
}
