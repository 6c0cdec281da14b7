"""A drill's report, as JSON for programs and as Markdown for people."""

import json
from typing import Any

from operations.drill.judging import CLAIMS
from operations.drill.running import Report

SHOWN = 20
OUTCOMES = ("ok", "failed", "unknown")


def as_json(report: Report, *, with_history: bool = False) -> str:
    """Return the report as one JSON object; the history is long."""
    return json.dumps(_plain(report, with_history=with_history), indent=1, default=str, ensure_ascii=False)


def as_markdown(report: Report) -> str:
    """Return the report as a page."""
    plan, broken = report.plan, {violation.claim for violation in report.violations}
    faults = ", ".join(sorted(plan.faults)) or "none"
    size = f"{len(report.history.operations)} operations of {plan.clients} clients, seed {plan.seed}"
    verdict = f"{len(report.violations)} violations." if broken else "Nothing is wrong."
    lines = [
        "# Race drill",
        "",
        f"{size}, faults: {faults}; {report.seconds:.0f} seconds.",
        "",
        f"**{verdict}** Deadlocks that were resolved by repeating: {report.deadlocks}.",
        "",
        "| operation | ok | failed | unknown |",
        "|---|--:|--:|--:|",
        *(
            f"| {kind} | {' | '.join(str(counted[outcome]) for outcome in OUTCOMES)} |"
            for kind, counted in sorted(report.outcomes.items())
        ),
        "",
        f"Went wrong on purpose: {_listed(report.trouble)}.",
        "",
        f"There at the end: {_listed(report.there)}.",
        "",
        "| claim | holds |",
        "|---|---|",
        *(f"| {sentence} | {'no' if name in broken else 'yes'} |" for name, (sentence, _claim) in CLAIMS.items()),
    ]
    if broken:
        lines += ["", "| claim | about | why |", "|---|---|---|"]
        lines += [f"| {one.claim} | {one.about} | {one.why} |" for one in report.violations[:SHOWN]]
        lines += ["", f"{len(report.violations) - SHOWN} more."] if len(report.violations) > SHOWN else []
    return "\n".join(lines) + "\n"


def _plain(report: Report, *, with_history: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ok": not report.violations,
        "operations": len(report.history.operations),
        "clients": report.plan.clients,
        "seed": report.plan.seed,
        "faults": sorted(report.plan.faults),
        "seconds": round(report.seconds, 1),
        "outcomes": report.outcomes,
        "trouble": report.trouble,
        "there": report.there,
        "deadlocks": report.deadlocks,
        "claims": list(CLAIMS),
        "violations": [vars(violation) for violation in report.violations],
    }
    return found | ({"history": report.history.as_plain()} if with_history else {})


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items())) or "nothing"
