"""docs/security.md answers every requirement, says no more than it can show, and names only what there is."""

import re
from functools import cache

import pytest

from tools.supply import ROOT

ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| \*\*(Met|Not applicable|Not met)\*\*[:,] (.+) \|")
NO_GAPS = ("2", "6", "7", "8")
"""Validation, authentication, sessions, access control."""

PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = [found.groups() for line in PAGE.splitlines() if (found := ROW.fullmatch(line))]
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", PAGE)))
FILES = [name for name in QUOTED if re.fullmatch(r"[\w./-]+/[\w.-]+(?:::\w+)?|Pipfile\.lock|openapi\.yaml", name)]
SETTINGS = [name for name in QUOTED if re.fullmatch(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+", name)]


@cache
def settings() -> str:
    places = [*(ROOT / "config" / "settings").glob("*.py"), ROOT / ".docker" / ".env.example"]
    return "\n".join(place.read_text() for place in places)


def test_every_requirement_of_levels_1_and_2_is_answered_once() -> None:
    wanted = [tuple(line.split()) for line in (ROOT / "tools" / "asvs-5.0.txt").read_text().splitlines()]
    assert [level for _number, level in wanted].count("1") == 70
    assert [level for _number, level in wanted].count("2") == 183
    assert [(number, level) for number, level, *_rest in ROWS] == wanted
    assert len([line for line in PAGE.splitlines() if re.match(r"\| \d+\.\d+\.\d+ ", line)]) == len(ROWS)


def test_what_is_not_met_says_what_it_risks_and_is_nowhere_it_may_not_be() -> None:
    gaps = [(number, answer) for number, _level, _asked, status, answer in ROWS if status == "Not met"]
    assert [number for number, _answer in gaps if number.split(".")[0] in NO_GAPS] == []
    assert [number for number, answer in gaps if "Risk" not in answer] == []


def test_the_sums_are_right() -> None:
    found = {
        word: [status for *_rest, status, _answer in ROWS].count(word) for word in ("Met", "Not applicable", "Not met")
    }
    assert f"{found['Met']} are met, {found['Not applicable']} do not apply, and {found['Not met']} are not met" in PAGE


@pytest.mark.parametrize("name", FILES)
def test_every_file_and_test_that_is_named_exists(name: str) -> None:
    path, _colons, test = name.partition("::")
    assert (ROOT / path).exists()
    if test:
        assert re.search(rf"^\s*def {test}\(", (ROOT / path).read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_that_is_named_exists(name: str) -> None:
    assert re.search(rf"\b{name}\b", settings())


def test_every_command_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for name in re.findall(r"`make (\w+)`", PAGE):
        assert re.search(rf"^{name}:", makefile, re.MULTILINE)
