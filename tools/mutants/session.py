"""One pytest session that judges mutants: everything is started once, and each mutant has a fork of its own.

Only the tests that reach the mutated lines run, those first that are quick and have noticed much so far, and the first
that fails ends it. A test that takes far longer than it should has noticed too.
"""

import gc
import importlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import coverage
import pytest
from _pytest.runner import runtestprotocol
from django.db import connection, connections
from django.test import TransactionTestCase
from pytest_django.plugin import blocking_manager_key

from common.testing import EMPTIED
from tools.mutants.grafting import graft
from tools.mutants.mutations import Mutant
from tools.mutants.rooms import Room

NOTICED, SURVIVED, ERROR = 1, 0, 3
PATIENCE = 4.0
"""Seconds that any test may take, beyond ten times what it took without a fault."""
CONTROL_EVERY = 50


@dataclass
class Verdict:
    """What became of a mutant: `survived`, `failed` (a test did), `hung`, or `unreached`."""

    mutant: Mutant
    outcome: str
    by: str = ""

    @property
    def noticed(self) -> bool:
        """Say whether a test noticed."""
        return self.outcome in {"failed", "hung"}


@dataclass
class _Test:
    item: pytest.Item
    seconds: float
    noticed: int = 0
    reaches: set[tuple[str, int]] = field(default_factory=set)

    @property
    def rank(self) -> float:
        return self.seconds / (1 + self.noticed)


