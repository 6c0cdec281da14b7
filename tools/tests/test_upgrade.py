"""The release before is exchanged for this checkout and put back, while people buy."""

import pytest

from tools.upgrade.__main__ import gone_through
from tools.upgrade.releases import before

PHASES = 8
LEAST_ANSWERS = 200


@pytest.mark.servers
@pytest.mark.timeout(1800)
def test_an_upgrade_from_the_release_before_and_the_way_back_cost_nobody_an_answer() -> None:
    heard, wrong = gone_through(before())
    assert wrong == []
    assert heard.failures == []
    assert len(heard.requests) >= PHASES
    assert sum(heard.requests.values()) >= LEAST_ANSWERS
    assert len(heard.orders) >= PHASES
