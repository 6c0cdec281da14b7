"""The views of the stock for staff: what they answer, what they refuse, and that one key counts once."""

from typing import Any

import pytest
from time_machine import Traveller

from accounts.models import User
from accounts.tests.doors import a_customer, call, ok, pointers, post, refused, staff_with
from catalog.tests import factories as catalog
from inventory.models import StockItem, StockMovement
from inventory.tests.factories import MONDAY, stocked

pytestmark = pytest.mark.django_db

DOOR = "/stock/adjustments/"


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so."""
    time_machine.move_to(MONDAY, tick=False)
    return time_machine


@pytest.fixture
def keeper() -> User:
    stocked(sku="BOLO", units=10)
    return staff_with("inventory.adjust_stock")


def wish(**changes: Any) -> dict[str, Any]:
    return {"sku": "BOLO", "quantity": 5, "operation": "add", "reason": "Fornada"} | changes


def figures() -> tuple[int, int, int]:
    item = StockItem.objects.get(variant__sku="BOLO")
    return item.on_hand, item.reserved, StockMovement.objects.count()


def test_receiving_removing_and_counting(keeper: User) -> None:
    body = ok(post(DOOR, wish(), user=keeper, key="k1"), 201)
    assert body == {
        "id": str(StockMovement.objects.latest("pk").public_id),
        "sku": "BOLO",
        "delta": 5,
        "on_hand": 15,
        "reserved": 0,
        "available": 15,
        "reason": "Fornada",
        "actor": "staff",
        "at": MONDAY.isoformat(),
    }
    assert ok(post(DOOR, wish(operation="remove"), user=keeper, key="k2"), 201)["delta"] == -5
    assert ok(post(DOOR, wish(operation="set", quantity=0), user=keeper, key="k3"), 201)["on_hand"] == 0
    movement = StockMovement.objects.latest("pk")
    assert (movement.actor_kind, movement.actor_id, movement.door) == ("staff", str(keeper.pk), "api")


def test_the_first_units_of_a_sku(keeper: User) -> None:
    catalog.variant(sku="NOVO")
    assert ok(post(DOOR, wish(sku="NOVO"), user=keeper, key="k"), 201)["available"] == 5


def test_what_the_shop_does_not_accept_changes_nothing(keeper: User) -> None:
    catalog.variant(sku="CORTE", product=catalog.product(kind="service"))
    ok(post("/carts/", {"lines": [{"sku": "BOLO", "quantity": 4}]}), 201)
    before = figures()
    for operation, quantity in (("remove", 7), ("set", 3)):
        wanted = wish(operation=operation, quantity=quantity)
        problem = refused(post(DOOR, wanted, user=keeper, key="k"), 409, "below_reserved")
        assert problem["reserved"] == 4
    for sku in ("NADA", "CORTE"):
        assert refused(post(DOOR, wish(sku=sku), user=keeper, key="k"), 422, "unknown_sku")["sku"] == sku
    assert figures() == before
    assert ok(post(DOOR, wish(operation="remove", quantity=6), user=keeper, key="k"), 201)["available"] == 0


def test_only_staff_who_may(keeper: User) -> None:
    before = figures()
    refused(post(DOOR, wish(), key="k"), 401, "unauthenticated")
    refused(post(DOOR, {}), 401, "unauthenticated")
    for who in (a_customer(), staff_with(), staff_with("inventory.view_stockitem")):
        refused(post(DOOR, wish(), user=who, key="k"), 403, "forbidden")
    buyer = staff_with("inventory.adjust_stock")
    User.objects.filter(pk=buyer.pk).update(is_staff=False)
    refused(post(DOOR, wish(), user=User.objects.get(pk=buyer.pk), key="k"), 403, "forbidden")
    assert figures() == before


@pytest.mark.fault("A10")
@pytest.mark.fault("A12")
@pytest.mark.fault("A13")
def test_one_key_counts_once_for_one_person(keeper: User) -> None:
    first = post(DOOR, wish(), user=keeper, key="k")
    again = post(DOOR, dict(reversed(list(wish().items()))), user=keeper, key="k")
    assert ok(first, 201) == ok(again, 201)
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert figures()[0] == 15
    refused(post(DOOR, wish(quantity=6), user=keeper, key="k"), 422, "idempotency_key_reused")
    assert figures()[0] == 15
    ok(post(DOOR, wish(), user=staff_with("inventory.adjust_stock"), key="k"), 201)
    assert figures()[0] == 20


@pytest.mark.fault("A15")
@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("", "idempotency_key_invalid"),
        (" ", "idempotency_key_invalid"),
        ("two words", "idempotency_key_invalid"),
        ("chávena", "idempotency_key_invalid"),
        ("k" * 256, "idempotency_key_invalid"),
        ("tab\tbed", "idempotency_key_invalid"),
    ],
)
def test_a_key_is_needed_and_plain(keeper: User, key: str | None, code: str) -> None:
    before = figures()
    refused(post(DOOR, wish(), user=keeper, key=key), 400, code)
    refused(post(DOOR, wish(quantity=-1), user=keeper, key=key), 400, code)
    assert figures() == before


@pytest.mark.parametrize("key", ["!", "~", "k" * 255, '"quoted"', "a,b;c=d"])
def test_any_visible_ascii_is_a_key(keeper: User, key: str) -> None:
    ok(post(DOOR, wish(), user=keeper, key=key), 201)
    assert post(DOOR, wish(), user=keeper, key=key)["Idempotent-Replayed"] == "true"


@pytest.mark.fault("A20")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"quantity": 0}, {"/quantity": "min_value"}),
        ({"quantity": 0, "operation": "remove"}, {"/quantity": "min_value"}),
        ({"quantity": -1, "operation": "set"}, {"/quantity": "min_value"}),
        ({"quantity": 1_000_001}, {"/quantity": "max_value"}),
        ({"quantity": 1_000_001, "operation": "set"}, {"/quantity": "max_value"}),
        ({"quantity": True}, {"/quantity": "invalid"}),
        ({"quantity": "5"}, {"/quantity": "invalid"}),
        ({"quantity": 5.0}, {"/quantity": "invalid"}),
        ({"quantity": None}, {"/quantity": "null"}),
        ({"operation": "steal"}, {"/operation": "invalid_choice"}),
        ({"reason": ""}, {"/reason": "blank"}),
        ({"reason": "   "}, {"/reason": "blank"}),
        ({"reason": "x" * 201}, {"/reason": "max_length"}),
        ({"reason": "a\u202eb"}, {"/reason": "unclean"}),
        ({"on_hand": 3, "delta": 1}, {"/on_hand": "unknown_field", "/delta": "unknown_field"}),
    ],
)
def test_what_is_no_adjustment(keeper: User, changes: dict[str, Any], expected: dict[str, str]) -> None:
    before = figures()
    assert pointers(post(DOOR, wish(**changes), user=keeper, key="k")) == expected
    assert figures() == before
    ok(post(DOOR, wish(), user=keeper, key="k"), 201)


def test_more_than_any_shelf_holds(keeper: User) -> None:
    StockItem.objects.update(on_hand=1_000_000_000)
    assert pointers(post(DOOR, wish(), user=keeper, key="k")) == {"/quantity": "max_value"}
    StockItem.objects.update(on_hand=10)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_movements_are_only_added(keeper: User, method: str) -> None:
    refused(call(method, DOOR, user=keeper), 405, "method_not_allowed")
