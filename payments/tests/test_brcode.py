"""The text of a static Pix: what banks read is what was meant."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.brcode import crc16, static_pix
from payments.tests.brcodes import NotABRCodeError, fields_of

KEY = "123e4567-e12b-12d1-a456-426655440000"


def text(**differs: object) -> str:
    wanted: dict[str, object] = {
        "key": KEY, "name": "Balcão & Cia.", "city": "São Paulo", "amount": Decimal("59.90"), "txid": "AB2CD3EF4",
    }  # fmt: skip
    return static_pix(**{**wanted, **differs})  # type: ignore[arg-type]


def test_the_crc_is_that_of_the_standard() -> None:
    assert crc16(b"123456789") == 0x29B1
    assert crc16(b"") == 0xFFFF


def test_the_example_of_the_central_bank_is_read() -> None:
    example = (
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
        "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
    )
    found = fields_of(example)
    assert (found["26-00"], found["26-01"], found["59"], found["60"]) == (
        "br.gov.bcb.pix", KEY, "Fulano de Tal", "BRASILIA",
    )  # fmt: skip
    assert found["62-05"] == "***"


def test_the_fields_are_those_of_the_manual() -> None:
    found = fields_of(text())
    assert found == {
        "00": "01", "26": f"0014br.gov.bcb.pix0136{KEY}", "26-00": "br.gov.bcb.pix", "26-01": KEY, "52": "0000",
        "53": "986", "54": "59.90", "58": "BR", "59": "BALCAO & CIA.", "60": "SAO PAULO", "62": "0509AB2CD3EF4",
        "62-05": "AB2CD3EF4", "63": text()[-4:],
    }  # fmt: skip


@pytest.mark.parametrize(
    "differs",
    [
        {"key": "banana"},
        {"key": ""},
        {"key": "A" * 78 + "@b.co"},
        {"txid": ""},
        {"txid": "A" * 26},
        {"txid": "a-b"},
        {"amount": Decimal("0.00")},
        {"amount": Decimal("-1.00")},
        {"amount": Decimal("0.001")},
        {"amount": Decimal("NaN")},
        {"name": "漢字"},
        {"city": ""},
    ],
)
def test_what_a_bank_would_refuse_is_not_written(differs: dict[str, object]) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        text(**differs)


@pytest.mark.parametrize("key", ["11144477735", "12ABC34501DE35", "+5511987654321", "loja@exemplo.com.br", KEY])
def test_every_kind_of_key_is_taken(key: str) -> None:
    assert fields_of(text(key=key))["26-01"] == key


@given(place=st.integers(0, 150), letter=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_letter_changed_on_the_way_is_noticed(place: int, letter: str) -> None:
    whole = text()
    place %= len(whole) - 4
    if whole[place] == letter:
        return
    with pytest.raises(NotABRCodeError):
        fields_of(whole[:place] + letter + whole[place + 1 :])


@given(
    amount=st.decimals("0.01", "99999999.99", places=2),
    name=st.text(max_size=60).map(lambda one: f"A{one}"),
)
def test_whatever_is_written_is_read_back(amount: Decimal, name: str) -> None:
    whole = text(amount=amount, name=name)
    assert whole.isascii()
    assert Decimal(fields_of(whole)["54"]) == amount


@pytest.mark.parametrize("broken", ["", "6304", "00020163041D3D", "é" * 20, text()[:-1], text()[:-4] + "0000"])
def test_what_is_no_code_is_refused(broken: str) -> None:
    with pytest.raises(NotABRCodeError):
        fields_of(broken)
