"""Scanned codes: the numbers that makers print, and the labels that a scale prints."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.barcodes import check_digit, is_gtin
from catalog.errors import BarcodeTaken
from catalog.models import Variant
from catalog.services import VariantSheet
from catalog.tests import factories as catalog
from catalog.tests.factories import add_variant, change_variant
from catalog.units import cost
from common.errors import Malformed
from counter.errors import UnreadableLabel
from counter.scales import quantity_priced, read_label
from counter.selectors import find_items
from counter.tests.factories import MONDAY, STAFF
from inventory.tests.factories import receive
from shop import services as shop
from shop.errors import PolicyOutOfRange
from shop.policy import is_scale_layout

LAYOUT = "2CCCCC0VVVVVD"


def label(code: str, value: int, layout: str = LAYOUT) -> str:
    """Return a label as a scale prints it."""
    digits = layout.replace("C" * layout.count("C"), code).replace(
        "V" * layout.count("V"), f"{value:0{layout.count('V')}}"
    )
    return digits[:-1] + check_digit(digits[:-1])


@pytest.mark.parametrize("code", ["7891000315507", "96385074", "036000291452", "10012345678902"])
def test_gtins_have_their_check_digit(code: str) -> None:
    assert is_gtin(code)
    assert not is_gtin(code[:-1] + str((int(code[-1]) + 1) % 10))


@given(digits=st.text("0123456789", min_size=12, max_size=12), place=st.integers(0, 12), other=st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(digits: str, place: int, other: int) -> None:
    code = digits + check_digit(digits)
    wrong = code[:place] + str((int(code[place]) + other) % 10) + code[place + 1 :]
    assert is_gtin(code)
    assert not is_gtin(wrong)


@pytest.mark.parametrize("layout", [LAYOUT, "2CCCC0VVVVVVD", "20CCCCVVVVVVD", "2CCCCCCVVVVVD"])
def test_layouts_that_can_be_read(layout: str) -> None:
    assert is_scale_layout(layout)


@pytest.mark.parametrize(
    "layout", ["", "2CCCCC0VVVVV", "1CCCCC0VVVVVD", "2VVVVV0CCCCCD", "2CCCCC0VVVVVX", "2CC00CCVVVVVD", "2000000000000"]
)
def test_layouts_that_cannot(layout: str) -> None:
    assert not is_scale_layout(layout)


@given(code=st.integers(0, 99_999), value=st.integers(0, 99_999))
def test_a_label_is_read_as_it_was_printed(code: int, value: int) -> None:
    found = read_label(code=label(f"{code:05}", value), layout=LAYOUT)
    assert found is not None
    assert (found.code, found.value, found.is_sound) == (f"{code:05}", value, True)


def test_another_code_is_no_label() -> None:
    for code in ("7891000315507", "2000051012345"[:12], "texto", "2123451012345"):
        assert read_label(code=code, layout=LAYOUT) is None
    assert read_label(code=label("00012", 1000), layout="") is None


@given(grams=st.integers(1, 30_000), cents=st.integers(1_000, 50_000))
def test_the_price_of_a_label_leads_to_a_weight_of_that_price(grams: int, cents: int) -> None:
    price = Decimal(cents) / 100
    total = cost(price=price, quantity=grams, price_per=1000)
    found = quantity_priced(total=total, price=price, price_per=1000)
    assert found is not None
    assert cost(price=price, quantity=found, price_per=1000) == total
    assert abs(found - grams) <= 1


@pytest.fixture
def cheese(db: None) -> Variant:
    made = catalog.variant(sku="123", price=Decimal("59.90"), unit="g", price_per=1000)
    receive(sku="123", units=5000)
    shop.set_policy(key="scale_layout", value=LAYOUT, actor=STAFF, now=MONDAY)
    return made


def test_a_label_with_a_price_is_so_many_grams(cheese: Variant) -> None:
    [item] = find_items(text=label("00123", 1797), now=MONDAY)
    assert (item.sku, item.quantity, item.unit) == ("123", 300, "g")
    assert cost(price=item.price, quantity=item.quantity, price_per=item.price_per) == Decimal("17.97")


def test_a_label_with_a_weight_is_those_grams(cheese: Variant) -> None:
    shop.set_policy(key="scale_value", value="weight", actor=STAFF, now=MONDAY)
    [item] = find_items(text=label("00123", 350), now=MONDAY)
    assert (item.sku, item.quantity) == ("123", 350)


def test_pieces_are_counted_by_their_price(cheese: Variant) -> None:
    catalog.variant(sku="77", price=Decimal("2.50"))
    assert find_items(text=label("00077", 750), now=MONDAY)[0].quantity == 3


@pytest.mark.parametrize(
    "code",
    [
        label("00123", 1797)[:-1] + str((int(label("00123", 1797)[-1]) + 1) % 10),  # misread
        label("00999", 1797),  # nobody's
        label("00123", 0),  # nothing
        label("00123", 1),  # no quantity costs one cent
    ],
)
def test_a_label_that_cannot_be_is_refused_in_a_sentence(cheese: Variant, code: str) -> None:
    Variant.objects.update(price=Decimal("59.90"))
    with pytest.raises(UnreadableLabel) as refusal:
        find_items(text=code, now=MONDAY)
    assert refusal.value.detail


def test_a_code_of_two_products_is_refused(cheese: Variant) -> None:
    catalog.variant(sku="00123", price=Decimal("10.00"), unit="g", price_per=1000)
    with pytest.raises(UnreadableLabel):
        find_items(text=label("00123", 1797), now=MONDAY)


@pytest.mark.parametrize("layout", ["2CCCCC0VVVVV", "text", "7CCCCC0VVVVVD"])
def test_a_layout_that_cannot_be_is_no_setting(db: None, layout: str) -> None:
    with pytest.raises(PolicyOutOfRange):
        shop.set_policy(key="scale_layout", value=layout, actor=STAFF, now=MONDAY)


def test_what_a_maker_printed_finds_its_variant(db: None) -> None:
    variant = catalog.variant(sku="CAFE", price=Decimal("18.00"))
    change_variant(
        sku="CAFE",
        sheet=VariantSheet(sku="CAFE", price=Decimal("18.00"), barcode="7891000315507"),
        actor=STAFF,
        now=MONDAY,
    )
    assert [item.sku for item in find_items(text=" 7891000315507 ", now=MONDAY)] == ["CAFE"]
    change_variant(sku="CAFE", sheet=VariantSheet(sku="CAFE", price=Decimal("19.00")), actor=STAFF, now=MONDAY)
    assert Variant.objects.get().barcode == "7891000315507"
    change_variant(
        sku="CAFE", sheet=VariantSheet(sku="CAFE", price=Decimal("19.00"), barcode=""), actor=STAFF, now=MONDAY
    )
    assert (Variant.objects.get().barcode, variant.barcode) == ("", "")


def test_a_number_is_one_variants_and_has_its_check_digit(db: None) -> None:
    first = catalog.variant(sku="CAFE", barcode="7891000315507")
    with pytest.raises(BarcodeTaken):
        add_variant(
            product_id=first.product_id, sheet=VariantSheet(sku="CHA", price=Decimal(1), barcode="7891000315507"),
            actor=STAFF, now=MONDAY,
        )  # fmt: skip
    with pytest.raises(Malformed) as refusal:
        add_variant(
            product_id=first.product_id, sheet=VariantSheet(sku="CHA", price=Decimal(1), barcode="7891000315508"),
            actor=STAFF, now=MONDAY,
        )  # fmt: skip
    assert [error.pointer for error in refusal.value.errors] == ["/barcode"]
