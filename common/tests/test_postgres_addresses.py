"""Addresses of PostgreSQL: of one server as ever, of several as libpq writes them."""

from typing import Any

import pytest

from common.postgres import addresses
from common.postgres.addresses import Order


@pytest.mark.parametrize(
    ("url", "host", "port", "options"),
    [
        ("postgres://u:p@one:5433/d", "one", 5433, {}),
        ("postgres://u:p@one/d?sslmode=require", "one", "", {"sslmode": "require"}),
        ("postgres://u@/d?host=/run/postgresql", "", "", {"host": "/run/postgresql"}),
        ("postgres://u:p,q@one/d", "one", "", {}),
        ("postgres://u:p@one:5433,two/d", "one,two", "5433,5432", {"target_session_attrs": "read-write"}),
        ("postgresql://u:p%40ss@[::1]:1,[::2]/d", "::1,::2", "1,5432", {"target_session_attrs": "read-write"}),
        (
            "postgres://u:p@one,two/d?target_session_attrs=primary&sslmode=require", "one,two", "5432,5432",
            {"target_session_attrs": "primary", "sslmode": "require"},
        ),
    ],
)  # fmt: skip
def test_an_address_names_one_server_or_several(url: str, host: str, port: Any, options: dict[str, str]) -> None:
    found = addresses.described(url)
    assert (found["NAME"], found["USER"], found["HOST"], found["PORT"]) == ("d", "u", host, port)
    assert found["OPTIONS"] == options


def test_the_password_of_several_servers_is_one() -> None:
    found = addresses.described("postgres://u:p%40s%2Cs@one,two/d")
    assert (found["PASSWORD"], found["HOST"]) == ("p@s,s", "one,two")


@pytest.mark.parametrize(
    "url", ["postgres://u:secret@one,/d", "postgres://u:secret@one:0,two/d", "postgres://,/secret"]
)
def test_what_names_no_servers_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not a host") as refused:
        addresses.described(url)
    assert "secret" not in str(refused.value)


class Made:
    """As much of a connection as tells where it leads."""

    def __init__(self, host: str, port: int) -> None:
        self.info = self
        self.host, self.port = host, port


def test_the_server_that_took_writes_last_is_asked_first() -> None:
    order = Order()
    options = {"host": "one,two,three", "port": "1,2,3", "dbname": "d"}
    assert order.of(options) == options
    order.found(Made("two", 2), options)  # type: ignore[arg-type]
    assert order.of(options) == {"host": "two,one,three", "port": "2,1,3", "dbname": "d"}
    elsewhere = options | {"target_session_attrs": "standby"}
    assert order.of(elsewhere) == elsewhere, "what stands by is another server"
    assert order.of({"host": "one,two", "port": "1,2"}) == {"host": "one,two", "port": "1,2"}


@pytest.mark.parametrize("options", [{"host": "one", "port": 1}, {"dbname": "d"}, {"host": "one,two", "port": "1"}])
def test_one_server_and_what_libpq_sorts_out_itself_stay_as_they_are(options: dict[str, Any]) -> None:
    order = Order()
    order.found(Made("one", 1), options)  # type: ignore[arg-type]
    assert order.of(options) == options
