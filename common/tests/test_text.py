"""Text made comparable and safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import is_clean, one_line, plain_number, search_key, seen


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Pão de Açúcar", "pao de acucar"),
        ("PÃO", "pao"),
        ("pa\u0303o", "pao"),
        ("  Bolo   de\nfubá ", "bolo de fuba"),
        ("ﬁno", "fino"),
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_accents_case_and_spaces_do_not_matter(text: str, key: str) -> None:
    assert search_key(text) == key


@given(st.text(max_size=50))
def test_a_key_is_its_own_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize("text", ["Olá", "duas\nlinhas", "tab\t", "emoji 👩‍🍳 com junção", "ção"])
def test_text_is_clean(text: str) -> None:
    assert is_clean(text)


@pytest.mark.fault("E11")
@pytest.mark.parametrize(
    "letter", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"]
)
def test_what_cannot_be_seen_is_not_clean(letter: str) -> None:
    assert not is_clean(f"a{letter}b")
    assert seen(f"a{letter}b\n") == "ab\n"


@given(st.text(max_size=50))
def test_one_line_has_no_line_breaks_and_no_space_at_its_ends(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert line == line.strip()


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("999", 999)])
def test_a_number_is_read(text: str, number: int) -> None:
    assert plain_number(text, digits=3) == number


@pytest.mark.parametrize(
    "text", ["", " ", "-1", "+1", "1.0", "1_0", " 1", "1\n", "1000", "a", "²", "1²", "①", "٣", "１"]
)
def test_what_is_no_number_or_too_long_is_not_read(text: str) -> None:
    assert plain_number(text, digits=3) is None
