"""Time under a claim: held, renewed, allocated to an order, released."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Customer
from catalog.models import Variant
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable, TooManyHolds
from scheduling.models import Appointment, AppointmentService, Professional
from scheduling.services import Lost
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=10)
"""When a hold taken on MONDAY has run out."""


def release(*claims: UUID, expired: bool = False, now: datetime = MONDAY) -> None:
    run_unit_of_work(
        lambda: scheduling.release(claims=list(claims), actor=make.GUEST, now=now, reason="removed", expired=expired)
    )


class TestHold:
    """A cart keeps a time for a while."""

    def test_a_hold_keeps_everybody_else_away_until_it_runs_out(self) -> None:
        make.salon()
        visit = make.held(at(10))
        assert (visit.state, visit.expires_at) == ("held", LATER)
        with pytest.raises(SlotTaken):
            make.book(at(10), now=LATER - timedelta(seconds=1))
        make.book(at(10), now=LATER)
        visit.refresh_from_db()
        assert visit.state == "expired"
        assert [event.to_state for event in visit.events.all()] == ["held", "expired"]

    def test_a_taken_time_cannot_be_held(self) -> None:
        make.salon()
        make.book(at(10))
        before = make.everything()
        with pytest.raises(SlotTaken):
            make.held(at(10))
        with pytest.raises(SlotUnavailable):
            make.held(at(7))
        assert make.everything() == before

    def test_one_cart_holds_only_so_many_times(self) -> None:
        make.salon()
        make.set_policy(max_holds_per_customer=2)
        cart = uuid4()
        first = make.held(at(10), holder=cart)
        make.held(at(11), holder=cart)
        before = make.everything()
        with pytest.raises(TooManyHolds) as refusal:
            make.held(at(12), holder=cart)
        assert refusal.value.data == {"max": 2}
        assert make.everything() == before
        assert make.held(at(12), holder=uuid4()).state == "held"
        release(make.claim_of(first))
        assert make.held(at(13), holder=cart).state == "held"

    def test_one_customer_holds_only_so_many_times_in_all_carts(self) -> None:
        make.salon()
        make.set_policy(max_holds_per_customer=1)
        maria = Customer.objects.create(name="Maria", email="maria@example.com")
        make.held(at(10), customer_id=maria.pk)
        with pytest.raises(TooManyHolds):
            make.held(at(11), customer_id=maria.pk)
        assert make.held(at(11), customer_id=maria.pk, now=LATER).state == "held"


class TestAllocate:
    """An order takes the time over."""

    def test_a_paid_order_confirms_its_visits(self) -> None:
        make.salon()
        visit = make.held(at(10))
        order = uuid4()
        assert make.allocate(make.claim_of(visit), bearer=order) == []
        visit.refresh_from_db()
        assert (visit.state, visit.expires_at, visit.bearer) == ("confirmed", None, order)
        assert (visit.contact_name, visit.contact_email) == ("Maria Souza", "maria@example.com")
        assert make.told() == ["appointment.booked"]

    def test_an_order_that_waits_for_money_keeps_the_time_until_then(self) -> None:
        make.salon()
        visit = make.held(at(10))
        until = MONDAY + timedelta(hours=20)
        assert make.allocate(make.claim_of(visit), expires_at=until, bearer=uuid4()) == []
        visit.refresh_from_db()
        assert (visit.state, visit.expires_at) == ("held", until)
        with pytest.raises(SlotTaken):
            make.book(at(10), now=until - timedelta(seconds=1))
        assert make.allocate(make.claim_of(visit), now=until - timedelta(seconds=1), actor=make.SYSTEM) == []
        visit.refresh_from_db()
        assert (visit.state, visit.expires_at) == ("confirmed", None)

    def test_an_allocated_time_counts_as_no_hold(self) -> None:
        make.salon()
        make.set_policy(max_holds_per_customer=1)
        cart = uuid4()
        visit = make.held(at(10), holder=cart)
        make.allocate(make.claim_of(visit), expires_at=MONDAY + timedelta(days=1), bearer=uuid4(), holder=cart)
        assert make.held(at(11), holder=cart).state == "held"

    def test_a_visit_that_the_shop_confirms_becomes_a_request(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.held(at(10, day=3))
        assert make.allocate(make.claim_of(visit), bearer=uuid4()) == []
        visit.refresh_from_db()
        assert (visit.state, visit.expires_at) == ("requested", MONDAY + timedelta(hours=24))
        scheduling.accept(public_id=visit.public_id, actor=make.STAFF, now=MONDAY)
        assert make.allocate(make.claim_of(visit)) == []
        visit.refresh_from_db()
        assert visit.state == "confirmed"

    def test_prices_are_fixed_as_they_are_when_ordering(self) -> None:
        make.salon()
        visit = make.held(at(10))
        Variant.objects.update(price=Decimal("65.00"))
        shown = selectors.claimed_visits(claims=[make.claim_of(visit)], now=MONDAY)[make.claim_of(visit)]
        assert shown.price == Decimal("65.00")
        make.allocate(make.claim_of(visit))
        Variant.objects.update(price=Decimal("99.00"))
        visit.refresh_from_db()
        assert (visit.total, visit.services.get().price) == (Decimal("65.00"), Decimal("65.00"))
        agreed = selectors.claimed_visits(claims=[make.claim_of(visit)], now=MONDAY)[make.claim_of(visit)]
        assert (agreed.price, agreed.state, agreed.live) == (Decimal("65.00"), "confirmed", True)

    @pytest.mark.parametrize("ran_out", [False, True])
    def test_what_an_order_agreed_on_stays_when_its_money_comes(self, ran_out: bool) -> None:
        make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit), expires_at=LATER, bearer=uuid4())
        Variant.objects.update(price=Decimal("500.00"))
        agreed = selectors.claimed_visits(claims=[make.claim_of(visit)], now=MONDAY)[make.claim_of(visit)]
        assert (agreed.price, agreed.state) == (Decimal("50.00"), "held")
        assert make.allocate(make.claim_of(visit), bearer=uuid4(), now=LATER if ran_out else MONDAY) == []
        visit.refresh_from_db()
        assert (visit.state, visit.total, visit.services.get().price) == (
            "confirmed", Decimal("50.00"), Decimal("50.00")
        )  # fmt: skip

    def test_the_prices_a_customer_saw_are_those_agreed_on(self) -> None:
        make.salon()
        visit = make.held(at(10))
        Variant.objects.update(price=Decimal("500.00"))
        make.allocate(make.claim_of(visit), prices={make.claim_of(visit): [Decimal("50.00")]})
        visit.refresh_from_db()
        assert (visit.total, visit.services.get().price) == (Decimal("50.00"), Decimal("50.00"))

    def test_the_database_keeps_the_prices_of_an_order(self) -> None:
        make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit), expires_at=LATER, bearer=uuid4())
        with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic():
            AppointmentService.objects.filter(appointment=visit).update(price=Decimal("500.00"))

    @pytest.mark.parametrize("columns", [{"requires_confirmation": True}, {"is_active": False}])
    def test_time_an_order_waits_with_is_confirmed_as_it_was_agreed(self, columns: dict[str, bool]) -> None:
        salon = make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit), expires_at=LATER, bearer=uuid4())
        if "is_active" in columns:
            Professional.objects.filter(pk=salon.people["Ana"].pk).update(**columns)
        else:
            salon.services["CORTE"].__class__.objects.update(**columns)
        assert make.allocate(make.claim_of(visit), bearer=uuid4()) == []
        visit.refresh_from_db()
        assert (visit.state, visit.expires_at) == ("confirmed", None)

    def test_late_money_takes_the_time_again_or_names_what_is_lost(self) -> None:
        salon = make.salon()
        first, second = make.held(at(10)), make.held(at(11))
        for visit in (first, second):
            make.allocate(make.claim_of(visit), expires_at=LATER, bearer=uuid4())
        release(make.claim_of(first), make.claim_of(second), expired=True, now=LATER)
        make.book(at(11), who=salon.id("Ana"), now=LATER)
        lost = make.allocate(
            make.claim_of(first), make.claim_of(second), now=LATER + timedelta(days=1), actor=make.SYSTEM
        )
        assert lost == [Lost(claim=make.claim_of(second), reasons=("booked",))]
        first.refresh_from_db()
        assert first.state == "confirmed"

    def test_whoever_no_longer_performs_the_service_is_lost(self) -> None:
        salon = make.salon()
        visit = make.held(at(10))
        Professional.objects.filter(pk=salon.people["Ana"].pk).update(is_active=False)
        assert make.allocate(make.claim_of(visit)) == [Lost(claim=make.claim_of(visit), reasons=("professional",))]

    def test_a_given_up_claim_is_lost(self) -> None:
        make.salon()
        visit = make.held(at(10))
        release(make.claim_of(visit))
        assert make.allocate(make.claim_of(visit)) == [Lost(claim=make.claim_of(visit), reasons=("cancelled",))]


class TestRelease:
    """Time goes back."""

    def test_a_released_hold_is_free_at_once_and_tells_nobody(self) -> None:
        make.salon()
        visit = make.held(at(10))
        release(make.claim_of(visit))
        release(make.claim_of(visit))
        visit.refresh_from_db()
        assert (visit.state, visit.events.count()) == ("cancelled", 2)
        assert make.book(at(10)).appointment.pk
        assert make.told() == ["appointment.booked"]

    @pytest.mark.parametrize(("expired", "state"), [(True, "expired"), (False, "cancelled")])
    def test_a_promised_time_is_freed_once_and_told(self, expired: bool, state: str) -> None:
        make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit), expires_at=MONDAY + timedelta(days=1), bearer=uuid4())
        release(make.claim_of(visit), expired=expired)
        release(make.claim_of(visit), expired=expired)
        visit.refresh_from_db()
        assert visit.state == state
        told = OutboxMessage.objects.get(name=f"appointment.{state}", handler="scheduling.services.tell_customer")
        assert (told.payload["claim"], told.payload["by_claim"]) == (str(make.claim_of(visit)), True)

    def test_a_confirmed_visit_of_a_cancelled_order_is_cancelled(self) -> None:
        make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit))
        release(make.claim_of(visit))
        visit.refresh_from_db()
        assert visit.state == "cancelled"

    def test_nothing_is_released_of_what_is_over(self) -> None:
        make.salon()
        visit = make.held(at(10))
        make.allocate(make.claim_of(visit))
        scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(11))
        release(make.claim_of(visit), uuid4())
        visit.refresh_from_db()
        assert visit.state == "completed"


def test_the_lease_covers_everybody_and_every_room_a_visit_could_use() -> None:
    salon = make.salon(rooms=("Sala 1", "Sala 2"))
    visit = make.held(at(10))
    rooms = sorted(salon.services["CORTE"].rooms.values_list("pk", flat=True))
    assert scheduling.lease_keys(claims=[make.claim_of(visit), uuid4()]) == [
        f"professional:{visit.professional_id}",
        *(f"room:{pk}" for pk in rooms),
    ]


def test_the_sweep_writes_down_what_ran_out_and_nothing_else() -> None:
    make.salon(requires_confirmation=False)
    gone, kept = make.held(at(10)), make.held(at(11), now=MONDAY + timedelta(minutes=5))
    assert scheduling.release_expired(now=LATER, batch=1) == 1
    assert scheduling.release_expired(now=LATER) == 0
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert (gone.state, kept.state) == ("expired", "held")
    assert Appointment.objects.count() == 2


def test_claimed_visits_tell_what_a_cart_shows() -> None:
    salon = make.salon(deposit_percent=30)
    visit = make.held(at(10))
    shown = selectors.claimed_visits(claims=[make.claim_of(visit), uuid4()], now=MONDAY)
    assert list(shown) == [make.claim_of(visit)]
    one = shown[make.claim_of(visit)]
    assert (one.appointment, one.professional_id, one.professional) == (visit.public_id, salon.id("Ana"), "Ana")
    assert (one.starts_at, one.ends_at, one.held_until, one.state) == (at(10), at(10, 30), LATER, "held")
    assert (one.price, one.deposit, one.for_sale) == (Decimal("50.00"), Decimal("15.00"), True)
    assert selectors.claimed_visits(claims=[make.claim_of(visit)], now=LATER)[make.claim_of(visit)].live is False
