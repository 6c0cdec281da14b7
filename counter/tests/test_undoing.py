"""A sale of today can be taken back: money by the tender it came, goods on the shelf, visits as they were."""

from datetime import timedelta

import pytest

from common import outbox
from common.actors import Actor
from common.errors import Forbidden, InvalidTransition, Malformed
from counter import services as counter
from counter.selectors import todays_visits
from counter.services import SeatedVisit, WalkIn
from counter.tests.factories import amounts, cash, clerk, goods, of, sell
from inventory import selectors as stock
from inventory.tests.factories import stocked
from operations.integrity import findings
from orders.models import Order, OrderEvent
from orders.tests.factories import ordered
from payments.models import Refund
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import Salon, at, book, salon

pytestmark = pytest.mark.django_db

NOW = at(10, 17)
LATER = at(17)


@pytest.fixture
def owner() -> Actor:
    stocked(sku="PAO", units=10, price="6.50")
    return clerk("owner")


@pytest.fixture
def a_salon() -> Salon:
    return salon(names=["Ana", "Bia"])


def undo(number: str, *, actor: Actor, now: object = LATER, reason: str = "Engano") -> counter.Undone:
    done = counter.undo_sale(number=number, reason=reason, actor=actor, now=now)  # type: ignore[arg-type]
    outbox.relay(now=LATER)
    return done


def test_money_goes_back_as_it_came_and_goods_on_the_shelf(owner: Actor) -> None:
    number = sell(of("card", "10.00"), cash("3.00", received="5.00"), goods=goods(PAO=2), now=NOW).numbers[0]
    assert stock.available(skus=["PAO"], now=NOW) == {"PAO": 8}
    done = undo(number, actor=owner)
    assert {(tender, str(amount)) for tender, amount in done.parts} == {("card", "10.00"), ("cash", "3.00")}
    assert stock.available(skus=["PAO"], now=LATER) == {"PAO": 10}
    order = Order.objects.get()
    assert amounts([order.total, order.cancelled, order.paid, order.refunded]) == ["13.00", "13.00", "13.00", "13.00"]
    assert set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}
    last = OrderEvent.objects.latest("seq")
    assert (last.reason, last.actor_id) == ("order.undone: Engano", owner.id)
    assert findings(now=LATER) == []


def test_it_is_undone_once(owner: Actor) -> None:
    number = sell(cash("6.50"), goods=goods(PAO=1), now=NOW).numbers[0]
    undo(number, actor=owner)
    with pytest.raises(InvalidTransition):
        undo(number, actor=owner)
    assert Refund.objects.count() == 1


def test_a_visit_that_was_booked_waits_for_its_money_again(owner: Actor, a_salon: Salon) -> None:
    visit = book(at(10)).appointment.public_id
    number = sell(cash("56.50"), goods=goods(PAO=1), visits=(SeatedVisit(visit),), now=NOW).numbers[0]
    assert todays_visits(now=NOW) == []
    undo(number, actor=owner)
    row = Appointment.objects.get()
    assert (row.state, row.claim, row.bearer) == ("confirmed", None, None)
    assert [str(one.due) for one in todays_visits(now=LATER)] == ["50.00"]
    assert findings(now=LATER) == []
    sell(cash("50.00"), visits=(SeatedVisit(visit),), now=LATER)
    assert (Appointment.objects.get().state, Order.objects.count()) == ("completed", 2)
    assert findings(now=LATER) == []


def test_a_visit_that_was_closed_before_it_was_paid_stays_closed(owner: Actor, a_salon: Salon) -> None:
    visit = book(at(10)).appointment.public_id
    scheduling.complete(public_id=visit, actor=owner, now=at(10, 16))
    number = sell(cash("50.00"), visits=(SeatedVisit(visit),), now=NOW).numbers[0]
    undo(number, actor=owner)
    assert (Appointment.objects.get().state, Appointment.objects.get().claim) == ("completed", None)
    assert findings(now=LATER) == []


def test_a_visit_that_began_with_the_sale_is_cancelled(owner: Actor, a_salon: Salon) -> None:
    number = sell(cash("50.00"), walk_ins=(WalkIn(services=(("CORTE", None),)),), now=NOW).numbers[0]
    undo(number, actor=owner)
    assert Appointment.objects.get().state == "cancelled"
    assert Order.objects.get().refunded == 50
    assert findings(now=LATER) == []


def test_one_paid_in_advance_is_booked_still(owner: Actor, a_salon: Salon) -> None:
    visit = book(at(16)).appointment.public_id
    number = sell(cash("50.00"), visits=(SeatedVisit(visit),), now=NOW).numbers[0]
    undo(number, actor=owner, now=at(11))
    assert (Appointment.objects.get().state, Order.objects.get().status) == ("confirmed", "cancelled")
    assert findings(now=LATER) == []


def test_only_today_only_the_counter_only_who_may_only_with_a_reason(owner: Actor) -> None:
    number = sell(cash("6.50"), goods=goods(PAO=1), now=NOW).numbers[0]
    with pytest.raises(Forbidden):
        undo(number, actor=clerk("counter"))
    with pytest.raises(Malformed):
        undo(number, actor=owner, reason=" ")
    with pytest.raises(InvalidTransition):
        undo(number, actor=owner, now=NOW + timedelta(hours=14))
    with pytest.raises(InvalidTransition):
        undo(ordered(units={"PAO": 1}, now=NOW).number, actor=owner)
    assert not Refund.objects.exists()
    assert Order.objects.filter(cancelled=0).count() == 2
