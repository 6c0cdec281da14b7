"""Tests that a machine cannot run: what was skipped and why, in one line; where nothing may be skipped, they fail."""

from collections import Counter
from collections.abc import Generator, Iterable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take whether a test may be skipped."""
    parser.addoption("--nothing-skipped", action="store_true", help="a test that is skipped has failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that says what it lacks fail, where nothing may lack."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("--nothing-skipped"):
        report.outcome, report.longrepr = (
            "failed",
            f"skipped, where nothing may be: {call.excinfo and call.excinfo.value}",
        )
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, if anything was."""
    if skipped := terminalreporter.stats.get("skipped"):
        terminalreporter.write_line(told(skipped))


def told(reports: Iterable[pytest.TestReport]) -> str:
    """Return the line that says how many tests were skipped for which reason."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)
        for report in reports
    )
    why = "; ".join(f"{count} because {reason}" for reason, count in sorted(reasons.items()))
    return f"Skipped on this machine: {why}."
