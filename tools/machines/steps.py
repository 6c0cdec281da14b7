"""The steps: how the shop grows from one machine to eight, and which of them is then cut off."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from devstack import processes
from tools.machines.measuring import Row, lagging, told, transactions
from tools.machines.site import Site
from tools.outages.buyers import buying
from tools.outages.judging import misplaced
from tools.outages.premises import wait

WARM = 3.0
"""Seconds of buying that are not measured."""

NOTICED = 5.0
"""Seconds until somebody who was called has seen that the database machine is gone for good, and promotes."""

QUIET = 3.0
WELL = 120.0
"""Seconds in which nobody has to ask twice before all is well, and for which that is awaited."""


@dataclass(frozen=True)
class Step:
    """`ready`: what is done before people buy. `cut`: which machine is then cut off; the others: what is done then.

    What does nothing is `bool`.
    """

    name: str
    ready: Callable[[], object]
    cut: str = ""
    meanwhile: Callable[[], object] = bool
    before_return: Callable[[], object] = bool
    after: Callable[[], object] = bool


def steps_of(site: Site) -> list[Step]:
    """Return all of them, in the order in which they are gone."""
    return [
        Step("one machine", partial(site.serve, proxy="db1", web=("db1", "db1"))),
        Step("two web machines", partial(_serve, site)),
        Step("pooler", partial(_pool, site)),
        Step("standby that is read", partial(_read, site)),
        Step("sentinels", partial(_watch, site)),
        Step("web machine cut off", bool, cut="web1"),
        Step(
            "database machine cut off", bool, cut="db1", meanwhile=partial(_promote, site),
            before_return=partial(_switch_off, site), after=partial(_follow, site),
        ),
        Step("Redis machine cut off", bool, cut="redis1"),
    ]  # fmt: skip


def gone(site: Site, step: Step, *, buyers: int, seconds: float) -> Row:
    """Go a step while people buy, and judge. Raises StackError."""
    step.ready()
    return _cut(site, step, buyers=buyers, seconds=seconds) if step.cut else _measured(site, step, buyers, seconds)


def _measured(site: Site, step: Step, buyers: int, seconds: float) -> Row:
    with buying(site.front, buyers=buyers) as heard:
        wait(WARM)
        with lagging(site) as lag:
            used, reads, began = site.cpu_seconds(), _reads(site), time.monotonic()
            wait(seconds)
            took = time.monotonic() - began
            spent = {part: now - used[part] for part, now in site.cpu_seconds().items()}
        answers = [one for one in heard.since(began) if one.at < began + took]
        primary, standby = (after - before for before, after in zip(reads, _reads(site), strict=True))
    return Row(
        step.name, took, answers, told(heard), misplaced(heard, asked=site.asked), lag,
        cpu={part: one * 1000 / max(1, len(answers)) for part, one in spent.items()},
        read=standby / max(1, primary + standby),
    )  # fmt: skip


def _cut(site: Site, step: Step, *, buyers: int, seconds: float) -> Row:
    machine = site.machines[step.cut]
    with buying(site.front, buyers=buyers) as heard, lagging(site) as lag:
        wait(WARM)
        left = time.monotonic()
        machine.cut_off()
        step.meanwhile()
        wait(max(0.0, seconds - (time.monotonic() - left)))
        step.before_return()
        machine.plug_in()
        step.after()
        back = time.monotonic()

        def trouble() -> float:
            return max([back, *(one.at for one in heard.since(back) if one.is_trouble)])

        is_well = processes.wait_until(lambda: time.monotonic() - trouble() > QUIET, seconds=WELL, every=0.2)
        took = time.monotonic() - left
        well = trouble() - back
    wrong = misplaced(heard, asked=site.asked)
    wrong += [] if is_well else [f"not well again {WELL:.0f} s after the return"]
    return Row(step.name, took, heard.since(left), told(heard), wrong, lag, well=well)


def _reads(site: Site) -> tuple[int, int]:
    return transactions(site) if site.is_read else (0, 0)


def _serve(site: Site) -> None:
    site.serve(proxy="proxy", web=("web1", "web2"))


def _pool(site: Site) -> None:
    site.pool(pooler="db1")
    _serve(site)


def _read(site: Site) -> None:
    """Let a standby follow, with a pooler beside each server: docs/operations/failover.md."""
    site.servers.stand_by()
    site.pool(db1="db1", db2="db2")
    site.is_read = True
    _serve(site)


def _watch(site: Site) -> None:
    site.watch(first="redis1", second="redis2", third="pooler")
    _serve(site)


def _promote(site: Site) -> None:
    """Do what an operator does who cannot reach the primary: it is cut off, so the standby takes writes."""
    wait(NOTICED)
    site.servers.promote(is_cut_off=True)
    site.roles.server = site.servers.primary


def _switch_off(site: Site) -> None:
    """Make sure that the old primary stays dead when its machine is back."""
    site.servers.standby.kill()


def _follow(site: Site) -> None:
    """Let the old primary follow the new one."""
    site.servers.rebuild()
