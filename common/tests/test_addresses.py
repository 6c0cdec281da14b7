"""Whence requests come, whatever their headers say."""

from typing import Any

import pytest
from pytest_django import Settings

from common.addresses import bounded_address, client_address


@pytest.mark.fault("F8")
@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "not an address", "203.0.113.9"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Settings, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    meta: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address({"REMOTE_ADDR": "203.0.113.9", **meta}) == address


@pytest.mark.parametrize(
    ("address", "person"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_a_household_is_one_address(address: str, person: str) -> None:
    assert client_address({"REMOTE_ADDR": address}) == person


@pytest.mark.parametrize(
    ("address", "bounded"),
    [
        ("203.0.113.9", True),
        ("2001:db8:1:2::", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.4", False),
        ("fd00::", False),
        ("", False),
    ],
)
def test_behind_the_shops_own_addresses_stand_people_who_share_nothing(address: str, bounded: bool) -> None:
    assert bounded_address(address) == (address if bounded else "")
