"""Words that are one letter away, told from those that are not."""

import pytest

from storefront.spelling import MOST, differs_by_one, meant

WORDS = ["queijo", "pao", "chocolate", "cenoura", "bolo", "bola", "torta", "limao", "50%"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("queijo", ["queijo"]),
        ("quejo", ["queijo"]),  # one too few
        ("queeijo", ["queijo"]),  # one too many
        ("queiyo", ["queijo"]),  # another one
        ("quiejo", ["queijo"]),  # two the wrong way round
        ("ceboura", ["cenoura"]),
        ("ueijo", ["queijo"]),
        ("xqueijo", ["queijo"]),
        ("boloo", ["bolo"]),
        ("bole", ["bola", "bolo"]),
        ("chclat", []),  # two too few
        ("choclate", ["chocolate"]),
        ("chocla", ["chocolate"]),  # still being typed
        ("cxocola", ["chocolate"]),
        ("xocolat", []),
        ("pai", []),  # too short to tell
        ("limao", ["limao"]),
        ("5O%%", []),
        ("1234", []),
        ("zzzz", []),
    ],
)
def test_the_word_that_is_meant(typed: str, expected: list[str]) -> None:
    assert meant(typed=typed, words=WORDS) == expected


def test_only_one_letter_is_forgiven() -> None:
    assert not differs_by_one("queixa", "queijo")
    assert not differs_by_one("bolo", "bo")
    assert not differs_by_one("abcd", "badc")
    assert differs_by_one("", "a")


def test_of_many_a_few_are_meant() -> None:
    many = [f"bol{letter}" for letter in "abcdefghijklmnop"]
    assert meant(typed="bolz", words=many) == many[:MOST]
