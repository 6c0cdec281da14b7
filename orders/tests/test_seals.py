"""The digest and the chain change with everything they cover and with nothing else."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from orders.seals import UNREADABLE, chain_of, digest_like, digest_of
from orders.snapshots import choices_of, keep_choices, keep_visit, visit_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

VISIT: dict[str, Any] = {
    "id": "9a0e01c2-7227-4dcd-bba5-a9e6d2241222",
    "starts_at": "2026-03-02T09:00:00-03:00",
    "ends_at": "2026-03-02T09:30:00-03:00",
    "timezone": "America/Sao_Paulo",
    "professional": {"id": "7c9f5d0e-6c3c-4a80-9b6f-111111111111", "name": "Ana"},
    "services": [{"sku": "CORTE", "name": "Corte", "price": "60.00", "duration_minutes": 30}],
}


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
        unit="piece",
        price_per=1,
        unit_price=Decimal("59.90"),
        discount=Decimal("0.00"),
        line_total=Decimal("59.90"),
        deposit=Decimal("0.00"),
        appointment=None,
    )


def a_visit() -> SimpleNamespace:
    price = Decimal("60.00")
    about = {
        "position": 2,
        "kind": "visit",
        "sku": "CORTE",
        "name": "Corte",
        "options": [],
        "quantity": 1,
        "unit": "piece",
        "price_per": 1,
    }
    prices = {"unit_price": price, "discount": Decimal("0.00"), "line_total": price, "deposit": Decimal("0.00")}
    return SimpleNamespace(**about, **prices, appointment=VISIT)


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
        ("line", "appointment", VISIT),
    ],
)
@pytest.mark.parametrize("sealed", ["", "v2:"])
def test_every_part_of_the_agreement_is_covered(sealed: str, where: str, name: str, value: Any) -> None:
    order, line = an_order(), a_line()
    before = digest_like(sealed, order=order, lines=[line])
    setattr(order if where == "order" else line, name, value)
    assert digest_like(sealed, order=order, lines=[line]) != before


def test_the_deposit_of_a_line_is_covered() -> None:
    asked, more = a_line(), a_line()
    asked.deposit, more.deposit = Decimal("10.00"), Decimal("10.01")
    digests = {digest_of(order=an_order(), lines=[line]) for line in (a_line(), asked, more)}
    assert len(digests) == 3


@pytest.mark.parametrize("change", [{"unit": "ml"}, {"price_per": 1}, {"unit": "piece", "price_per": 1}])
def test_what_a_line_is_counted_in_is_covered(change: dict[str, Any]) -> None:
    order, line = an_order(), a_line()
    line.unit, line.price_per = "g", 1000
    before = digest_of(order=order, lines=[line])
    vars(line).update(change)
    assert digest_of(order=order, lines=[line]) != before


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": "2026-03-02T09:00:01-03:00"},
        {"ends_at": "2026-03-02T10:00:00-03:00"},
        {"timezone": "America/Recife"},
        {"professional": VISIT["professional"] | {"name": "Bia"}},
        {"services": [VISIT["services"][0] | {"price": "60.01"}]},
        {"services": []},
    ],
)
def test_every_part_of_a_visit_is_covered(change: dict[str, Any]) -> None:
    order, line, other = an_order(), a_visit(), a_visit()
    other.appointment = VISIT | change
    assert digest_of(order=order, lines=[line]) != digest_of(order=order, lines=[other])


@pytest.mark.parametrize(
    "digest",
    [
        "8d7e09fe9d7118807f2194d43899dfb254927ef53f69e0ede168d2d6dbe12b32",
        "v2:-6JhcR1dkMwvXt2g0sPIxprp4ExqkbtGCQhAMCV0KMU",
    ],
)
def test_what_was_sealed_once_is_verified_for_ever(digest: str) -> None:
    order, lines = an_order(), [a_line(), a_visit()]
    order.subtotal = order.total = Decimal("119.90")
    assert digest_like(digest, order=order, lines=lines) == digest
    assert len(digest) <= 64


def test_a_digest_seals_values_and_not_how_they_are_spelled() -> None:
    order, line = an_order(), a_visit()
    before = digest_of(order=order, lines=[line])
    line.appointment = {name: VISIT[name] for name in reversed(VISIT)} | {
        "starts_at": "2026-03-02T12:00:00Z",
        "ends_at": "2026-03-02T12:30:00+00:00",
    }
    assert digest_of(order=order, lines=[line]) == before
    assert digest_like("", order=order, lines=[line]) != digest_like("", order=order, lines=[a_visit()])


@pytest.mark.parametrize("column", [{}, [], "x", {"id": 7}, VISIT | {"services": [{"sku": "CORTE"}]}])
def test_a_column_that_is_no_snapshot_any_more_is_no_accident(column: Any) -> None:
    line = a_visit()
    line.appointment = column
    assert digest_like("v2:x", order=an_order(), lines=[line]) == UNREADABLE


def test_a_snapshot_is_read_back_as_it_was_kept() -> None:
    visit = visit_of(VISIT)
    assert keep_visit(visit) == VISIT
    assert visit_of(keep_visit(visit)) == visit
    assert (visit_of(None), keep_visit(None)) == (None, None)
    assert choices_of(keep_choices((("Tamanho", "M"), ("Cor", "Azul")))) == (("Tamanho", "M"), ("Cor", "Azul"))


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
