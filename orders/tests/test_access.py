"""Whose order it is: by token, by login, by permission; for anyone else it does not exist."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from time_machine import Traveller

from accounts.models import User
from accounts.tests.doors import a_customer, call, get, ok, pointers, post, refused, staff_with
from common.access import access_token
from common.testing import Lines
from inventory.tests.factories import MONDAY, stocked
from orders.models import Order
from orders.tests.doors import an_order
from shop.services import set_policy
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db

CANCEL = {"reason": "Mudei de ideia"}


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday morning, and stays so until a test moves on; there are cakes."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=90, price="59.90")
    return time_machine


def numbers(path: str, **how: Any) -> list[str]:
    return [row["number"] for row in ok(get(path, **how))["results"]]


def test_who_asks_for_somebody_elses_order_is_written_down(log_lines: Lines) -> None:
    mine = an_order()
    get(f"/orders/{mine['number']}/", token=mine["access_token"])
    get("/orders/ABCDEFGHJ/", token=mine["access_token"])
    get(f"/orders/{mine['number']}/", token="forged")
    found = [(line["event"], line["kind"], line["number"], line["address"]) for line in log_lines.of("security")]
    assert found == [("access_refused", "order", mine["number"], "127.0.0.1")]


@pytest.mark.fault("F1")
@pytest.mark.fault("F10")
def test_an_order_exists_only_for_those_it_belongs_to() -> None:
    owner, stranger = a_customer(), a_customer()
    mine, other = an_order(user=owner), an_order()
    where = f"/orders/{mine['number']}/"
    visit = access_token(kind="appointment", public_id=Order.objects.get(number=mine["number"]).public_id)
    for how in (
        {},
        {"user": stranger},
        {"user": staff_with("orders.confirm_order")},
        {"token": other["access_token"]},
        {"token": visit},
        {"token": ""},
        {"token": mine["access_token"][:-1]},
    ):
        for method, path, body in (
            ("GET", where, None),
            ("GET", f"{where}history/", None),
            ("POST", f"{where}cancel/", CANCEL),
            ("GET", f"{where}payments/", None),
        ):
            refused(call(method, path, body, **how), 404, "not_found")
        paying = post(f"{where}payments/", {"method": "transfer"}, key="k", **how)
        refused(paying, 404, "not_found")
    assert Order.objects.get(number=mine["number"]).status == "confirmed"
    refused(
        get("/orders/ZZZZZZZZZ/", user=staff_with("orders.view_order", "orders.view_ordercontact")), 404, "not_found"
    )


def test_the_token_opens_in_the_header_and_in_a_link() -> None:
    body = an_order(fulfilment={"method": "pickup", "pickup_at": "2026-03-03T12:00:00Z"})
    where = f"/orders/{body['number']}/"
    assert ok(get(where, token=body["access_token"])) == body
    assert ok(get(f"{where}?access_token={body['access_token']}")) == body
    assert ok(get(where, Authorization=f"order   {body['access_token']}")) == body
    assert len(ok(get(f"{where}history/?access_token={body['access_token']}"))["results"]) == 1
    cancelled = ok(post(f"{where}cancel/?access_token={body['access_token']}", CANCEL))
    assert cancelled["status"] == "cancelled"


def test_only_who_brought_the_proof_reads_the_token() -> None:
    customer = a_customer()
    body = an_order(user=customer)
    where = f"/orders/{body['number']}/"
    assert ok(get(where, user=staff_with("orders.view_order", "orders.view_ordercontact")))["access_token"] is None
    assert ok(get(where, user=customer))["access_token"] == body["access_token"]


def test_a_guests_order_attaches_to_no_account_by_its_address_alone() -> None:
    customer = a_customer()
    body = an_order(customer={"name": customer.name, "email": customer.email})
    refused(get(f"/orders/{body['number']}/", user=customer), 404, "not_found")
    assert numbers("/orders/", user=customer) == []


@pytest.mark.fault("L5")
@pytest.mark.fault("L6")
def test_what_only_staff_may_do() -> None:
    customer = a_customer()
    body = an_order(user=customer)
    base = f"/orders/{body['number']}"
    handover = {"lines": [{"line": body["lines"][0]["id"], "quantity": 1}]}
    doors: list[tuple[str, Any]] = [
        (f"{base}/confirm/", {"amount": "59.90"}),
        (f"{base}/complete/", None),
        (f"{base}/fulfilments/", handover),
        *((f"{base}/fulfilments/{uuid4()}/{verb}/", None) for verb in ("pick", "ready", "ship", "deliver", "return")),
        (f"{base}/refunds/", {"amount": "1.00", "restock": False, "reason": "x"}),
    ]
    for path, wanted in doors:
        refused(post(path, wanted, key="k"), 401, "unauthenticated")
        refused(post(path, wanted, key="k", token=body["access_token"]), 401, "unauthenticated")
        refused(post(path, wanted, key="k", user=customer), 403, "forbidden")
        refused(
            post(path, wanted, key="k", user=staff_with("orders.view_order", "orders.view_ordercontact")),
            403,
            "forbidden",
        )
    assert ok(get(f"{base}/", user=customer)) == body


def test_one_permission_opens_one_door() -> None:
    body = an_order()
    base = f"/orders/{body['number']}"
    fulfiller, confirmer = staff_with("orders.fulfil_order"), staff_with("orders.confirm_order")
    refused(post(f"{base}/confirm/", {"amount": "59.90"}, user=fulfiller), 403, "forbidden")
    refused(post(f"{base}/complete/", user=confirmer), 403, "forbidden")
    refused(post(f"{base}/confirm/", {"amount": "59.90"}, user=confirmer), 409, "invalid_transition")
    handover = {"lines": [{"line": body["lines"][0]["id"], "quantity": 1}]}
    assert ok(post(f"{base}/fulfilments/", handover, user=fulfiller), 201)["status"] == "open"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["", "history/", "cancel/", "complete/", "fulfilments/", "confirm/", "payments/"])
def test_states_change_by_verbs_only(method: str, path: str) -> None:
    body = an_order()
    boss = User.objects.create_superuser("boss@example.com", "x", name="Boss", joined_at=MONDAY)
    where = f"/orders/{body['number']}/{path}"
    refused(call(method, where, {"status": "completed"}, user=boss), 405, "method_not_allowed")
    assert Order.objects.get().status == "confirmed"


@pytest.mark.parametrize("path", ["complete/", "fulfilments/", "confirm/", "refunds/"])
def test_verbs_are_never_links(path: str) -> None:
    body = an_order(payment_method="transfer")
    boss = User.objects.create_superuser("boss@example.com", "x", name="Boss", joined_at=MONDAY)
    refused(get(f"/orders/{body['number']}/{path}", user=boss), 405, "method_not_allowed")


def test_lists_are_for_people_with_a_login() -> None:
    refused(get("/orders/"), 401, "unauthenticated")
    token = an_order()["access_token"]
    refused(get("/orders/", token=token), 401, "unauthenticated")
    assert ok(get("/orders/", user=staff_with())) == {"next": None, "previous": None, "results": []}


def test_customers_list_their_own_and_staff_list_all() -> None:
    ana, bia = a_customer(), a_customer()
    mine = [an_order(user=ana)["number"] for _order in range(2)]
    theirs = an_order(user=bia)["number"]
    guests = an_order()["number"]
    assert numbers("/orders/", user=ana) == mine[::-1]
    assert numbers("/orders/", user=bia) == [theirs]
    assert numbers("/orders/", user=staff_with("orders.view_order", "orders.view_ordercontact")) == [
        guests,
        theirs,
        *mine[::-1],
    ]


def test_an_order_in_a_list() -> None:
    ana = a_customer()
    body = an_order(user=ana, payment_method="transfer")
    [row] = ok(get("/orders/", user=ana))["results"]
    same = (
        "number",
        "status",
        "currency",
        "total",
        "cancelled",
        "late_fee",
        "paid",
        "refunded",
        "amount_due",
        "fulfilment",
        "payment",
        "expires_at",
        "placed_at",
    )
    assert row == {name: body[name] for name in same} | {
        "customer": {"name": body["customer"]["name"], "email": body["customer"]["email"]}
    }


def test_pages_of_orders_have_cursors_and_no_count(clock: Traveller) -> None:
    ana = a_customer()
    set_policy(key="max_open_orders_per_email", value="20", actor=OWNER, now=MONDAY)
    placed: list[str] = []
    for minute in range(7):
        clock.move_to(MONDAY + timedelta(minutes=minute // 2), tick=False)  # some at the same instant
        placed.insert(0, an_order(user=ana, payment_method="transfer")["number"])
    first = ok(get("/orders/?page_size=3", user=ana))
    assert set(first) == {"next", "previous", "results"}
    assert first["previous"] is None
    late = an_order(user=ana, payment_method="transfer")["number"]
    pages, page = [first], first
    while page["next"]:
        page = ok(get(page["next"].partition("/api/v1")[2], user=ana))
        pages.append(page)
    assert [[row["number"] for row in page["results"]] for page in pages] == [placed[:3], placed[3:6], placed[6:]]
    back = ok(get(pages[1]["previous"].partition("/api/v1")[2], user=ana))
    assert [row["number"] for row in back["results"]] == placed[:3]
    assert numbers("/orders/?page_size=1", user=ana) == [late]


@pytest.mark.fault("E12")
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("page=2", "/page"),
        ("page_size=0", "/page_size"),
        ("page_size=101", "/page_size"),
        ("page_size=1e1", "/page_size"),
        ("cursor=abc", "/cursor"),
        ("cursor=LTIwMjYtMDMtMDJ8MQ", "/cursor"),
        ("cursor=LTIwMjYtMDMtMDJUMTI6MDA6MDB8MQ", "/cursor"),
        ("placed_from=2026-03-02T12:00:00", "/placed_from"),
        ("placed_to=yesterday", "/placed_to"),
        ("status=pending&status=expired", "/status"),
        ("ordering=total", "/ordering"),
        ("customer=1", "/customer"),
    ],
)
def test_what_is_no_list(query: str, pointer: str) -> None:
    assert list(
        pointers(get(f"/orders/?{query}", user=staff_with("orders.view_order", "orders.view_ordercontact")))
    ) == [pointer]


def test_staff_find_orders(clock: Traveller) -> None:
    staff = staff_with("orders.view_order", "orders.view_ordercontact")
    confirmed = an_order()["number"]
    pending = an_order(payment_method="transfer")["number"]
    clock.move_to(MONDAY + timedelta(days=1), tick=False)
    young = an_order(payment_method="transfer", customer={"name": "Bia", "email": "bia@example.com"})["number"]
    clock.move_to(MONDAY + timedelta(days=2), tick=False)
    for query, found in (
        ("", [young, pending, confirmed]),
        ("?status=confirmed", [confirmed]),
        ("?status=pending", [young]),
        ("?status=expired", [pending]),
        ("?status=nonsense", []),
        ("?payment_method=transfer", [young, pending]),
        ("?payment_method=gold", []),
        ("?email=BIA@example.com", [young]),
        ("?email=nobody", []),
        ("?placed_from=2026-03-02T12:00:01Z", [young]),
        ("?placed_from=2026-03-02T12:00:00Z&placed_to=2026-03-03T12:00:00Z", [pending, confirmed]),
        ("?placed_to=2026-03-02T09:00:00-03:00", []),
    ):
        assert numbers(f"/orders/{query}", user=staff) == found, query


def test_asking_only_for_the_headers_of_the_list_is_no_way_around_signing_in() -> None:
    assert call("HEAD", "/orders/").status_code == 401
    assert call("HEAD", "/orders/", user=a_customer()).status_code == 200
