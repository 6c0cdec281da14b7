"""The counter's courtesies taken away, one by one: the brawl that follows, and the constraint that ends it.

Each is the negative control of a race in `test_counter_race.py`. A barrier inside the patched step makes sure that
everybody has looked before anybody writes.
"""

import threading
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import counters, idempotency
from common.errors import Refusal
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.models import IdempotencyRecord
from common.testing import race
from common.use_cases import only_once
from inventory import services as inventory
from inventory.models import StockItem, StockMovement
from operations.integrity import findings
from orders.models import Order, OrderEvent
from orders.services import history, states
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, cart_with, ordered, place, stocked
from payments import services as payments
from payments.models import Payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def outcomes(results: list[Any]) -> Counter[str]:
    """Count the codes of refusals and the constraints that had to judge; `ok` for everything else."""
    found: Counter[str] = Counter()
    for result in results:
        if isinstance(result, Refusal):
            found[result.code] += 1
        elif isinstance(result, IntegrityError):
            found[str(getattr(result.__cause__, "diag").constraint_name)] += 1  # noqa: B009 - psycopg's own
        elif isinstance(result, BaseException):
            raise result
        else:
            found["ok"] += 1
    return found


def once(number: int) -> IdempotencyKey:
    return IdempotencyKey(scope="stock", key="same", fingerprint="f")


def receive(number: int) -> Any:
    return only_once(once(number), inventory.adjust_stock)(
        sku="BOLO", operation="add", quantity=5, reason="x", actor=STAFF, now=MONDAY
    )


@pytest.mark.fault("A10")
def test_a_key_that_is_looked_up_instead_of_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody looks, nobody finds anything, everybody does the work; the UNIQUE key lets one of them keep it."""
    stocked(sku="BOLO", units=0)
    everybody_looked = threading.Barrier(6)
    looks = count()

    def look(*, once: IdempotencyKey, now: Any) -> StoredResponse | None:
        if next(looks) < 6:  # whom the constraint has judged tries once more, and does not look at what it finds
            assert not IdempotencyRecord.objects.filter(scope=once.scope, key=once.key).exists()
            everybody_looked.wait(timeout=20)
        return None

    def write_down(*, once: IdempotencyKey, answer: StoredResponse) -> None:
        IdempotencyRecord.objects.create(
            scope=once.scope, key=once.key, fingerprint=once.fingerprint, status=answer.status, created_at=MONDAY,
            expires_at=MONDAY,
        )  # fmt: skip

    monkeypatch.setattr(idempotency, "claim", look)
    monkeypatch.setattr(idempotency, "keep", write_down)
    results = outcomes(race(workers=6, work=receive))
    [constraint] = set(results) - {"ok"}
    assert "idempotency" in constraint
    assert (results["ok"], results[constraint]) == (1, 5)
    assert (StockItem.objects.get().on_hand, StockMovement.objects.count()) == (5, 1)


@pytest.mark.fault("A10")
def test_a_key_that_nobody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither courtesy nor constraint the effect happens as often as it is asked for."""
    stocked(sku="BOLO", units=0)
    monkeypatch.setattr(idempotency, "claim", lambda **_how: None)
    monkeypatch.setattr(idempotency, "keep", lambda **_how: None)
    assert outcomes(race(workers=6, work=receive)) == {"ok": 6}
    assert StockItem.objects.get().on_hand == 30


@pytest.mark.fault("C21")
@pytest.mark.parametrize("other", ["cancel", "confirm"])
def test_an_order_that_nobody_locks(monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    """Two people find the order open and both move it; the history has room for one next step."""
    stocked(sku="BOLO", units=3, price="20.00")
    order = ordered(units={"BOLO": 2}, payment_method="transfer")
    both_looked = threading.Barrier(2)
    step, looks = history._next, count()

    def hesitate(**how: Any) -> Any:
        found = step(**how)
        if next(looks) < 2:  # whoever is judged by the constraint tries once more, alone
            both_looked.wait(timeout=20)
            if how["target"] == "confirmed":  # the cancellation is first
                threading.Event().wait(0.5)
        return found

    monkeypatch.setattr(states, "locked", lambda queryset: queryset.order_by("pk"))
    monkeypatch.setattr(history, "_next", hesitate)
    doors: dict[str, Callable[[], Any]] = {
        "cancel": lambda: cancel(order=order),
        "confirm": lambda: payments.confirm_order(
            number=order.number, amount=order.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY
        ),
    }
    judged = counters.read("unit_of_work_repeated")
    results = outcomes(race(workers=2, work=lambda number: doors["cancel" if number else other]()))
    assert counters.read("unit_of_work_repeated") == judged + 1
    assert results == ({"ok": 2} if other == "cancel" else {"ok": 1, "invalid_transition": 1})
    assert OrderEvent.objects.count() == 2
    final = Order.objects.get()
    assert StockItem.objects.get().reserved == (2 if final.status == "confirmed" else 0)
    assert Payment.objects.count() == (1 if final.status == "confirmed" else 0)
    assert findings(now=MONDAY) == []


@pytest.mark.fault("A19")
def test_a_count_that_is_written_without_a_lock() -> None:
    """The owner looks, a customer buys, the owner writes what they saw; the CHECK keeps what was promised."""
    stocked(sku="BOLO", units=10)
    looked, bought = threading.Event(), threading.Event()

    def act(number: int) -> Any:
        if number == 0:
            item = StockItem.objects.get()
            assert item.reserved == 0
            looked.set()
            bought.wait(timeout=20)
            with transaction.atomic():
                StockItem.objects.filter(pk=item.pk).update(on_hand=8)
            return "counted"
        looked.wait(timeout=20)
        place(cart=cart_with(units={"BOLO": 9}))
        bought.set()
        return "bought"

    assert outcomes(race(workers=2, work=act)) == {"ok": 1, "stockitem_reserved_within_on_hand": 1}
    assert StockItem.objects.values_list("on_hand", "reserved").get() == (10, 9)
    assert findings(now=MONDAY) == []


@pytest.mark.fault("A19")
def test_two_counts_that_are_written_without_a_lock_lose_one() -> None:
    """What the shop's own service never does: its figure and its movements no longer agree, and that is found."""
    stocked(sku="BOLO", units=10)
    both_looked = threading.Barrier(2)

    def remove_carelessly(_number: int) -> Any:
        on_hand = StockItem.objects.get().on_hand
        both_looked.wait(timeout=20)
        StockItem.objects.update(on_hand=on_hand - 3)
        return "removed"

    assert outcomes(race(workers=2, work=remove_carelessly)) == {"ok": 2}
    assert StockItem.objects.get().on_hand == 7
    [finding] = findings(now=MONDAY)
    assert finding.startswith("stock.")
