"""Three failovers with real processes under buyers: nothing acknowledged is lost, nothing is there twice."""

import pytest

from tools.failover.__main__ import failovers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]


def test_three_failovers_lose_and_double_nothing() -> None:
    rounds, heard, verdict = failovers(times=3, buyers=4)
    assert (verdict.wrong, verdict.lost, verdict.doubled) == ([], [], 0)
    assert len(rounds.made) == 3
    assert heard.carts_lost == 0
    assert set(heard.answers) == {201, 503}
    assert len({sale.number for sale in heard.sales}) == len(heard.sales) > 0
