"""The console: nobody has to read it for the shop to go on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack import console as room
from devstack.console import Console


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    read_end, write_end = os.pipe()
    monkeypatch.setattr(room, "OUTPUT", write_end)
    yield read_end
    for end in (read_end, write_end):
        try:
            os.close(end)
        except OSError:
            continue


def test_a_pipe_that_nobody_reads_costs_lines_on_it_and_nothing_else(reader: int, tmp_path: Path) -> None:
    speaker = Console()
    speaker.keep(tmp_path / "log" / "shop.log")
    lines = [f"{number:06d} {'x' * 200}" for number in range(2000)]
    for line in lines:
        speaker.say("web", line)
    assert (tmp_path / "log" / "shop.log").read_text().splitlines() == [f"web    | {line}" for line in lines]

    shown = os.read(reader, 1_000_000).decode().splitlines()
    assert 0 < len(shown) < len(lines)
    speaker.say("web", "and on")
    missing = len(lines) - len(shown)
    assert os.read(reader, 1_000_000).decode().splitlines() == [
        f"shop   | {missing} lines were not shown; {tmp_path / 'log' / 'shop.log'} has them",
        "web    | and on",
    ]


def test_a_reader_that_has_gone_is_not_an_error(reader: int, tmp_path: Path) -> None:
    speaker = Console()
    speaker.keep(tmp_path / "shop.log")
    os.close(reader)
    speaker.show("first")
    speaker.say("web", "second")
    assert (tmp_path / "shop.log").read_text() == "first\nweb    | second\n"


def test_a_log_that_has_grown_too_long_makes_room(reader: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LOG_LIMIT", 100)
    speaker = Console()
    speaker.keep(tmp_path / "shop.log")
    for number in range(20):
        speaker.say("web", f"line {number}")
    assert (tmp_path / "shop.log").stat().st_size < 150
    assert (tmp_path / "shop.old.log").exists()
    assert "line 19" in (tmp_path / "shop.log").read_text()