class Judge:
    """The pytest plugin: runs the tests once without a fault, then the mutants of each room."""

    def __init__(self, *, rooms: Mapping[str, Room], mutants: Mapping[str, Sequence[Mutant]], root: Path) -> None:
        self.rooms = rooms
        self.mutants = mutants
        self.root = root
        self.verdicts: dict[str, list[Verdict]] = {}
        self.seconds: dict[str, float] = {}
        self.trouble: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge everything; stands instead of pytest's own loop."""
        tests = self._without_a_fault(session)
        if self.trouble:
            return True
        for name, mutants in self.mutants.items():
            began = time.monotonic()
            own = [test for test in tests if _path_of(test.item, self.root) in self.rooms[name].tests]
            self.verdicts[name] = []
            for number, mutant in enumerate(mutants, start=1):
                if number % CONTROL_EVERY == 0:
                    self._control(own)
                    _say(session, f"{name} {number}/{len(mutants)}")
                verdict = self._judge(mutant, own)
                self.verdicts[name].append(verdict)
                if not verdict.noticed:
                    _say(session, f"{name} {number}/{len(mutants)} {verdict.outcome}: {mutant.key}")
            self._control(own)
            self.seconds[name] = time.monotonic() - began
        return True

    def _without_a_fault(self, session: pytest.Session) -> list[_Test]:
        """Run every test once; remember how long it takes and which lines it reaches."""
        sources = {str(self.root / path): path for room in self.rooms.values() for path in room.sources}
        measured = coverage.Coverage(data_file=None, config_file=False, include=list(sources))
        tests = []
        for item in session.items:
            measured.start()
            measured.switch_context(item.nodeid)
            began = time.monotonic()
            reports = _run(item)
            measured.stop()
            tests.append(_Test(item=item, seconds=time.monotonic() - began))
            self.trouble += [
                f"{item.nodeid} fails without a fault\n{report.longreprtext[-2000:]}"
                for report in reports
                if report.failed
            ]
        data = measured.get_data()
        by_test = {test.item.nodeid: test for test in tests}
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                for context in contexts:
                    if context in by_test:
                        by_test[context].reaches.add((sources[file], line))
        return tests

    def _judge(self, mutant: Mutant, tests: Sequence[_Test]) -> Verdict:
        chosen = sorted(_near(tests, mutant), key=lambda test: test.rank)
        if not chosen:
            return Verdict(mutant=mutant, outcome="unreached")
        outcome, by = self._forked(chosen, mutant)
        if by is not None:
            chosen[by].noticed += 1
        return Verdict(mutant=mutant, outcome=outcome, by="" if by is None else chosen[by].item.nodeid)

    def _control(self, tests: Sequence[_Test]) -> None:
        """See that quick tests are still green without a fault, so that no mutant has spoiled anything for the next."""
        chosen = sorted(tests, key=lambda test: test.seconds)[:3] + sorted(tests, key=lambda test: test.rank)[:3]
        outcome, by = self._forked(chosen, None)
        if outcome != "survived":
            which = "" if by is None else f" ({chosen[by].item.nodeid})"
            raise pytest.UsageError(f"without a fault: {outcome}{which}; a mutant has spoiled the ground")

    def _forked(self, tests: Sequence[_Test], mutant: Mutant | None) -> tuple[str, int | None]:
        """Run tests in a fork, with the fault in place; return what came of it, and which test noticed."""
        connections.close_all()
        gc.freeze()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _be_the_fork(tests, mutant, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _pid, status = os.waitpid(child, 0)
        last = int.from_bytes(told[-2:]) if told else None
        if os.WIFSIGNALED(status):
            _sweep(tests[0].item.config)
            return "hung", last
        code = os.WEXITSTATUS(status)
        if code == ERROR:
            raise pytest.UsageError(f"the tool itself failed at {mutant.key if mutant else 'the control'}")
        return ("failed", last) if code == NOTICED else ("survived", None)


def _be_the_fork(tests: Sequence[_Test], mutant: Mutant | None, writing: int) -> None:
    """Put the fault in place and run the tests until one notices; say the place of each before it begins. No return."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    outcome = ERROR
    EMPTIED.doubt()  # the fork before this one has left what its tests did, and told nobody
    try:
        if mutant is None or _put_in_place(mutant):
            outcome = SURVIVED
            for place, test in enumerate(tests):
                os.write(writing, place.to_bytes(2))
                signal.setitimer(signal.ITIMER_REAL, PATIENCE + 10 * test.seconds)
                if any(report.failed for report in _run(test.item)):
                    outcome = NOTICED
                    break
        else:
            outcome = NOTICED
    except BaseException:  # noqa: BLE001 not even the end of pytest may pass for a verdict
        outcome = ERROR
    finally:
        os._exit(outcome)


def _put_in_place(mutant: Mutant) -> bool:
    """Graft the mutant; False where it cannot even be imported, which everybody would notice."""
    module = importlib.import_module(mutant.path.removesuffix(".py").replace("/", "."))
    code = compile(mutant.source, str(module.__file__), "exec")
    before = dict(vars(module))
    try:
        exec(code, vars(module))  # noqa: S102 the mutated file
    except Exception:  # noqa: BLE001 whatever it raises
        return False
    graft(module=module, before=before)
    return True


def _sweep(config: pytest.Config) -> None:
    """End what a killed fork has left running in the database, and empty the tables."""
    if not str(connection.settings_dict["NAME"]).startswith("test_"):
        return
    with config.stash[blocking_manager_key].unblock():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        EMPTIED.after(TransactionTestCase())
        connections.close_all()


def _near(tests: Sequence[_Test], mutant: Mutant) -> list[_Test]:
    """Return the tests that reach a mutant; for lines that run at the import alone, all that use its file."""
    return [test for test in tests if _reaches(test, mutant)] or [
        test for test in tests if any(path == mutant.path for path, _line in test.reaches)
    ]


def _reaches(test: _Test, mutant: Mutant) -> bool:
    return mutant.lines is None or any((mutant.path, line) in test.reaches for line in mutant.lines)


def _run(item: pytest.Item) -> list[pytest.TestReport]:
    """Run one test; what is set up for the whole session stays, whatever comes after."""
    return runtestprotocol(item, log=False, nextitem=cast("pytest.Item", item.session))


def _path_of(item: pytest.Item, root: Path) -> str:
    return str(item.path.relative_to(root))


def _say(session: pytest.Session, line: str) -> None:
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    reporter.write_line(line)
