"""Other clocks for the test suite: nights, ends of months and years, the leap day, and machines on other continents.

A date that breaks a test is to break it here, before a user meets it. `make test CLOCK=fri-2230` runs the suite under
one of them, `make test-clocks` under each, and the CI under the one that the commit's hash chooses.
"""

import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime

from devstack import state

SAO_PAULO = "-03:00"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Clock:
    """When the suite begins, and the zone of the machine it runs on ("" for its own)."""

    begins: datetime
    zone: str = ""

    def __str__(self) -> str:
        return self.begins.isoformat() + (f", TZ={self.zone}" if self.zone else "")


def _clock(text: str, *, zone: str = "") -> Clock:
    return Clock(begins=datetime.fromisoformat(text), zone=zone)


CLOCKS: dict[str, Clock] = {
    **{f"{day}-2230": _clock(f"2027-03-0{place}T22:30:00{SAO_PAULO}") for place, day in enumerate(DAYS, start=1)},
    **{f"{day}-0030": _clock(f"2027-03-0{place}T00:30:00{SAO_PAULO}") for place, day in enumerate(DAYS, start=1)},
    "month-end": _clock(f"2027-04-30T23:40:00{SAO_PAULO}"),
    "dec-31": _clock(f"2026-12-31T23:30:00{SAO_PAULO}"),
    "leap-day": _clock(f"2028-02-29T12:00:00{SAO_PAULO}"),
    "tokyo": _clock("2027-03-04T08:15:00+09:00", zone="Asia/Tokyo"),
    "auckland": _clock("2027-04-04T02:45:00+13:00", zone="Pacific/Auckland"),
}


def chosen(*, commit: str) -> str:
    """Return the name of the clock that a commit's hash chooses."""
    names = sorted(CLOCKS)
    return names[int(commit, 16) % len(names)]


def _commit() -> str:
    """Return the hash of the commit that is checked out; 0 where there is none, as in an unpacked archive."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=state.ROOT, capture_output=True, text=True, check=False, timeout=10
        )
    except OSError:
        return "0"
    return done.stdout.strip() or "0"


def main() -> int:
    """`list` prints every name, `choose` the one of this commit. Return the exit code."""
    wish = sys.argv[1:]
    if wish == ["list"]:
        print("\n".join(CLOCKS))
    elif wish == ["choose"]:
        print(chosen(commit=_commit()))
    else:
        print("Usage: python -m devstack.clocks list|choose", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
