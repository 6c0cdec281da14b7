"""Deposits: what is asked of a price, to the cent, and how they are typed at the desk."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backoffice.tests.desk import text_of
from catalog import services as catalog
from catalog.deposits import Deposit, kept_as
from catalog.models import Product, ProductChange
from catalog.services import ProductSheet, VariantSheet
from catalog.tests import factories
from catalog.tests.desk import change, kept, made, owner, typed
from catalog.tests.factories import NOW, OWNER
from common.errors import Malformed

__all__ = ["owner"]

PRICES = st.integers(min_value=0, max_value=9_999_999_999).map(lambda cents: Decimal(cents) / 100)
UNITS = st.integers(min_value=1, max_value=999)
DEPOSITS = st.one_of(
    st.integers(min_value=0, max_value=100).map(lambda percent: Deposit(percent=percent)),
    PRICES.map(lambda amount: Deposit(amount=amount)),
)


@given(price=PRICES, units=UNITS, deposit=DEPOSITS)
def test_it_is_whole_cents_and_never_more_than_the_price(price: Decimal, units: int, deposit: Deposit) -> None:
    asked = deposit.of(price=price, units=units)
    assert asked * 100 == int(asked * 100)
    assert 0 <= asked <= price * units
    whole = {"none": asked == 0, "all": asked == price * units}
    assert whole.get(deposit.kind, True)


@given(price=PRICES, units=UNITS, percent=st.integers(min_value=1, max_value=99))
def test_a_share_and_the_rest_add_up_and_are_rounded_once(price: Decimal, units: int, percent: int) -> None:
    asked = Deposit(percent=percent).of(price=price, units=units)
    exact = price * units * percent / 100
    assert asked == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert asked + (price * units - asked) == price * units


@pytest.mark.parametrize(
    ("deposit", "price", "units", "asked"),
    [
        (Deposit(), "59.90", 3, "0.00"),
        (Deposit(percent=50), "0.01", 1, "0.01"),
        (Deposit(percent=50), "0.01", 3, "0.02"),
        (Deposit(percent=30), "59.90", 1, "17.97"),
        (Deposit(percent=33), "10.05", 3, "9.95"),
        (Deposit(percent=100), "59.90", 2, "119.80"),
        (Deposit(amount=Decimal("20.00")), "59.90", 2, "40.00"),
        (Deposit(amount=Decimal("20.00")), "5.00", 3, "15.00"),
    ],
)
def test_examples(deposit: Deposit, price: str, units: int, asked: str) -> None:
    assert deposit.of(price=Decimal(price), units=units) == Decimal(asked)


@pytest.mark.parametrize(
    ("kind", "deposit"),
    [
        ("none", Deposit()),
        ("share", Deposit(percent=40)),
        ("amount", Deposit(amount=Decimal("25.00"))),
        ("all", Deposit(percent=100)),
    ],
)
def test_a_kind_takes_only_the_figure_it_is_about(kind: str, deposit: Deposit) -> None:
    chosen = kept_as(kind=kind, percent=40, amount=Decimal("25.00"))
    assert (chosen, chosen.kind) == (deposit, kind)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("deposit", "pointer"),
    [
        (Deposit(percent=101), "/deposit_percent"),
        (Deposit(percent=-1), "/deposit_percent"),
        (Deposit(amount=Decimal("0.005")), "/deposit_amount"),
        (Deposit(amount=Decimal("-1.00")), "/deposit_amount"),
        (Deposit(amount=Decimal("NaN")), "/deposit_amount"),
    ],
)
def test_what_is_no_deposit_is_refused_by_name(deposit: Deposit, pointer: str) -> None:
    sheet = ProductSheet(name="Cesta", category_id=factories.category().pk, deposit=deposit)
    with pytest.raises(Malformed) as refusal:
        catalog.create_product(sheet=sheet, actor=OWNER, now=NOW)
    assert [error.pointer for error in refusal.value.errors] == [pointer]
    assert not Product.objects.exists()


@pytest.mark.django_db
class TestDesk:
    """The fields on the product's page."""

    @pytest.mark.parametrize(
        ("page", "deposit"),
        [
            ({"deposit_kind": "none", "deposit_percent": "30", "deposit_amount": "5,00"}, Deposit()),
            ({"deposit_kind": "share", "deposit_percent": "30", "deposit_amount": "5,00"}, Deposit(percent=30)),
            ({"deposit_kind": "amount", "deposit_amount": "1.234,50"}, Deposit(amount=Decimal("1234.50"))),
            ({"deposit_kind": "all"}, Deposit(percent=100)),
        ],
    )
    def test_each_kind_is_kept_and_written_down(self, owner: Client, page: dict[str, Any], deposit: Deposit) -> None:
        product = made()
        answer = owner.post(change(product), kept(product, **page))
        assert answer.status_code == 302, answer.content.decode()[:3000]
        product.refresh_from_db()
        assert product.deposit == deposit
        written = set(ProductChange.objects.filter(key__startswith="deposit").values_list("key", flat=True))
        assert written == {
            name for name, one in (("deposit_percent", deposit.percent), ("deposit_amount", deposit.amount)) if one
        }
        assert f'<option value="{deposit.kind}" selected' in owner.get(change(product)).content.decode()

    @pytest.mark.parametrize(
        ("page", "field"),
        [
            ({"deposit_kind": "share"}, "deposit_percent"),
            ({"deposit_kind": "share", "deposit_percent": "100"}, "deposit_percent"),
            ({"deposit_kind": "share", "deposit_percent": "0"}, "deposit_percent"),
            ({"deposit_kind": "amount"}, "deposit_amount"),
            ({"deposit_kind": "amount", "deposit_amount": "0"}, "deposit_amount"),
            ({"deposit_kind": "amount", "deposit_amount": "1,234.50"}, "deposit_amount"),
            ({"deposit_kind": "half"}, "deposit_kind"),
            ({"kind": "service", "deposit_kind": "all"}, "deposit_kind"),
        ],
    )
    def test_what_cannot_be_is_said_beside_its_field(self, owner: Client, page: dict[str, Any], field: str) -> None:
        answer = owner.post(reverse("admin:catalog_product_add"), typed(**page))
        assert answer.status_code == 200
        assert field in answer.context["adminform"].form.errors
        assert not Product.objects.exists()

    def test_the_product_of_a_service_has_no_deposit_of_its_own(self, owner: Client) -> None:
        sheet = ProductSheet(name="Corte", category_id=factories.category().pk)
        sold = VariantSheet(sku="CORTE", price=Decimal("10.00"))
        product = catalog.create_product(sheet=sheet, variants=[sold], kind="service", actor=OWNER, now=NOW)
        assert "deposit_kind" not in owner.get(change(product)).content.decode()
        page = kept(product, name="Corte novo", shelf=str(product.category_id))
        assert owner.post(change(product), page).status_code == 302
        product.refresh_from_db()
        assert (product.name, product.deposit) == ("Corte novo", Deposit())

    def test_the_list_says_what_each_asks(self, owner: Client) -> None:
        asked: dict[str, dict[str, Any]] = {
            "share": {"deposit_percent": 30},
            "amount": {"deposit_amount": Decimal("1234.50")},
            "all": {"deposit_percent": 100},
        }
        for slug, columns in asked.items():
            factories.variant(product=factories.product(slug=slug, **columns))
        page = text_of(owner.get(reverse("admin:catalog_product_changelist")))
        assert all(told in page for told in ("30%", "R$ 1.234,50", "o preço inteiro"))
