"""Tips: in the drawer by what they were handed over as, in no total, passed on, and taken back with the sale."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from commissions import selectors as ledger
from commissions import services as commissions
from commissions.errors import NothingToPay
from commissions.models import CommissionPayoutTip
from common.actors import Actor
from common.errors import Malformed
from common.transactions import run_unit_of_work
from counter import daysheet
from counter import services as counter
from counter.models import Receipt
from counter.services import Discount, Tip, WalkIn
from counter.services.paying import cash_of
from counter.tests.factories import MONDAY, STAFF, cash, clerk, goods, of, sell, selling
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order
from payments import services as payments
from payments.models import Payment
from payments.models import Tip as Written
from payments.selectors import drawer_sums
from payments.tests.by_card import tell
from payments.tests.stand_in import registered
from scheduling.models import Professional
from scheduling.tests.factories import Salon, at, salon
from shop import services as shop
from till.models import TillSession

pytestmark = pytest.mark.django_db

TEN = at(10)


@pytest.fixture
def shop_of_both() -> Salon:
    """There is bread, and Ana and Bia cut hair."""
    stocked(sku="PAO", units=500, price="0.80")
    return salon(names=("Ana", "Bia"))


def tip(owner: Salon, name: str, amount: str, tender: str = "cash") -> Tip:
    return Tip(professional=owner.id(name), tender=tender, amount=Decimal(amount))


def drawer() -> dict[str, str]:
    [sums] = drawer_sums(sessions=[TillSession.objects.get(closed_at=None)])
    return {tender: f"{amount:.2f}" for tender, amount in sums.expected.items()}


def payable(name: str) -> tuple[str, str]:
    person = Professional.objects.get(name=name)
    [figures] = ledger.figures(first=MONDAY, until=at(23), people=[person])
    return str(figures.tips), str(figures.payable)


def sheet(now: Any = None) -> dict[str, Any]:
    zone = shop.policy().timezone
    period = daysheet.period_of(day=TEN.date(), timezone=zone, now=now or at(18))
    return daysheet.figures_of(period=period, timezone=zone)


def haircut(owner: Salon, *tips: Tip, paid: Any = None, actor: Actor = STAFF, now: Any = TEN, **sale: Any) -> Any:
    walk_in = WalkIn(services=(("CORTE", owner.id("Ana")),))
    return sell(paid or cash("50.00"), walk_ins=(walk_in,), tips=tips, actor=actor, now=now, **sale)


def test_a_tip_lies_in_the_drawer_and_is_in_no_total(shop_of_both: Salon) -> None:
    sold = haircut(shop_of_both, tip(shop_of_both, "Ana", "5.00"), tip(shop_of_both, "Bia", "2.50", "card"))
    order = Order.objects.get()
    assert (str(sold.total), str(sold.paid), str(sold.tips)) == ("50.00", "50.00", "7.50")
    assert (str(order.total), str(order.paid), order.status) == ("50.00", "50.00", "completed")
    assert drawer() == {"cash": "55.00", "card": "2.50", "pix": "0.00"}
    assert (payable("Ana"), payable("Bia")) == (("5.00", "5.00"), ("2.50", "2.50"))
    figures = sheet()
    assert (figures["received"], figures["time"], figures["sold"]["total"]) == ("50.00", "50.00", "50.00")
    assert [(one["professional"], one["tender"], one["kept"]) for one in figures["tips"]] == [
        ("Ana", "cash", "5.00"),
        ("Bia", "card", "2.50"),
    ]
    assert findings(now=TEN) == []


def test_a_tip_in_a_drawer_that_opened_by_itself_is_of_the_day_it_came(shop_of_both: Salon) -> None:
    haircut(shop_of_both, tip(shop_of_both, "Ana", "5.00"))
    next_day = TEN + timedelta(days=1)
    haircut(shop_of_both, tip(shop_of_both, "Ana", "3.00"), now=next_day)
    zone = shop.policy().timezone
    period = daysheet.period_of(day=next_day.date(), timezone=zone, now=next_day + timedelta(hours=2))
    [later] = daysheet.figures_of(period=period, timezone=zone)["tips"]
    [first] = sheet(next_day + timedelta(hours=2))["tips"]
    assert (first["kept"], later["kept"], TillSession.objects.count()) == ("5.00", "3.00", 1)


def test_who_was_tipped_stands_where_portuguese_has_them(shop_of_both: Salon) -> None:
    Professional.objects.filter(name="Ana").update(name="Água")
    haircut(shop_of_both, tip(shop_of_both, "Bia", "1.00"), tip(shop_of_both, "Ana", "2.00"))
    assert [row["professional"] for row in sheet()["tips"]] == ["Água", "Bia"]


def test_a_discount_takes_nothing_off_a_tip(shop_of_both: Salon) -> None:
    off = Discount(kind="percent", value=Decimal(10), reason="x")
    sold = haircut(
        shop_of_both, tip(shop_of_both, "Ana", "5.00"), paid=cash("45.00"), actor=clerk("owner"), discount=off
    )
    assert (str(sold.total), str(sold.tips), str(Written.objects.get().amount)) == ("45.00", "5.00", "5.00")


def test_change_is_what_is_left_of_the_cash_after_the_tip(shop_of_both: Salon) -> None:
    sold = haircut(shop_of_both, tip(shop_of_both, "Ana", "5.00"), paid=cash("50.00", received="60.00"))
    receipt = Receipt.objects.get()
    assert (str(sold.change), str(receipt.received), str(receipt.change)) == ("5.00", "60.00", "5.00")
    with pytest.raises(Malformed) as refused:
        haircut(shop_of_both, tip(shop_of_both, "Ana", "15.00"), paid=cash("50.00", received="60.00"), now=at(12))
    assert [error.pointer for error in refused.value.errors] == ["/payments/0/received"]


def test_a_tip_that_cannot_be_sells_nothing(shop_of_both: Salon) -> None:
    wrong = {
        "/tips/0/professional": Tip(professional=uuid4(), tender="cash", amount=Decimal("1.00")),
        "/tips/0/tender": tip(shop_of_both, "Ana", "1.00", "shells"),
        "/tips/0/amount": tip(shop_of_both, "Ana", "0.001"),
    }
    for pointer, one in wrong.items():
        with pytest.raises(Malformed) as refused:
            haircut(shop_of_both, one)
        assert [error.pointer for error in refused.value.errors] == [pointer]
    assert (Order.objects.count(), Written.objects.count(), Payment.objects.count()) == (0, 0, 0)


def pay_out(name: str, expected: str) -> Any:
    person = Professional.objects.get(name=name)
    return commissions.pay_out(
        professional=person.public_id, until=TEN.date(), expected=Decimal(expected), method="cash", note="",
        actor=STAFF, now=at(18),
    )  # fmt: skip


def test_it_is_passed_on_once_and_leaves_the_drawer(shop_of_both: Salon) -> None:
    haircut(shop_of_both, tip(shop_of_both, "Ana", "5.00"))
    assert str(pay_out("Ana", "5.00").amount) == "5.00"
    assert (payable("Ana"), drawer()["cash"], CommissionPayoutTip.objects.count()) == (("5.00", "0.00"), "50.00", 1)
    with pytest.raises(NothingToPay):
        pay_out("Ana", "0.00")
    assert findings(now=at(18)) == []


def test_undone_with_its_sale_it_goes_back_and_is_owed_by_whoever_was_paid(shop_of_both: Salon) -> None:
    sold = haircut(shop_of_both, tip(shop_of_both, "Ana", "5.00"), tip(shop_of_both, "Bia", "1.00", "pix"))
    pay_out("Ana", "5.00")
    owner = clerk("owner")
    undone = counter.undo_sale(number=sold.numbers[0], reason="x", actor=owner, now=at(18))
    assert (str(undone.amount), str(undone.tips)) == ("50.00", "6.00")
    assert (payable("Ana"), payable("Bia")) == (("0.00", "-5.00"), ("0.00", "0.00"))
    [back] = [one for one in sheet(at(19))["tips"] if one["professional"] == "Bia"]
    assert (back["received"], back["given_back"], back["kept"]) == ("1.00", "1.00", "0.00")
    assert run_unit_of_work(payments.give_tips_back, order=Order.objects.get(), actor=owner, now=at(19)) == 0
    assert findings(now=at(19)) == []


def test_beside_a_pix_of_a_gateway_it_is_taken_when_that_has_come(
    shop_of_both: Salon, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    gateway = registered(monkeypatch, settings, method="pix")
    shop.set_policy(key="payment_methods", value="on_site,pix", actor=STAFF, now=MONDAY)

    def wait(*tips: Tip) -> Any:
        sale = selling(goods=goods(PAO=1), tips=tips)
        return counter.await_pix(sale=sale, awaited=Decimal("0.80"), taking=None, key=uuid4(), actor=STAFF, now=TEN)

    with pytest.raises(Malformed):
        wait(tip(shop_of_both, "Ana", "2.00", "pix"))
    waiting = wait(tip(shop_of_both, "Ana", "2.00"))
    assert Written.objects.count() == 0
    tell(gateway, gateway.pay(Payment.objects.get()), now=TEN)
    done = counter.look_awaited(key=waiting.key, now=TEN)
    assert done.sold is not None
    assert (done.status, str(done.sold.tips), str(Written.objects.get().amount)) == ("sold", "2.00", "2.00")
    assert findings(now=TEN) == []


CENTS = some.integers(1, 5000).map(lambda cents: Decimal(cents) / 100)
TENDERS = some.sampled_from(["cash", "card", "pix"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sales=some.lists(
        some.tuples(some.integers(1, 5), TENDERS, some.lists(some.tuples(TENDERS, CENTS), max_size=3)), max_size=3
    )
)
def test_sales_and_tips_are_what_lies_in_the_drawer_to_the_cent(shop_of_both: Salon, sales: Any) -> None:
    before = _moved()
    for units, tender, tips in sales:
        given_tips = tuple(Tip(shop_of_both.id("Ana"), kind, amount) for kind, amount in tips)
        sell(of(tender, str(units * Decimal("0.80"))), goods=goods(PAO=units), tips=given_tips, now=TEN)
    moved = {kind: amount - before[kind] for kind, amount in _moved().items()}
    sold = {kind: sum((n * Decimal("0.80") for n, by, _tips in sales if by == kind), Decimal(0)) for kind in moved}
    tipped = {kind: sum((a for *_sale, tips in sales for by, a in tips if by == kind), Decimal(0)) for kind in moved}
    assert moved == {kind: sold[kind] + tipped[kind] for kind in moved}


def _moved() -> dict[str, Decimal]:
    sessions = list(TillSession.objects.filter(closed_at=None))
    return (
        dict(drawer_sums(sessions=sessions)[0].expected)
        if sessions
        else dict.fromkeys(("cash", "card", "pix"), Decimal(0))
    )


@given(amounts=some.lists(CENTS, min_size=1, max_size=4), tips=some.lists(CENTS, max_size=4), more=CENTS)
def test_what_is_handed_over_is_the_price_the_tips_and_the_change(
    amounts: list[Decimal], tips: list[Decimal], more: Decimal
) -> None:
    whose = UUID(int=1)
    extra = more + sum(tips)
    parts = [
        cash(str(amount), received=str(amount + (extra if place == 0 else 0))) for place, amount in enumerate(amounts)
    ]
    received, change = cash_of(parts=parts, tips=[Tip(whose, "cash", one) for one in tips])
    assert (received, change) == (sum(amounts) + sum(tips) + more, more)
