"""A Pix without any provider, from the order to the bank's statement: text, picture and money are one."""

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from time_machine import Traveller

from accounts.tests.doors import ok, post
from orders.models import Order
from orders.services.place_order import NUMBER_ALPHABET
from orders.tests.doors import an_order
from orders.tests.factories import late_pickup
from payments.brcode import crc16, static_pix
from payments.models import Payment
from payments.tests.brcodes import fields_of
from payments.tests.test_reconcile_pix import LATER, clean, line, pix_shop, stands, take
from payments.wording import qr_svg

__all__ = ["pix_shop"]
DOT = 6
"""Pixels of a picture for each module of a code."""


def drawn(svg: str) -> Image.Image:
    """Return the picture that the SVG describes: a path of strokes, each one module high."""
    root = ET.fromstring(svg)
    path = next(child for child in root if child.tag.endswith("path"))
    assert path.get("stroke") == "#000"
    size = int(root.attrib["width"]) if "width" in root.attrib else int(root.attrib["viewBox"].split()[2]) * DOT
    picture = Image.new("L", (size, size), 255)
    draw = ImageDraw.Draw(picture)
    x = y = 0.0
    for verb, numbers in re.findall(r"([Mmh])([^Mmh]*)", path.attrib["d"]):
        figures = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        if verb == "h":
            box = (x * DOT, (y - 0.5) * DOT, (x + figures[0]) * DOT - 1, (y + 0.5) * DOT - 1)
            draw.rectangle(box, fill=0)
            x += figures[0]
        else:
            x, y = (figures[0], figures[1]) if verb == "M" else (x + figures[0], y + figures[1])
    return picture


def scanned(svg: str) -> str:
    """Return what a camera reads from the picture."""
    (found,) = zxingcpp.read_barcodes(drawn(svg))
    return str(found.text)


@settings(max_examples=25, deadline=None)
@given(
    cents=st.integers(min_value=1, max_value=99_999_999),
    txid=st.text(alphabet=NUMBER_ALPHABET, min_size=9, max_size=9),
    name=st.sampled_from(["Balcão & Cia.", "PADARIA", "A" * 60]),
)
def test_the_picture_says_what_the_text_says(cents: int, txid: str, name: str) -> None:
    amount = Decimal(cents) / 100
    text = static_pix(key="loja@balcao.example", name=name, city="São José dos Campos", amount=amount, txid=txid)
    assert scanned(qr_svg(text=text)) == text
    assert scanned(qr_svg(text=text, sized=False)) == text


@pytest.mark.django_db
@pytest.mark.usefixtures("pix_shop")
def test_from_the_order_to_the_statement(time_machine: Traveller) -> None:
    time_machine.move_to(LATER, tick=False)
    placed = an_order(
        payment_method="pix", fulfilment={"method": "pickup", "pickup_at": late_pickup(now=LATER).isoformat()}
    )
    begun = ok(
        post(f"/orders/{placed['number']}/payments/", {"method": "pix"}, key="k", token=placed["access_token"]), 201
    )
    text = begun["pix"]["copy_paste"]
    assert f"{crc16(text[:-4].encode()):04X}" == text[-4:]
    fields = fields_of(text)
    assert (fields["26-00"], fields["26-01"], fields["53"], fields["54"], fields["58"], fields["62-05"]) == (
        "br.gov.bcb.pix", "loja@balcao.example", "986", "59.90", "BR", placed["number"],
    )  # fmt: skip
    assert scanned(begun["pix"]["qr_svg"]) == text
    order = Order.objects.get(number=fields["62-05"])  # what the bank gives back is what the code says
    for expected in ("match", "known"):
        assert take(line(order)) == [expected]
        assert stands(order) == ("confirmed", "59.90", "0.00")
        assert Payment.objects.count() == 1
    clean()
