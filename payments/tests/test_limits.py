"""What each role gives back at most: at once, in a day, and when two refunds of one person meet."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.models import User
from accounts.tests.doors import post, refused, staff_with
from common.actors import Actor
from common.testing import race, statements
from common.transactions import run_unit_of_work
from desk.refusals import explained
from orders.models import Order
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, ordered, stocked
from payments import services as payments
from payments.errors import RefundAboveLimit, RefundsAboveDay
from payments.models import MoneyStep, Refund
from payments.services import limits
from payments.tests.test_race import relay
from scheduling.tests.factories import at
from shop import services as shop

TOMORROW = MONDAY + timedelta(days=1)


def member(role: str, name: str = "a") -> Actor:
    """Return somebody of the team with a role."""
    user = User.objects.create_user(f"{role}-{name}@example.com", "uma-senha-bem-comprida", name=name, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    return Actor(kind="staff", id=str(user.pk), door="admin")


def paid(units: int = 10) -> Order:
    """Return an order of ten reais a unit, paid by transfer."""
    order = ordered(units={"PAO": units}, payment_method="transfer")
    payments.confirm_order(number=order.number, amount=order.total, reference="", access=ALL, actor=STAFF, now=MONDAY)
    return order


def give_back(order: Order, amount: str, actor: Actor, now: Any = MONDAY) -> Any:
    """Give some of an order back by hand."""
    return payments.refund_order(
        number=order.number, amount=Decimal(amount), handed_back=[], restock=False, reason="-", access=ALL,
        actor=actor, now=now,
    )  # fmt: skip


def let(**reais: int) -> None:
    """Set the limits of the counter."""
    values = {f"counter_refund_{key}": value for key, value in reais.items()}
    shop.set_policies(values=values, actor=STAFF, now=MONDAY)


@pytest.fixture
def bread(db: None) -> None:
    stocked(sku="PAO", units=500, price="10.00")


@pytest.mark.usefixtures("bread")
class TestOneByOne:
    """Refunds that come one after the other."""

    def test_at_once(self) -> None:
        let(each=60, day=1000)
        counter, order = member("counter"), paid()
        give_back(order, "60.00", counter)
        with pytest.raises(RefundAboveLimit) as found:
            give_back(paid(), "60.01", counter)
        assert explained(found.value) == ("Você pode devolver no máximo R$ 60,00 de uma vez. Peça a quem pode mais.")
        assert Refund.objects.count() == 1

    def test_in_a_day_all_orders_together_and_anew_tomorrow(self) -> None:
        let(each=60, day=100)
        counter = member("counter")
        give_back(paid(), "60.00", counter)
        with pytest.raises(RefundsAboveDay) as found:
            give_back(paid(), "40.01", counter)
        assert explained(found.value) == ("Você pode devolver no máximo R$ 100,00 por dia; restam R$ 40,00 para hoje.")
        give_back(paid(), "40.00", counter)
        give_back(paid(), "60.00", member("counter", "b"))
        give_back(paid(), "60.00", counter, TOMORROW)
        assert Refund.objects.count() == 4

    def test_the_manager_has_limits_and_the_owner_the_shop_and_a_superuser_none(self) -> None:
        let(each=1, day=1)
        shop.set_policies(values={"manager_refund_each": 70, "manager_refund_day": 70}, actor=STAFF, now=MONDAY)
        order = paid(units=40)
        manager = member("manager")
        with pytest.raises(RefundAboveLimit):
            give_back(order, "70.01", manager)
        give_back(order, "70.00", manager)
        for actor in (member("owner"), Actor.system(door="task")):
            give_back(order, "71.00", actor)
        User.objects.filter(pk=int(manager.id)).update(is_superuser=True)
        give_back(order, "71.00", manager)

    def test_what_is_owed_counts_for_whoever_hands_it_back(self) -> None:
        let(each=60, day=60)
        order = paid(units=6)
        cancel(order=order)
        relay(MONDAY)
        owed = Refund.objects.get()
        counter = member("counter")
        give_back(paid(), "0.01", counter)
        with pytest.raises(RefundsAboveDay):
            payments.settle_refund(refund_id=owed.public_id, actor=counter, now=MONDAY)
        owed.refresh_from_db()
        assert owed.status == "due"
        other = member("counter", "b")
        payments.settle_refund(refund_id=owed.public_id, actor=other, now=MONDAY)
        with pytest.raises(RefundsAboveDay):
            give_back(paid(), "0.01", other)

    def test_nothing_at_all_unless_the_owner_lets_them(self) -> None:
        counter = member("counter")
        user = User.objects.get(pk=int(counter.id))
        may = Permission.objects.get(codename="refund_payment")
        Group.objects.get(name="counter").permissions.add(may)
        assert not payments.gives_back(user=user, actor=counter)
        with pytest.raises(RefundAboveLimit):
            give_back(paid(), "0.01", counter)
        let(each=1, day=1)
        assert payments.gives_back(user=user, actor=counter)
        assert not payments.gives_back(user=staff_with(), actor=member("owner"))

    def test_the_api_refuses_with_the_limit(self) -> None:
        let(each=60, day=100)
        order = paid()
        user = staff_with("payments.refund_payment")
        user.groups.set([Group.objects.get_or_create(name="counter")[0]])
        body = {"amount": "60.01", "reason": "-", "restock": False}
        answer = post(f"/orders/{order.number}/refunds/", body, user=user, key="a")
        assert refused(answer, 403, "refund_above_limit")["limit"] == "60"
        assert not Refund.objects.exists()


@pytest.mark.usefixtures("bread")
class TestWhatCounts:
    """What of the refunds so far counts against the limit of a day."""

    def judge(self, amount: str, actor: Actor, now: Any = MONDAY, refund: Refund | None = None) -> None:
        run_unit_of_work(limits.judge_refund, amount=Decimal(amount), actor=actor, now=now, refund=refund)

    def decided(self, actor: Actor, amount: str, *, at: Any = MONDAY, status: str = "due", to: str = "due") -> Refund:
        refund = Refund.objects.create(
            order=paid(), status=status, amount=Decimal(amount), currency="BRL", reason="-", actor_kind="system",
            created_at=at, returned_at=at if status == "succeeded" else None,
        )  # fmt: skip
        MoneyStep.objects.create(
            refund=refund, to_status=to, amount=refund.amount, actor_kind=actor.kind, actor_id=actor.id, door="", at=at
        )
        return refund

    def test_a_refund_that_somebody_decided_counts_once_when_they_hand_it_back(self) -> None:
        let(each=60, day=60)
        counter = member("counter")
        own = self.decided(counter, "60.00")
        self.judge("60.00", counter, refund=own)
        with pytest.raises(RefundsAboveDay) as found:
            self.judge("0.01", counter)
        assert found.value.data == {"limit": "60", "left": "0.00"}

    def test_a_day_begins_at_midnight_where_the_shop_is(self) -> None:
        let(each=60, day=60)
        counter, midnight = member("counter"), at(0)  # three in the morning by the clock of the world
        self.decided(counter, "60.00", at=midnight - timedelta(seconds=1))
        self.judge("60.00", counter, now=midnight)
        self.decided(counter, "0.01", at=midnight)
        for hour in (0, 23):
            with pytest.raises(RefundsAboveDay):
                self.judge("60.00", counter, now=at(hour, 59))
        self.judge("60.00", counter, now=at(0, day=2))

    @pytest.mark.parametrize(
        ("status", "to", "counts"),
        [
            ("due", "due", True), ("sent", "sent", True), ("succeeded", "succeeded", True),
            ("refused", "due", False), ("due", "refused", False),
        ],
    )  # fmt: skip
    def test_what_was_decided_counts_and_what_was_refused_does_not(self, status: str, to: str, counts: bool) -> None:
        counter = member("counter")
        self.decided(counter, "5.00", status=status, to=to)
        assert limits.given_since(actor=counter, since=MONDAY) == Decimal("5.00" if counts else "0")

    def test_only_what_this_person_decided_since_then_counts(self) -> None:
        counter, other = member("counter"), member("counter", "b")
        mine = [self.decided(counter, "5.00"), self.decided(counter, "7.00", at=TOMORROW)]
        self.decided(other, "11.00")
        self.decided(Actor(kind="customer", id=counter.id, door="api"), "13.00")
        MoneyStep.objects.create(
            refund=mine[0], to_status="sent", amount=mine[0].amount, actor_kind="staff", actor_id=counter.id, door="",
            at=TOMORROW,
        )  # fmt: skip
        assert limits.given_since(actor=counter, since=MONDAY) == Decimal("12.00")
        assert limits.given_since(actor=counter, since=MONDAY, but=mine[1]) == Decimal("5.00")
        assert limits.given_since(actor=counter, since=TOMORROW + timedelta(seconds=1)) == 0
        assert limits.given_since(actor=other, since=MONDAY) == Decimal("11.00")

    def test_a_limit_that_was_lowered_meanwhile_leaves_nothing_and_no_less(self) -> None:
        let(each=60, day=60)
        counter = member("counter")
        self.decided(counter, "50.00")
        let(each=60, day=40)
        with pytest.raises(RefundsAboveDay) as found:
            self.judge("1.00", counter)
        assert found.value.data == {"limit": "40", "left": "0"}
        with pytest.raises(RefundAboveLimit) as too_much:
            self.judge("60.01", counter)
        assert too_much.value.data == {"limit": "60"}

    def test_nothing_is_read_about_whoever_has_no_role(self) -> None:
        with statements() as said:
            self.judge("1000.00", Actor.system(door="task"))
        assert [sql for sql in said if sql.startswith("SELECT")] == []

    def test_limits_are_judged_within_the_refund_itself(self) -> None:
        with pytest.raises(RuntimeError, match=r"^judge_refund must run within"):
            limits.judge_refund(amount=Decimal("1.00"), actor=STAFF, now=MONDAY)

    def test_only_who_may_and_whose_role_gives_any_gives_back(self) -> None:
        may, owner, counter = staff_with("payments.refund_payment"), member("owner"), member("counter")
        assert payments.gives_back(user=may, actor=owner)
        assert payments.gives_back(user=may, actor=STAFF)
        assert not payments.gives_back(user=may, actor=counter)
        let(each=5, day=0)
        assert payments.gives_back(user=may, actor=counter)
        assert not payments.gives_back(user=staff_with(), actor=counter)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two refunds of one person that meet."""

    def _two(self) -> list[Any]:
        stocked(sku="PAO", units=500, price="10.00")
        let(each=60, day=100)
        counter, found = member("counter"), [paid(), paid()]
        return race(workers=2, work=lambda number: give_back(found[number], "60.00", counter))

    def test_together_they_do_not_exceed_the_day(self) -> None:
        found = self._two()
        assert [type(one) for one in found if isinstance(one, Exception)] == [RefundsAboveDay]
        assert Refund.objects.count() == 1

    def test_without_the_hold_they_would(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The negative control: nobody waits, and both have read what was given back before either writes."""
        both, read = Barrier(2), limits.given_since

        def reads_beside_the_other(**how: Any) -> Decimal:
            given = read(**how)
            both.wait(timeout=30)
            return given

        monkeypatch.setattr("payments.services.limits.accounts.hold_member", lambda *, actor: None)
        monkeypatch.setattr(limits, "given_since", reads_beside_the_other)
        assert [one for one in self._two() if isinstance(one, Exception)] == []
        assert Refund.objects.count() == 2
