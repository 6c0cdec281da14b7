"""The digest and the chain change with everything they cover and with nothing else."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from orders.seals import chain_of, digest_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def an_order() -> SimpleNamespace:
    return SimpleNamespace(
        number="7QK2M9XDA",
        currency="BRL",
        payment_method="on_site",
        subtotal=Decimal("59.90"),
        discount=Decimal("0.00"),
        shipping=Decimal("0.00"),
        total=Decimal("59.90"),
        amount_due_now=Decimal("0.00"),
        fulfilment_method="pickup",
        agreed_pickup_starts_at=NOON,
        agreed_pickup_ends_at=NOON.replace(hour=13),
        placed_at=NOON,
        policy_shown={"cancel_cutoff_minutes": 120},
    )


def a_line() -> SimpleNamespace:
    return SimpleNamespace(
        position=1,
        kind="goods",
        sku="BOLO-CENOURA",
        name="Bolo de cenoura",
        options=[{"name": "Tamanho", "value": "M"}],
        quantity=1,
        unit_price=Decimal("59.90"),
        discount=Decimal("0.00"),
        line_total=Decimal("59.90"),
        appointment=None,
    )


def test_equal_agreements_have_equal_digests_whatever_the_scale_of_their_amounts() -> None:
    other = an_order()
    other.subtotal = Decimal("59.9")
    assert digest_of(order=an_order(), lines=[a_line()]) == digest_of(order=other, lines=[a_line()])


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        ("order", "total", Decimal("59.91")),
        ("order", "placed_at", NOON.replace(second=1)),
        ("order", "policy_shown", {"cancel_cutoff_minutes": 0}),
        ("order", "agreed_pickup_starts_at", None),
        ("line", "name", "Bolo de fubá"),
        ("line", "unit_price", Decimal("1.00")),
        ("line", "quantity", 2),
        ("line", "options", []),
        ("line", "appointment", {"starts_at": "2026-03-02T12:00:00+00:00"}),
    ],
)
def test_every_part_of_the_agreement_is_covered(where: str, name: str, value: Any) -> None:
    order, line = an_order(), a_line()
    before = digest_of(order=order, lines=[line])
    setattr(order if where == "order" else line, name, value)
    assert digest_of(order=order, lines=[line]) != before


def test_the_chain_depends_on_the_step_and_on_everything_before_it() -> None:
    event = SimpleNamespace(
        seq=1,
        from_status="",
        to_status="pending",
        actor_kind="guest",
        actor_id="",
        door="api",
        reason="",
        at=NOON,
        pickup_at=None,
    )
    first = chain_of(previous="", event=event)
    changed = deepcopy(event)
    changed.reason = "changed afterwards"
    assert len(first) == 64
    assert chain_of(previous="", event=changed) != first
    moved = deepcopy(event)
    moved.pickup_at = NOON
    assert chain_of(previous="", event=moved) != first
    assert chain_of(previous="0" * 64, event=event) != first
