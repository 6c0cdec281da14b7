"""The steps around a claim: is its time still to be had, who carries it now, what is locked before it is judged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from accounts.tests.factories import customer
from catalog.models import Product, Variant
from common.actors import Actor
from common.errors import InvalidTransition, NotFound
from common.transactions import run_unit_of_work
from scheduling import services as scheduling
from scheduling.models import Appointment, Professional
from scheduling.services import Lost, claims
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=10)
"""When a hold taken on MONDAY has run out."""


def lost(*claims: UUID, now: datetime = MONDAY, actor: Actor = make.SYSTEM) -> list[Lost]:
    return scheduling.unavailable(claims=list(claims), actor=actor, now=now)


def release(*claims: UUID, now: datetime = MONDAY, reason: str = "") -> None:
    run_unit_of_work(scheduling.release, claims=list(claims), actor=make.GUEST, now=now, reason=reason)


def locks_of(act: Callable[[], Any]) -> list[str]:
    """Return the tables whose rows an act locks, in order."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return [
        query["sql"].partition(' FROM "')[2].partition('"')[0]
        for query in captured.captured_queries
        if "FOR NO KEY UPDATE" in query["sql"]
    ]


class TestUnavailable:
    """A quote asks what ordering would find, and changes nothing."""

    def test_time_that_is_kept_can_be_kept(self) -> None:
        make.salon()
        held, confirmed, over = make.held(at(10)), make.held(at(11)), make.held(at(12))
        for visit in (confirmed, over):
            make.allocate(make.claim_of(visit))
        scheduling.complete(public_id=over.public_id, actor=make.STAFF, now=at(12))
        claims = [make.claim_of(visit) for visit in (held, confirmed, over)]
        before = make.everything()
        assert lost(*claims) == []
        Professional.objects.update(is_active=False)
        assert lost(*claims[1:]) == []  # what an order has is not judged again
        assert lost(*claims) == [Lost(claim=claims[0], reasons=("professional",))]
        assert make.everything() == before

    def test_a_request_stands_until_it_is_answered(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.held(at(10, day=3))
        make.allocate(make.claim_of(visit), bearer=uuid4())
        Professional.objects.update(is_active=False)
        assert lost(make.claim_of(visit)) == []

    def test_time_that_ran_out_is_judged_again(self) -> None:
        make.salon()
        first, second = make.held(at(10)), make.held(at(11))
        claims = [make.claim_of(first), make.claim_of(second)]
        assert lost(*claims, now=LATER) == []
        past = lost(claims[0], now=at(11), actor=make.GUEST)
        assert past == [Lost(claim=claims[0], reasons=("lead_time",))]
        make.book(at(11), now=LATER)
        assert lost(*claims, now=LATER) == [Lost(claim=claims[1], reasons=("booked",))]
        assert lost(*claims, now=LATER, actor=make.GUEST) == [Lost(claim=claims[1], reasons=("occupied",))]
        second.refresh_from_db()
        assert second.state == "expired"
        assert lost(claims[0], now=LATER) == []

    def test_what_was_given_up_or_never_was_is_cancelled(self) -> None:
        make.salon()
        visit = make.held(at(10))
        release(make.claim_of(visit))
        nobodys = uuid4()
        assert lost(make.claim_of(visit), nobodys) == [
            Lost(claim=make.claim_of(visit), reasons=("cancelled",)),
            Lost(claim=nobodys, reasons=("cancelled",)),
        ]

    def test_many_claims_cost_no_more_statements_than_one(self) -> None:
        make.salon()
        claims = [make.claim_of(make.held(at(hour))) for hour in (10, 11, 12)]
        with CaptureQueriesContext(connection) as one:
            lost(claims[0])
        with CaptureQueriesContext(connection) as three:
            lost(*claims)
        assert len(three) == len(one)


class TestPutUnderClaim:
    """An order takes over a visit that was booked without one."""

    def carried(self, visit: Appointment, *, claim: UUID, now: datetime = MONDAY) -> Appointment:
        return run_unit_of_work(scheduling.put_under_claim, public_id=visit.public_id, claim=claim, now=now)

    def test_a_visit_booked_directly_gets_the_claim_and_one_that_has_one_keeps_it(self) -> None:
        make.salon()
        visit, other = make.booked(at(10)), make.booked(at(11))
        first, second = uuid4(), uuid4()
        assert (self.carried(visit, claim=first).pk, self.carried(visit, claim=second).claim) == (visit.pk, first)
        visit.refresh_from_db()
        other.refresh_from_db()
        assert (visit.claim, other.claim) == (first, None)

    def test_one_that_is_over_may_be_charged_still(self) -> None:
        make.salon()
        visit = make.booked(at(10))
        scheduling.complete(public_id=visit.public_id, actor=make.STAFF, now=at(10))
        claim = uuid4()
        assert self.carried(visit, claim=claim, now=at(11)).claim == claim

    def test_one_that_is_not_promised_yet_or_no_longer_is_refused(self) -> None:
        make.salon(requires_confirmation=True)
        visit = make.booked(at(10, day=3))
        assert visit.expires_at is not None
        for now, state in [(MONDAY, "requested"), (visit.expires_at, "expired")]:
            with pytest.raises(InvalidTransition) as refusal:
                self.carried(visit, claim=uuid4(), now=now)
            assert refusal.value.data == {"from": state, "allowed": ["confirmed", "completed"]}
        visit.refresh_from_db()
        assert visit.claim is None

    def test_an_unknown_visit_is_not_found(self) -> None:
        make.salon()
        with pytest.raises(NotFound):
            self.carried(Appointment(public_id=uuid4()), claim=uuid4())


def test_a_cart_that_becomes_somebodys_passes_on_the_time_it_holds_and_nothing_else() -> None:
    make.salon()
    maria = Customer.objects.create(name="Maria", email="maria@example.com")
    held, ordered, strangers = make.held(at(10)), make.held(at(11)), make.held(at(12))
    make.allocate(make.claim_of(ordered), holder=ordered.holder)
    cart = uuid4()
    claims = [make.claim_of(held), make.claim_of(ordered)]
    run_unit_of_work(scheduling.pass_on, claims=claims, holder=cart, customer_id=maria.pk)
    seen = {row.pk: (row.holder, row.customer_id) for row in Appointment.objects.all()}
    assert seen == {
        held.pk: (cart, maria.pk),
        ordered.pk: (ordered.holder, None),
        strangers.pk: (strangers.holder, None),
    }


class TestLocks:
    """Whoever judges time has locked its people, its rooms and its visits, in this order."""

    order = ("scheduling_professional", "scheduling_room", "scheduling_appointment")

    def test_claims_are_allocated_and_released_behind_their_locks(self) -> None:
        make.salon(rooms=("Sala 1",))
        visit = make.held(at(10))
        assert locks_of(lambda: make.allocate(make.claim_of(visit)))[:3] == list(self.order)
        assert locks_of(lambda: release(make.claim_of(visit)))[:3] == list(self.order)

    def test_a_visit_is_put_under_a_claim_behind_its_locks(self) -> None:
        make.salon(rooms=("Sala 1",))
        visit = make.booked(at(10))
        act = TestPutUnderClaim().carried
        assert locks_of(lambda: act(visit, claim=uuid4()))[:3] == list(self.order)


def test_what_ran_out_is_written_down_as_expired_and_not_given_up() -> None:
    make.salon()
    visit = make.held(at(10))
    release(make.claim_of(visit), now=LATER, reason="removed")
    visit.refresh_from_db()
    assert [(event.to_state, event.reason) for event in visit.events.order_by("seq")] == [("held", ""), ("expired", "")]
    assert make.told() == []


def test_the_reason_of_a_release_stands_in_the_history_and_an_allocation_needs_none() -> None:
    make.salon()
    visit = make.held(at(10))
    make.allocate(make.claim_of(visit))
    release(make.claim_of(visit), reason="no longer wanted")
    assert [(event.to_state, event.reason) for event in visit.events.order_by("seq")] == [
        ("held", ""),
        ("confirmed", ""),
        ("cancelled", "no longer wanted"),
    ]


def test_until_when_time_was_held_is_written_down_when_it_is_given_back() -> None:
    make.salon()
    held, promised = make.held(at(10)), make.held(at(11))
    make.allocate(make.claim_of(promised))
    soon = MONDAY + timedelta(minutes=3)
    release(make.claim_of(held), make.claim_of(promised), now=soon)
    rows = Appointment.objects.order_by("starts_at").values_list("state", "expires_at")
    assert list(rows) == [("cancelled", soon), ("cancelled", None)]


def test_the_services_of_all_visits_are_read_at_once_before_each_is_priced() -> None:
    make.salon()
    claims = [make.claim_of(make.held(at(hour))) for hour in (10, 11, 12)]
    with CaptureQueriesContext(connection) as captured:
        make.allocate(*claims)
    reads = [query for query in captured.captured_queries if 'FROM "scheduling_appointmentservice"' in query["sql"]]
    assert len(reads) == 1 + len(claims)


def test_an_allocation_names_every_claim_it_does_not_know() -> None:
    make.salon()
    visit, nobodys = make.held(at(10)), uuid4()
    assert make.allocate(make.claim_of(visit), nobodys) == [Lost(claim=nobodys, reasons=("cancelled",))]


def test_who_comes_is_written_down_even_where_the_visit_is_promised_already() -> None:
    make.salon()
    visit = make.held(at(10))
    make.allocate(make.claim_of(visit), name="Ana")
    order = uuid4()
    make.allocate(make.claim_of(visit), name="Bia", bearer=order)
    visit.refresh_from_db()
    assert (visit.contact_name, visit.bearer, visit.state) == ("Bia", order, "confirmed")


def test_an_order_that_waits_longer_than_the_visit_begins_keeps_it_no_longer() -> None:
    make.salon()
    visit = make.held(at(10))
    make.allocate(make.claim_of(visit), expires_at=at(10) + timedelta(hours=5), bearer=uuid4())
    visit.refresh_from_db()
    assert (visit.state, visit.expires_at) == ("held", at(10))


def test_a_visit_keeps_the_length_it_was_held_with_and_takes_todays_name() -> None:
    salon = make.salon()
    visit = make.held(at(10))
    salon.services["CORTE"].__class__.objects.update(duration_minutes=90)
    Product.objects.update(name="Corte novo")
    Variant.objects.update(price=Decimal("80.00"))
    assert make.allocate(make.claim_of(visit), now=LATER) == []
    visit.refresh_from_db()
    service = visit.services.get()
    assert (visit.starts_at, visit.ends_at, service.duration_minutes) == (at(10), at(10, 30), 30)
    assert (service.name, service.price, visit.total) == ("Corte novo", Decimal("80.00"), Decimal("80.00"))


@pytest.mark.parametrize("step", ["hold", "allocate", "put_under_claim", "pass_on", "release"])
def test_each_step_refuses_to_run_alone_and_says_which(step: str) -> None:
    with pytest.raises(RuntimeError, match=f"^{step} must run within a unit of work"):
        getattr(claims, step)()


def test_a_visit_that_was_let_go_is_in_no_order() -> None:
    make.salon()
    visit, other = make.held(at(10)), make.held(at(11))
    for each in (visit, other):
        make.allocate(make.claim_of(each), bearer=uuid4())
    run_unit_of_work(scheduling.let_go, visit=visit)
    for each in (visit, other):
        each.refresh_from_db()
    assert (visit.claim, visit.bearer) == (None, None)
    assert None not in (other.claim, other.bearer)


def test_claimed_visits_are_given_to_an_account() -> None:
    make.salon()
    mine, other = make.held(at(10)), make.held(at(11))
    account = customer().pk
    run_unit_of_work(scheduling.give_to, claims=[make.claim_of(mine)], customer_id=account)
    assert list(Appointment.objects.order_by("starts_at").values_list("pk", "customer")) == [
        (mine.pk, account),
        (other.pk, None),
    ]
