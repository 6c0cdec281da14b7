"""Three failovers with real processes under buyers: nothing acknowledged is lost, nothing is there twice."""

import pytest

from tools.failover.__main__ import failovers
from tools.failover.rounds import Round, Rounds


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([0.4, 10.0], []),
        ([0.4, 59.0], ["It took 59.0 s from promote 2 to the first write, more than 10."]),
    ],
)
def test_somebody_writes_soon_after_a_promote(seconds: list[float], expected: list[str]) -> None:
    made = [
        Round(promoted_at=0, promoting=0, to_first_write=one, away=one, rebuilding=0, program="pg_rewind") for one in seconds
    ]  # fmt: skip
    assert Rounds(made).too_slow == expected


@pytest.mark.servers
@pytest.mark.timeout(900)
def test_three_failovers_lose_and_double_nothing() -> None:
    rounds, heard, verdict = failovers(times=3, buyers=4)
    assert (verdict.wrong, verdict.lost, verdict.doubled) == ([], [], 0)
    assert len(rounds.made) == 3
    assert rounds.too_slow == []
    assert heard.carts_lost == 0
    assert set(heard.answers) == {201, 503}
    assert len({sale.number for sale in heard.sales}) == len(heard.sales) > 0
