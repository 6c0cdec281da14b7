"""A shop grows over machines of the kernel's and loses some of them: nothing acknowledged is lost or doubled."""

import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from devstack.state import ROOT
from tools.machines.__main__ import hindered, lived, shop_on_machines
from tools.machines.measuring import HEADS, Row, table
from tools.machines.network import BRIDGE, PREFIX, clean
from tools.outages.buyers import Answer

STEPS = [
    "one machine", "two web machines", "pooler", "standby that is read", "sentinels", "web machine cut off",
    "database machine cut off", "Redis machine cut off",
]  # fmt: skip
GROWING = 5


def answer(took: float, status: int = 200, *, is_impolite: bool = False) -> Answer:
    return Answer(at=0, took=took, status=status, what="GET /", is_trouble=status == 503, is_impolite=is_impolite)


@pytest.mark.parametrize(
    ("uid", "missing", "said"),
    [
        (0, "", ""),
        (1000, "", "Only root may make machines: namespaces and links are the kernel's."),
        (0, "iproute2 nginx", "Not on this machine: iproute2 nginx (apt-get install iproute2 nginx)."),
    ],
)
def test_who_cannot_make_machines_is_told_why_in_a_sentence(uid: int, missing: str, said: str) -> None:
    assert hindered(uid=uid, missing=missing) == said


def test_a_row_tells_what_buyers_saw_and_what_it_cost() -> None:
    answers = [
        *(answer(number / 100) for number in range(1, 98)), answer(9.5, 503), answer(30.0, 0),
        answer(0.1, 500, is_impolite=True),
    ]  # fmt: skip
    row = Row("away", 10, answers, 7, ["order 1: 0 rows []"], [0.25, 4.0, 0.5], {"web": 8, "all": 12.26}, well=3.6)
    assert dict(zip(HEADS, row.cells(), strict=True)) == {
        "step": "away", "requests a second": "10", "p95, ms": "940", "slowest, s": "30.0", "CPU ms a request: web": "8.0",
        "PostgreSQL": "", "all": "12.3", "503": "1", "no answer": "1", "other": "1", "orders and visits": "7",
        "lost or doubled": "1", "standby behind, ms": "0.5, at most 4", "well again, s": "4",
    }  # fmt: skip
    assert table([row]).count("\n") == 2


def there() -> str:
    """What is left of machines."""
    spaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    links = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout
    lines = [*spaces.splitlines(), *links.splitlines()]
    return "\n".join(line for line in lines if line.startswith((PREFIX, BRIDGE)))


@pytest.mark.servers
@pytest.mark.timeout(1200)
def test_a_shop_that_grows_over_machines_and_loses_three_loses_no_order() -> None:
    with shop_on_machines() as site:
        rows, wrong = lived(site, buyers=6, seconds=6)
    assert wrong == []
    assert [row.step for row in rows] == STEPS
    assert {one.status for row in rows[:GROWING] for one in row.answers} <= {200, 201, 409}
    assert [row.done > 0 for row in rows] == [True] * len(STEPS)
    read = [row.read > 0 for row in rows[:GROWING]]
    assert read == [False, False, False, True, True]
    assert [bool(row.lag) for row in rows[:GROWING]] == read
    assert there() == ""


def test_who_interrupts_it_while_it_forks_is_heard() -> None:
    script = """
import os, signal, subprocess, sys, time
from tools.machines.__main__ import end_when_asked
end_when_asked()
os.register_at_fork(before=lambda: signal.raise_signal(signal.SIGTERM))
try:
    subprocess.run(["true"], preexec_fn=lambda: None)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr


@pytest.mark.servers
@pytest.mark.timeout(300)
def test_who_interrupts_it_finds_nothing_left() -> None:
    words = [sys.executable, "-X", "faulthandler", "-m", "tools.machines"]
    run = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("Machines are ")
        assert BRIDGE in there()
        run.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            run.wait(120)
        if run.poll() is None:
            run.send_signal(signal.SIGABRT)  # and it says where it is
        said = run.communicate(timeout=30)
        assert run.returncode == 130, said
        assert there() == ""
    finally:
        run.kill()
        run.communicate()
        clean()
