"""Every page of the desk and every door of the team in the API, by role, against tables written by hand.

A page that no line names fails, and so does a line whose page is gone. Whoever adds a page adds its line to
`pages_by_role` and says there what each role gets of it.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import SignInAttempt, User
from api.permissions import StaffOnly
from common import clock, outbox
from common.actors import Actor
from common.testing import counted_by_the_planner, undone
from config.tests.pages_by_role import API, MODELS, PAGES
from customers.models import CustomerRecord
from inventory import services as inventory
from inventory.models import StockCount, StockItem
from operations.demo.logins import DEMO_LOGINS
from operations.integrity.checks_audit import audited_tables
from orders import services as orders
from orders.models import Fulfilment, Order
from orders.selectors import Access
from payments import services as payments
from payments.models import MoneyCase
from scheduling.models import Appointment, Professional, TimeOff
from till import services as till
from till.models import TillSession

ROLES = ("owner", "manager", "counter", "professional", "viewer")
CHANGING = ("post", "put", "patch", "delete")
REFUSED = (401, 403, 404, 405)
NOTHING = str(uuid4())
"""An id that names nothing: whoever is let in hears that there is no such thing."""
REGISTERED = {f"{model._meta.app_label}/{model._meta.model_name}": model for model in admin.site._registry}
OF_A_MODEL = re.compile(rf"admin/({'|'.join(REGISTERED)})/(add/|<path:object_id>/(history/|delete/|change/)?)?$")


def table(text: str) -> dict[str, dict[str, str]]:
    """Return the cells of a table by what its line is about and by role."""
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert [row for row in rows if len(row) != 1 + len(ROLES)] == []
    assert len({row[0] for row in rows}) == len(rows), "something has two lines"
    return {about: dict(zip(ROLES, cells, strict=True)) for about, *cells in rows}


PAGE_TABLE, MODEL_TABLE, API_TABLE = table(PAGES), table(MODELS), table(API)


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every route with what answers it."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


ROUTES = dict(routes(get_resolver().url_patterns))
FIRST = "(first)"
DESK = {
    route.removeprefix("admin/") or FIRST
    for route in ROUTES
    if route.startswith("admin/") and not OF_A_MODEL.match(route)
}


def rules_of(door: Any) -> list[Any]:
    return list(getattr(getattr(door, "cls", None), "permission_classes", ()))


TEAMS_ALONE = {
    route.removeprefix("api/v1/")
    for route, door in ROUTES.items()
    if route.startswith("api/v1/") and any(issubclass(rule, StaffOnly) for rule in rules_of(door))
}


def test_every_page_has_its_line_and_every_line_its_page() -> None:
    assert {about.partition("[")[0] for about in PAGE_TABLE} ^ DESK == set()
    assert MODEL_TABLE.keys() ^ REGISTERED.keys() == set()


def test_every_door_of_the_team_has_its_line_and_every_line_its_door() -> None:
    assert len(TEAMS_ALONE) >= 10
    assert TEAMS_ALONE - API_TABLE.keys() == set()
    assert {about for about in API_TABLE if f"api/v1/{about}" not in ROUTES} == set()


def test_whoever_only_looks_changes_nothing_but_their_own_login() -> None:
    """What the viewer's column lets through is about the viewer's own way in, and nothing else."""
    let_in = {page for page, cells in PAGE_TABLE.items() if cells["viewer"].endswith("+")}
    own = {"login/", "login/second-step/", "logout/", "password_change/"}
    looks = {FIRST, "search/"}  # answer whatever is sent as they answer a look
    looks |= {f"commissions/commissionentry/of/<int:pk>/{end}" for end in ("", "csv/")}
    assert {page for page in let_in if not page.startswith("security/")} == own | looks
    assert [model for model, cells in MODEL_TABLE.items() if set(cells["viewer"]) & set("acdx")] == []
    assert [door for door, cells in API_TABLE.items() if cells["viewer"].endswith("+")] == []


@pytest.fixture
def shop(db: None, settings: Any, tmp_path: Any) -> dict[str, User]:
    """The demonstration and one row of what it has none of; returns who has which role."""
    settings.MEDIA_ROOT = tmp_path
    call_command("seed_demo", verbosity=0)
    counted_by_the_planner()
    now = clock.now()
    team = {login.role: User.objects.get(email=login.email) for login in DEMO_LOGINS if login.role in ROLES}
    actor = Actor(kind="staff", id=str(team["counter"].pk), door="admin")
    if not TillSession.objects.filter(actor_id=actor.id, closed_at__isnull=True).exists():
        till.open_session(till=None, opening_float=Decimal("0.00"), actor=actor, now=now)
    accounts.block_person(email="chato@example.com", phone="", document="", actor=actor, now=now)
    someone = Professional.objects.order_by("pk")[0]
    starts = now + timedelta(days=300)
    TimeOff.objects.create(professional=someone, starts_at=starts, ends_at=starts + timedelta(hours=1), reason="-")
    SignInAttempt.objects.create(email="x@example.com", door="desk", address="::1", at=now)
    _money_that_moved(actor=actor, now=now)
    inventory.open_count(key=uuid4(), label="Tudo", category="", actor=actor, now=now)
    MoneyCase.objects.create(kind=MoneyCase.Kind.MISMATCH, cause="mismatch:1", opened_at=now)
    CustomerRecord.objects.bulk_create(CustomerRecord(name=name, created_at=now) for name in ("Ana", "Ana Maria"))
    return team


def _money_that_moved(*, actor: Actor, now: datetime) -> None:
    """Owe a refund, and write the letters about it."""
    pending = Order.objects.filter(status="pending", payment_method="transfer").order_by("pk")[0]
    access = Access(staff=True)
    payments.confirm_order(
        number=pending.number, amount=pending.total, reference="", access=access, actor=actor, now=now
    )
    orders.cancel_order(number=pending.number, reason="-", access=access, actor=actor, now=now)
    while outbox.relay(now=now):
        pass


@pytest.mark.timeout(900)
def test_every_page_and_every_door_answers_each_role_as_the_tables_say(shop: dict[str, User]) -> None:
    """One test for all of it: making the shop takes longer than asking for everything in it."""
    browsers, clients = [_browser(shop[role]) for role in ROLES], [APIClient() for _role in ROLES]
    for role, client in zip(ROLES, clients, strict=True):
        client.force_authenticate(shop[role])
    pages = {about: _line(f"admin/{'' if about == FIRST else about}", browsers) for about in PAGE_TABLE}
    models = {name: " ".join(_letters(shop[role], name) for role in ROLES) for name in MODEL_TABLE}
    doors = {about: _line(f"api/v1/{about}", clients) for about in API_TABLE}
    differing = _differences(pages, PAGE_TABLE) + _differences(models, MODEL_TABLE) + _differences(doors, API_TABLE)
    assert "\n".join(differing) == ""
    assert _told_of_nobody(browsers[0]) == []


def _differences(found: dict[str, str], wanted: dict[str, dict[str, str]]) -> list[str]:
    """Return the lines as they are, where they are not as the table says."""
    return [f"{about} {cells}" for about, cells in found.items() if cells != " ".join(wanted[about].values())]


def _told_of_nobody(owner: Client) -> list[str]:
    """Return the pages of rows whose changes are written down from which nothing leads to who made them."""
    audited = {table for table, *_columns in audited_tables()}
    rows = {name: _first(model) for name, model in REGISTERED.items() if model._meta.db_table in audited}
    assert len(rows) > 15
    return [
        name
        for name, row in rows.items()
        if f'href="/admin/{name}/{row}/history/"'
        not in owner.get(f"/admin/{name}/{row}/change/", follow=True).content.decode()
    ]


def _browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _line(about: str, clients: list[Any]) -> str:
    """Return, of each client, the status of looking and whether anything that changes is let in; nothing stays."""
    route, address = about.partition("[")[0], _address(about)
    is_api = bool(rules_of(ROUTES[route]))
    sent = {"content_type": "application/json"} if is_api and not route.startswith("api/") else {}
    sent |= {"format": "json"} if route.startswith("api/") else {}
    cells = []
    for client in clients:
        cookies = client.cookies.copy()
        answers = []
        for method in ("get", *(CHANGING if is_api else ("post",))):
            how = {} if method == "get" else {"data": _said(route), **sent}
            with undone():
                answer = getattr(client, method)(address, headers={"Idempotency-Key": uuid4().hex}, **how)
                answers.append(answer.status_code)
            client.cookies = cookies.copy()
        cells.append(f"{answers[0]}{'+' if any(one not in REFUSED for one in answers[1:]) else '-'}")
    return " ".join(cells)


def _letters(user: User, name: str) -> str:
    """Return what somebody may do with a list and its rows: see `pages_by_role.MODELS`."""
    client, start, row = _browser(user), f"/admin/{name}/", _first(REGISTERED[name])
    letters = "l" if client.get(start).status_code in (200, 302) else ""
    letters += "a" if client.get(f"{start}add/").status_code == 200 else ""
    if row and client.get(f"{start}{row}/change/").status_code == 200:
        letters += "s"
        for letter, page in (("c", f"{start}{row}/change/"), ("d", f"{start}{row}/delete/")):
            with undone():
                letters += letter if client.post(page, {}).status_code not in REFUSED else ""
        letters += "h" if client.get(f"{start}{row}/history/").status_code == 200 else ""
    request = RequestFactory().get(start)
    request.user = user
    letters += "x" if admin.site._registry[REGISTERED[name]].get_actions(request) else ""
    return letters or "-"


def _said(route: str) -> dict[str, str]:
    """Return what is sent to a door that asks what it is about before it asks who is there."""
    soon = (clock.now() + timedelta(days=2)).isoformat()
    order = _open_order()
    ends = {
        "kept/release/": {"kind": "order", "key": order.number},
        "starters/<slug:key>/": {"act": "remove"},
        "move/": {"starts_at": soon, "reason": "-"},
        "swap/": {
            "other": str(_visit().public_id),
            "professional": str(_visit().professional.public_id),
            "starts_at": soon,
        },
        "reschedule/": {"starts_at": soon},
        "reschedule-pickup/": {"pickup_at": soon, "reason": "-"},
        "payments/": {"method": "on_site"},
        "/cancel/": {"reason": "-"},
    }
    return next((said for end, said in ends.items() if route.endswith(end)), {})


def _open_order() -> Order:
    """Return an order that can still be cancelled, and something of it collected at another time."""
    return Order.objects.filter(status="confirmed", pickup_starts_at__isnull=False).order_by("-pk")[0]


def _first(model: Any) -> str:
    rows = _visits() if model is Appointment else model._default_manager.all()
    row = rows.order_by("pk").first()
    return str(row.pk) if row else ""


def _visits() -> Any:
    """Return the visits that are not of the professional who signs in; whose is the first depends on the hour."""
    return Appointment.objects.filter(professional__user=None)


def _visit() -> Any:
    """Return the last of those that is confirmed."""
    return _visits().filter(state="confirmed").order_by("-starts_at")[0]


# Whose row a route's key is, where it is not one of the list that the route begins with.
ROW_OF: dict[str, Any] = {"/agenda/": TimeOff, "/commissionentry/of/": Professional, "/why/stock/": StockItem}


def _address(about: str) -> str:
    """Return an address of a route: its parameters stand for rows there are, or for what the line's brackets say."""
    route, _bracket, said = about.rstrip("]").partition("[")
    chosen = dict(pair.split("=") for pair in said.split(",") if pair)
    model = next((model for name, model in REGISTERED.items() if route.startswith(f"admin/{name}/")), None)
    visit, order = _visit(), _open_order()
    parcel = Fulfilment.objects.order_by("-pk").select_related("order")[0]
    drawer = TillSession.objects.filter(closed_at__isnull=True).order_by("pk")[0]
    asked = next((kind for part, kind in ROW_OF.items() if part in route), model)
    row = _first(asked) if asked else "1"
    values = {
        "pk": row,
        "object_id": row,
        "public_id": str(visit.public_id) if "/agenda/" in route or "/appointments/" in route else NOTHING,
        "session": str(drawer.public_id),
        "number": parcel.order.number if "fulfilment_id" in route else order.number,
        "verb": "descartar" if "contagem/" in route else "pick",
        "count": str(StockCount.objects.get().public_id),
        "fulfilment": NOTHING,
        "fulfilment_id": str(parcel.public_id),
        "other": str(CustomerRecord.objects.order_by("-pk")[0].pk),
        "key": "bakery" if "starters/" in route else NOTHING,
        "person": str(Professional.objects.order_by("pk")[0].public_id),
        "run": NOTHING,
        "occasion": "order_ready",
        "kind": "products",
        "form": "csv",
        "content_type_id": "1",
        "app_label": "catalog",
        "url": "nothing-here",
        **chosen,
    }
    plain = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], route)
    plain = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)/?\$?", lambda found: f"{values[found[1]]}/", plain)
    return f"/{plain}"
