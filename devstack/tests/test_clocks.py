"""Other clocks for the suite: each is what its name says, and a session under one lives there, children included."""

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devstack import clocks, state
from devstack.clocks import CLOCKS, DAYS

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize("day", DAYS)
def test_each_weekday_has_a_late_evening_and_a_night(day: str) -> None:
    for hour in ("2230", "0030"):
        begins = CLOCKS[f"{day}-{hour}"].begins.astimezone(SAO_PAULO)
        assert (begins.strftime("%a").lower(), begins.strftime("%H%M")) == (day, hour)


def test_ends_and_leaps() -> None:
    month_end = CLOCKS["month-end"].begins.astimezone(SAO_PAULO)
    assert (month_end + timedelta(hours=1)).day == 1
    assert CLOCKS["dec-31"].begins.astimezone(SAO_PAULO).date() == date(2026, 12, 31)
    assert CLOCKS["leap-day"].begins.astimezone(SAO_PAULO).date() == date(2028, 2, 29)
    assert {clock.zone for clock in CLOCKS.values() if clock.zone} == {"Asia/Tokyo", "Pacific/Auckland"}


def test_every_clock_is_chosen_by_some_commit_and_always_the_same() -> None:
    found = {clocks.chosen(commit=f"{number:040x}") for number in range(len(CLOCKS))}
    assert found == set(CLOCKS)
    assert clocks.chosen(commit="af952230") == clocks.chosen(commit="af952230")


PROBE = """
import json, os, subprocess, sys
from datetime import UTC, datetime

def test_probe():
    code = "from common import clock; import django; django.setup(); print(clock.now().isoformat())"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.offline"}
    child = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    print("PROBE", json.dumps([datetime.now(tz=UTC).isoformat(), child.stdout.strip(), os.environ["CLOCK"]]))
"""


def session(*, clock: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_probe.py").write_text(PROBE)
    words = ["-p", "devstack.pytest_clock", "-p", "no:cacheprovider", "-c", os.devnull, "-s", "-q", str(tmp_path)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=state.ROOT,
        env=os.environ | {"CLOCK": clock, "PYTHONPATH": str(state.ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize("name", ["fri-2230", "auckland"])
def test_a_session_and_its_children_live_at_that_time(name: str, tmp_path: Path) -> None:
    done = session(clock=name, tmp_path=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if "PROBE" in line)
    own, child, kept = json.loads(line.partition("PROBE ")[2])
    begins = CLOCKS[name].begins
    for told in (own, child):
        assert begins <= datetime.fromisoformat(told) < begins + timedelta(minutes=5)
    assert kept == name
    assert "make test CLOCK" not in done.stderr


def test_an_unknown_clock_names_the_others(tmp_path: Path) -> None:
    done = session(clock="someday", tmp_path=tmp_path)
    assert done.returncode != 0
    assert "fri-2230" in done.stdout + done.stderr
