"""Which sites may show the agenda."""

import pytest

from shop.look import site_of


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("www.Ana.example", "https://www.ana.example"),
        ("https://ana.example/agenda?x=1#y", "https://ana.example"),
        ("https://salão.example", "https://xn--salo-ioa.example"),
        ("http://localhost:9000/", "http://localhost:9000"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ],
)
def test_a_site_is_typed_in_several_ways(typed: str, origin: str) -> None:
    assert site_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    ["", "*", "https://*.example", "http://ana.example", "ana", "https://a.example; script-src *", "ftp://a.example",
     "https://x:y@a.example", "https://a.example:x", "javascript:alert(1)", "https://a..example", "'self'", "a" * 200 + ".example"],
)  # fmt: skip
def test_what_is_no_address_of_a_site_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        site_of(typed)
