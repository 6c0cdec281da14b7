"""The receipt: what it tells, that it prints whatever is sold, and the link that is sent."""

import re
import zlib
from base64 import a85decode
from decimal import Decimal
from urllib.parse import unquote

import pytest
from django.utils.translation import override

from common.errors import NotFound
from counter.selectors import receipt_link, receipt_pdf
from counter.services import Discount
from counter.tests.factories import cash, clerk, goods, of, sell
from inventory.tests.factories import stocked

pytestmark = pytest.mark.django_db


def told(pdf: bytes) -> str:
    """Return the text of a PDF, as its fonts spell it."""
    [stream] = re.findall(rb"stream\r?\n(.*?)~>endstream", pdf, re.DOTALL)
    texts = re.findall(rb"\((.*?)(?<!\\)\) Tj", zlib.decompress(a85decode(stream.strip())))
    octal = re.compile(rb"\\([0-7]{3})")
    spelled = octal.sub(lambda found: bytes([int(found[1], 8)]), b"\n".join(texts))
    return spelled.decode("cp1252")


def test_it_tells_what_was_sold_and_how_it_was_paid() -> None:
    stocked(sku="PAO", units=10, price="6.50")
    seller = clerk("owner")
    off = Discount(kind="amount", value=Decimal("1.00"), reason="Amiga")
    sold = sell(
        of("card", "10.00"),
        cash("2.00", received="5.00"),
        goods=goods(PAO=2),
        discount=off,
        actor=seller,
        name="Ana Lima",
    )
    text = told(receipt_pdf(number=sold.numbers[0]))
    for part in (sold.numbers[0], "Ana Lima", "R$ 13,00", "R$ 12,00", "R$ 10,00", "R$ 5,00", "R$ 3,00", "- R$ 1,00"):
        assert part in text


def test_it_is_as_wide_as_the_roll_and_as_long_as_the_sale() -> None:
    heights = []
    for lines in (1, 20):
        wanted = {f"S-{lines}-{number}": 1 for number in range(lines)}
        for sku in wanted:
            stocked(sku=sku, units=1, price="1.00")
        pdf = receipt_pdf(number=sell(cash(f"{lines}.00"), goods=goods(**wanted)).numbers[0])
        [box] = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", pdf)
        assert abs(float(box[0]) - 226.77) < 0.01
        heights.append(float(box[1]))
    assert heights[1] > heights[0] + 19 * 9


@pytest.mark.parametrize("name", ["Ação (é) \\\\ \u202e", "漢字 🎂", "x" * 120])
def test_it_prints_whatever_somebody_is_called(name: str) -> None:
    stocked(sku="PAO", units=10, price="6.50")
    assert receipt_pdf(number=sell(cash("6.50"), goods=goods(PAO=1), name=name).numbers[0]).startswith(b"%PDF")


def test_the_link_opens_a_chat_with_the_order_in_it() -> None:
    stocked(sku="PAO", units=10, price="6.50")
    sold = sell(cash("6.50"), goods=goods(PAO=1), phone="+5511987654321")
    link = receipt_link(number=sold.numbers[0])
    assert link.startswith("https://wa.me/5511987654321?text=")
    assert sold.receipt_url in unquote(link)
    assert receipt_link(number=sell(cash("6.50"), goods=goods(PAO=1)).numbers[0]).startswith("https://wa.me/?text=")


def test_the_link_is_written_in_the_language_of_the_order() -> None:
    stocked(sku="PAO", units=10, price="6.50")
    with override("en"):
        number = sell(cash("6.50"), goods=goods(PAO=1)).numbers[0]
    with override("pt-br"):
        assert f"your order {number}, R$ 6,50. See it here: http" in unquote(receipt_link(number=number))


def test_there_is_no_receipt_of_nothing() -> None:
    for read in (receipt_pdf, receipt_link):
        with pytest.raises(NotFound):
            read(number="NADA")
