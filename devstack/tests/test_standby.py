"""The pair of servers: what was committed is on both, and they change places."""

import psycopg
import pytest

from devstack import standby
from devstack.errors import StackError


def _sell(url: str, sku: str) -> None:
    with psycopg.connect(url, target_session_attrs="read-write", connect_timeout=5) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sold (sku text)")
        connection.execute("INSERT INTO sold VALUES (%s)", [sku])


@pytest.mark.timeout(240)
def test_servers_change_places_and_nothing_is_lost() -> None:
    with standby.pair() as servers:
        first = servers.primary
        _sell(servers.url, "bolo")
        with pytest.raises(StackError, match="still runs"):
            servers.promote()
        first.kill()
        servers.promote()
        assert (servers.standby, servers.primary.asked("SELECT sku FROM sold")) == (first, "bolo")
        _sell(servers.url, "torta")  # waits for nobody: there is no standby yet
        assert servers.rebuild() == "pg_rewind"
        assert servers.standby.asked("SELECT pg_is_in_recovery()") is True
        _sell(servers.url, "quindim")
        servers.wait_for_standby()
        assert servers.standby.asked("SELECT count(*) FROM sold") == 3
        servers.primary.kill()
        servers.promote()
        assert servers.primary is first
        assert first.asked("SELECT string_agg(sku, ' ' ORDER BY sku) FROM sold") == "bolo quindim torta"


def test_what_only_the_old_primary_has_is_taken_back() -> None:
    with standby.pair(synchronous=False) as servers:
        _sell(servers.url, "bolo")
        servers.wait_for_standby()
        servers.standby.kill()
        _sell(servers.url, "torta")
        servers.primary.kill()
        servers.standby.start()
        servers.promote()
        _sell(servers.url, "quindim")
        servers.rebuild()
        servers.wait_for_standby()
        seen = "SELECT string_agg(sku, ' ' ORDER BY sku) FROM sold"
        assert [node.asked(seen) for node in (servers.primary, servers.standby)] == ["bolo quindim"] * 2
