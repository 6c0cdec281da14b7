"""The faults, where they are put, and the scores: what the mutation runs stand on."""

import importlib
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from devstack.state import ROOT
from tools.mutants import rooms
from tools.mutants.__main__ import main
from tools.mutants.grafting import graft
from tools.mutants.mutations import drawn, mutants_of
from tools.mutants.scores import Score, table, write
from tools.mutants.session import _near, _Test

SAMPLE = '''"""A rule."""

from functools import wraps

MOST = 3
__all__ = ["guarded", "refused"]


def guarded(work):
    @wraps(work)
    def inner(**words):
        """Say so."""
        return work(**words)

    return inner


class Box:
    size: int = 2

    @property
    def full(self) -> bool:
        return self.size > MOST


@guarded
def refused(*, count, most=MOST):
    if count > most:
        raise ValueError("too many")
    elif count == 0:
        return None
    print(count)
    return count + 1
'''


@pytest.fixture
def sample(tmp_path: Path) -> str:
    (tmp_path / "rule.py").write_text(SAMPLE)
    return "rule.py"


@pytest.fixture
def modules(tmp_path: Path, sample: str) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Yield the rule, and somebody who has imported everything of it by name."""
    (tmp_path / "user.py").write_text("from rule import MOST, Box, refused\n")
    sys.path.insert(0, str(tmp_path))
    try:
        yield importlib.import_module("rule"), importlib.import_module("user")
    finally:
        sys.path.remove(str(tmp_path))
        for name in ("rule", "user"):
            sys.modules.pop(name, None)


def become(module: ModuleType, source: str) -> None:
    before = dict(vars(module))
    exec(source, vars(module))
    graft(module=module, before=before)


def test_every_kind_of_fault_is_put_in_and_what_says_no_rule_is_left_alone(tmp_path: Path, sample: str) -> None:
    found = {mutant.key.removeprefix("rule.py::") for mutant in mutants_of(path=sample, root=tmp_path)}
    assert {
        "module: MOST = 3 -> MOST = 4",
        "Box: size: int = 2 -> size: int = 3",
        "Box.full: return self.size > MOST -> return self.size >= MOST",
        "guarded.inner: @wraps(work) -> nothing",
        "refused: @guarded -> nothing",
        "refused: if count > most: -> if not (count > most):",
        "refused: if count > most: -> if count >= most:",
        'refused: raise ValueError("too many") -> pass',
        "refused: elif count == 0: -> elif not (count == 0):",
        "refused: print(count) -> pass",
        "refused: return count + 1 -> return count - 1",
    } <= found
    assert not [key for key in found if "__all__" in key or "Say so" in key or "functools" in key]
    assert "Box.full: @property -> nothing" not in found


def test_a_fault_is_known_by_its_words_and_has_the_lines_that_a_test_must_reach(tmp_path: Path, sample: str) -> None:
    mutants = {mutant.key.partition("::")[2]: mutant for mutant in mutants_of(path=sample, root=tmp_path)}
    negated = mutants["refused: if count > most: -> if not (count > most):"]
    assert SAMPLE.splitlines()[negated.line - 1] == "    if count > most:"
    assert list(negated.lines or ()) == [negated.line]
    assert negated.source == SAMPLE.replace("if count > most:", "if not (count > most):")
    assert mutants["module: MOST = 3 -> MOST = 4"].lines is None
    assert mutants["refused: @guarded -> nothing"].lines is None
    (tmp_path / "rule.py").write_text(SAMPLE.replace("MOST = 3\n", "\n\nMOST = 3\n"))
    assert {mutant.key.partition("::")[2] for mutant in mutants_of(path=sample, root=tmp_path)} == set(mutants)


def test_the_seed_draws_and_a_fault_that_is_drawn_stays_so(tmp_path: Path, sample: str) -> None:
    mutants = mutants_of(path=sample, root=tmp_path)
    some = drawn(mutants=mutants, seed=7, most=10)
    assert len(some) == 10
    assert some == drawn(mutants=reversed(mutants), seed=7, most=10)
    assert some != drawn(mutants=mutants, seed=8, most=10)
    assert set(some) < set(drawn(mutants=mutants, seed=7, most=11))
    assert set(drawn(mutants=mutants, seed=7, most=None)) == set(mutants)


def test_who_imported_a_rule_has_the_changed_one(modules: tuple[ModuleType, ModuleType]) -> None:
    rule, user = modules
    box, kept = user.Box(), user.refused
    assert (kept(count=3), box.full, user.MOST) == (4, False, 3)
    become(rule, SAMPLE.replace("count + 1", "count - 1").replace("self.size > MOST", "self.size < MOST"))
    assert (user.refused is kept, user.refused(count=3), box.full) == (True, 2, True)
    assert isinstance(rule.Box(), user.Box)


def test_a_constant_and_a_default_reach_everybody(modules: tuple[ModuleType, ModuleType]) -> None:
    rule, user = modules
    become(rule, SAMPLE.replace("MOST = 3", "MOST = 1000").replace("size: int = 2", "size: int = 5000"))
    assert (user.MOST, user.refused(count=9), user.Box().full) == (1000, 10, True)


def test_what_was_decorated_and_no_longer_is(modules: tuple[ModuleType, ModuleType]) -> None:
    rule, user = modules
    assert user.refused.__code__.co_name == "inner"
    become(rule, SAMPLE.replace("@guarded\n", ""))
    assert user.refused.__code__.co_name == rule.refused.__code__.co_name == "refused"


def test_every_room_has_its_files_and_every_answer_a_mutant_it_speaks_of() -> None:
    known = set()
    for room in rooms.ROOMS.values():
        assert [path for path in (*room.sources, *room.tests) if not (ROOT / path).exists()] == []
        known |= {mutant.key for path in room.sources for mutant in mutants_of(path=path, root=ROOT)}
    assert set(rooms.equivalent()) - known == set()


def test_the_room_of_payments_is_all_of_its_services() -> None:
    services = {str(path.relative_to(ROOT)) for path in (ROOT / "payments" / "services").glob("[!_]*.py")}
    assert services - set(rooms.ROOMS["payments"].sources) == set()


def test_the_score_leaves_out_what_nobody_can_tell_apart(tmp_path: Path) -> None:
    score = Score(room="claims", mutants=623, drawn=200, equivalent=20, noticed=171, survived=9, seconds=60)
    assert score.percent == 95.0
    assert "95.0 %" in table([score])[0]
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "testing.md"
    row = "| claims | 623 | 200 | 20 | 171 | 9 | 95.0 % | 7 | 2026-03-02 |"
    for there, written in [
        ("|---|\n| claims | 1 |\n| placing | 2 |\n\nEnd.", f"|---|\n{row}\n| placing | 2 |\n\nEnd."),
        ("|---|\n| placing | 2 |\n\nEnd.", f"|---|\n| placing | 2 |\n{row}\n\nEnd."),
        ("|---|\n\nEnd.", f"|---|\n{row}\n\nEnd."),
    ]:
        page.write_text(there)
        write(scores=[score], seed=7, day=date(2026, 3, 2), root=tmp_path)
        assert page.read_text() == written


def test_lines_that_run_at_the_import_alone_are_judged_by_all_who_use_the_file(
    sample: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    mutant = next(one for one in mutants_of(path=sample, root=tmp_path) if one.lines is not None)
    assert mutant.lines is not None
    at_it, beside, elsewhere = (
        _Test(item=request.node, seconds=1.0, reaches={place})
        for place in [(sample, mutant.lines[0]), (sample, 999), ("other.py", mutant.lines[0])]
    )
    assert _near([at_it, beside, elsewhere], mutant) == [at_it]
    assert _near([beside, elsewhere], mutant) == [beside]
    assert _near([elsewhere], mutant) == []


def test_a_name_that_no_mutant_has_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pricing", "--only", "nobody"]) == 2
    assert capsys.readouterr().err == "No mutant that was drawn has 'nobody' in its name.\n"
