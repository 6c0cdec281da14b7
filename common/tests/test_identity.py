"""The stored form of e-mails, phones, documents and postal codes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.identity import (
    normal_birthday,
    normal_document,
    normal_email,
    normal_phone,
    normal_postal_code,
    shown_birthday,
    shown_document,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ana@exemplo.com.br", "ana@exemplo.com.br"),
        ("  Ana@Exemplo.COM.br ", "ana@exemplo.com.br"),
        ("ＡＮＡ@exemplo.com", "ana@exemplo.com"),
        ("STRASSE@exemplo.com", "strasse@exemplo.com"),
        ("straße@exemplo.com", "strasse@exemplo.com"),
        ("ana+loja@pão.com.br", "ana+loja@pão.com.br"),
        ("ana@pa\u0303o.com.br", "ana@pão.com.br"),
    ],
)
def test_email(typed: str, stored: str) -> None:
    assert normal_email(typed) == stored
    assert normal_email(stored) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ana", "ana@", "@exemplo.com", "ana@exemplo", "a b@exemplo.com", "a@b@exemplo.com", "ana@.com", "ana@exemplo..com",
     "ana@exemplo.com.", "ana\x00@exemplo.com", "ana@exemplo.com\nbcc: x@y.z", "ana@exem\u202eplo.com", "josé@exemplo.com", "a" * 65 + "@b.com"],
)  # fmt: skip
def test_no_email(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(typed)}\Z"):
        normal_email(typed)


@given(st.text(max_size=40))
def test_email_is_stable_or_refused(typed: str) -> None:
    for text in (typed, f"{typed}@exemplo.com"):
        try:
            stored = normal_email(text)
        except ValueError:
            continue
        assert normal_email(stored) == stored == stored.lower()


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("(11) 98765-4321", "+5511987654321"),
        ("11987654321", "+5511987654321"),
        ("+55 11 98765-4321", "+5511987654321"),
        ("+1 202 555 0143", "+12025550143"),
        ("（11）98765-4321", "+5511987654321"),
        ("11 3456-7890", "+551134567890"),
        ("\u202a+55 11 98765-4321\u202c", "+5511987654321"),
        ("+55\u00a011\u00a098765\u20114321", "+5511987654321"),
        ("\u200e(11)\u202f98765\u20134321", "+5511987654321"),
        ("11\u200b98765\u22124321\ufeff", "+5511987654321"),
    ],
)
def test_phone(typed: str, stored: str) -> None:
    assert normal_phone(typed) == stored


@pytest.mark.parametrize("typed", ["", "abc", "123", "+55 11 1234", "+999 123456789", "11 98765-4321 ramal 5"])
def test_no_phone(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(typed)}\Z"):
        normal_phone(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("529.982.247-25", "52998224725"),
        ("52998224725", "52998224725"),
        ("11.222.333/0001-81", "11222333000181"),
        ("12.ABC.345/01DE-35", "12ABC34501DE35"),
        ("12abc34501de35", "12ABC34501DE35"),
        ("\u2066529.982.247\u201125\u2069", "52998224725"),
        ("529 982 247 25", "52998224725"),
        ("529\u00a0982\u00a0247\u00ad25", "52998224725"),
        ("11.222.333\u20440001\u201381", "11222333000181"),
    ],
)
def test_document(typed: str, stored: str) -> None:
    assert normal_document(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "1", "52998224724", "00000000000", "11111111111", "11222333000180", "12ABC34501DE36", "12ABC34501DEAB",
     "5299822472", "529982247255", "５２９９８２２４７２５", "12.ABC.345/01DE-35x"],
)  # fmt: skip
def test_no_document(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(typed)}\Z"):
        normal_document(typed)


def test_letters_of_a_cnpj_are_never_stripped() -> None:
    """What remains of 12ABC34501DE35 without its letters must not pass for another document."""
    assert normal_document("12ABC34501DE35") == "12ABC34501DE35"
    assert shown_document("12ABC34501DE35") == "12.ABC.345/01DE-35"
    assert shown_document("52998224725") == "529.982.247-25"
    assert shown_document("") == ""


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("01310-100", "01310100"),
        (" 01310100 ", "01310100"),
        ("01.310-100", "01310100"),
        ("01310 100", "01310100"),
        ("01310\u2011100", "01310100"),
        ("01310\u00a0\u2013\u00a0100\u200e", "01310100"),
        ("\u202a01.310\u00ad100\u202c", "01310100"),
    ],
)
def test_postal_code(typed: str, stored: str) -> None:
    assert normal_postal_code(typed) == stored


@pytest.mark.parametrize("typed", ["", "0131010", "013101000", "01310_100", "０１３１０１００", "01310/100"])
def test_no_postal_code(typed: str) -> None:
    with pytest.raises(ValueError, match=rf"\A{re.escape(typed)}\Z"):
        normal_postal_code(typed)


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("12/03/1990", "1990-03-12", "12/03/1990"),
        (" 5.3.1990 ", "1990-03-05", "05/03/1990"),
        ("29-02", "--02-29", "29/02"),
        ("1/12", "--12-01", "01/12"),
        ("1990-03-12", "1990-03-12", "12/03/1990"),
        ("--03-12", "--03-12", "12/03"),
    ],
)
def test_birthday(typed: str, stored: str, shown: str) -> None:
    assert normal_birthday(typed) == stored
    assert normal_birthday(shown) == stored
    assert shown_birthday(stored) == shown


@pytest.mark.parametrize("typed", ["12", "31/02", "29/02/1991", "00/03", "12/13", "12/03/90", "12/03/1899", "x"])
def test_no_birthday(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normal_birthday(typed)
