"""Every page of the desk as the owner opens it, found from the routes: lists, searches, rows, forms and files.

A page that needs something in its address which is neither a row nor said here ends in a complaint, so that a new one
is not forgotten. What only takes deeds (405 for whoever looks, says `config.tests.pages_by_role`) is no page.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin

from accounts import services as accounts
from accounts.models import SignInAttempt
from common import clock
from common.models import SentLetter
from config.tests.pages_by_role import MODELS, PAGES
from config.tests.routes import Route, routes
from customers.models import CustomerRecord
from inventory import services as inventory
from inventory.models import StockCount, StockItem
from inventory.tests.factories import STAFF
from orders.models import Order
from payments.models import MoneyCase
from scheduling.models import Appointment, Professional
from till.models import TillSession
from tools.calls import Call
from tools.calls.ground import GOODS, SERVICE, Ask, Ground

DESK = "admin/"
HOT = (
    "", "agenda/", "agenda/week/", "agenda/times/", "agenda/customers/", "agenda/visits/<uuid:public_id>/", "caixa/",
    "caixa/procurar/", "caixa/hoje/", "caixa/clientes/", "caixa/vendas/", "caixa/telefone/", "day/", "procurar/",
    "um/preco/", "um/contagem/", "um/devolucao/", "drawer/", "kept/", "estoque/receber/", "estoque/procurar/",
    "reports/", "reports/lately/", "reports/rows/", "why/", "chats/", "orders/order/",
    "orders/order/<path:object_id>/change/", "orders/order/<int:pk>/receive/", "orders/order/<int:pk>/refund/",
    "customers/customerrecord/",
    "customers/customerrecord/<path:object_id>/change/", "customers/customerrecord/duplicates/", "payments/payment/",
    "payments/refund/", "payments/moneycase/", "scheduling/appointment/", "catalog/product/", "inventory/stockitem/",
    "inventory/stockmovement/", "cart/cart/", "accounts/customer/", "commissions/commissionentry/", "search/",
)  # fmt: skip
FILES = ("spreadsheets/export/<slug:name>.csv", "reports/export.csv", "reports/export.xlsx", "day/csv/")
LEFT_OUT = {
    "login/": "whoever is in is led on",
    "login/second-step/": "whoever is in is led on",
    "logout/": "a deed",
    "hours/": "leads on to a week",
    "shop/shopsettings/": "leads on to the one row",
    "shop/shopsettings/<path:object_id>/decisions/": "wants a change that was written",
    "orders/order/<int:pk>/waive_fee/": "wants a fee that was kept",
    "orders/order/<int:pk>/hand_over/": "a deed, unless something stands in its way",
    "inventory/stockitem/receive-goods/": "leads on to the page where goods are received",
    "scheduling/appointment/book-visit/": "leads on to the agenda",
    "scheduling/professional/<path:object_id>/week/": "leads on to a week",
    "day/end/": "leads on to what is left to do",
    "day/end/<uuid:session>/sign/": "wants a drawer that was counted",
    "drawer/<uuid:session>/close/": "wants a drawer that was counted",
    "unlock/": "wants the link of a letter",
    "accounts/user/welcome/": "wants the link of an invitation",
    "r/<path:content_type_id>/<path:object_id>/": "leads to pages of objects, of which there are none",
    "security/app/": "wants the password first",
    "security/app/remove/": "wants an app",
    "security/passkey/": "wants the password first",
    "security/passkey/<int:number>/remove/": "wants a passkey",
    "security/codes/": "wants a second step",
    "security/session/<uuid:public_id>/end/": "wants the password first",
    "spreadsheets/<uuid:public_id>/": "wants a table that was brought",
    "caixa/pix/aguardar/<uuid:key>/": "wants a Pix that is awaited",
    "caixa/comandas/<uuid:public_id>/": "wants a parked sale",
    "precos/<uuid:run>/": "wants prices that were changed",
    "estoque/contagem/<uuid:count>/diferencas/": "wants a count that was finished",
    "commissions/commissionentry/own/": "of a professional, not the owner",
    "commissions/commissionentry/own/csv/": "of a professional, not the owner",
    "commissions/commissionrule/<path:object_id>/end/": "wants a rule that may end",
    "autocomplete/": "used by no field of ours that is long",
}
"""Pages that are not asked for, and why."""
LETTERS = {
    "": "l",
    "add/": "a",
    "<path:object_id>/change/": "s",
    "<path:object_id>/delete/": "d",
    "<path:object_id>/history/": "h",
    "<path:object_id>/": "leads on",
}
"""What stands behind a list's own address, by the letter that `config.tests.pages_by_role` has for it."""
OWNERS = {line.split()[0]: line.split()[1] for line in MODELS.splitlines() if line.strip()}
DEEDS = {line.split()[0] for line in PAGES.splitlines() if line.split()[1:2] and line.split()[1].startswith("405")}


def calls() -> Iterator[Call]:
    """Yield a call for every page."""
    for route in desk_routes():
        page = route.pattern.removeprefix(DESK)
        if page in DEEDS or page in LEFT_OUT or not _is_shown(page):
            continue
        for about, query in _queries(page).items():
            make = partial(_asked, route=route, about=about, query=query)
            name = f"GET /{DESK}{page}"
            yield Call(name, make, about, hot=page in HOT, is_file=page in FILES)


def _is_shown(page: str) -> bool:
    """Say whether the owner may open a page, where it is one of a list's own."""
    app, _slash, rest = page.partition("/")
    model, _slash, rest = rest.partition("/")
    letters = OWNERS.get(f"{app}/{model}")
    return letters is None or rest not in LETTERS or LETTERS[rest] in letters


def desk_routes() -> list[Route]:
    """Return the routes of the desk."""
    return list({route.pattern: route for route in routes() if route.pattern.startswith(DESK)}.values())


def _queries(page: str) -> dict[str, Callable[[Ground], dict[str, Any]]]:
    """Return, by what it is about, what stands behind the question mark of each example of a page."""
    if page in QUERIES:
        return QUERIES[page]
    if page in SEARCHED:
        return {"": _nothing, **{f"search for {what}": partial(_text, what=what) for what in SEARCHED[page]}}
    return {"": _nothing}


def _nothing(ground: Ground) -> dict[str, Any]:
    return {}


def _always(query: dict[str, Any]) -> Callable[[Ground], dict[str, Any]]:
    return lambda _ground: query


def _text(ground: Ground, *, what: str) -> dict[str, Any]:
    return {"q": ground.words[what]}


def _days(last: int, **more: str) -> Callable[[Ground], dict[str, Any]]:
    return lambda ground: {"first": ground.today - timedelta(days=last - 1), "last": ground.today, **more}


def _tomorrow(ground: Ground) -> dict[str, Any]:
    return {"service": SERVICE, "day": ground.today + timedelta(days=1)}


NAME, PERSON, NUMBER, PHONE = "a name", "a person", "a number", "a phone"
PEOPLE = (NAME, PERSON, PHONE)
SEARCHED = {
    "orders/order/": (*PEOPLE, NUMBER),
    "orders/ordercontact/": PEOPLE,
    "customers/customerrecord/": PEOPLE,
    "accounts/customer/": PEOPLE,
    "payments/payment/": (NAME, NUMBER),
    "payments/refund/": (NUMBER,),
    "scheduling/appointment/": (NAME,),
    "cart/cart/": (NAME,),
    "inventory/stockmovement/": (NUMBER,),
    "procurar/": (*PEOPLE, NUMBER),
    "agenda/customers/": PEOPLE,
    "caixa/clientes/": PEOPLE,
    "um/devolucao/": (NUMBER,),
}
"""Lists that are searched, and for what."""
QUERIES: dict[str, dict[str, Callable[[Ground], dict[str, Any]]]] = {
    "agenda/week/": {"": lambda ground: {"from": ground.today, "to": ground.today + timedelta(days=6)}},
    "agenda/times/": {"": _tomorrow},
    "agenda/customers/": {what: partial(_text, what=what) for what in PEOPLE},
    "caixa/clientes/": {what: partial(_text, what=what) for what in PEOPLE},
    "caixa/procurar/": {"": _always({"q": "pao"})},
    "caixa/pix/": {"": lambda _ground: {"amount": "10.00", "key": uuid4()}},
    "caixa/telefone/horarios/": {"": _tomorrow},
    "estoque/procurar/": {"": _always({"q": "pao"})},
    "um/preco/": {"": _always({"q": "pao"})},
    "um/contagem/": {"": _always({"q": "pao"})},
    "search/": {"": _always({"s": "ped"})},
    "day/": {"": _nothing, "a week ago": lambda ground: {"day": ground.today - timedelta(days=7)}},
    "reports/": {
        "": _nothing,
        "30 days, compared": _always({"period": "days30", "compare": "before"}),
        "365 days": _days(365),
    },
    "reports/export.csv": {"": _days(30)},
    "reports/export.xlsx": {"": _days(30)},
    "reports/rows/": {"revenue": _days(30, figure="revenue"), "sales": _days(30, figure="tickets")},
    "why/": {"": _tomorrow},
    "why/stock/": {"": _always({"sku": GOODS})},
    "orders/order/": {
        "": _nothing,
        **{f"search for {what}": partial(_text, what=what) for what in SEARCHED["orders/order/"]},
        "confirmed": _always({"status__exact": "confirmed"}),
    },
    "spreadsheets/export/<slug:name>.csv": dict.fromkeys(
        ("products", "services", "customers", "orders", "payments"), _nothing
    ),
}


def _asked(ground: Ground, *, route: Route, about: str, query: Callable[[Ground], dict[str, Any]]) -> Ask:
    page = route.pattern.removeprefix(DESK)
    given = {name: about if name == "name" else _value(ground, page=page, name=name) for name in route.parameters}
    asked = query(ground)
    path = route.path(given=given) + (f"?{urlencode(asked)}" if asked else "")
    return Ask("GET", path, desk=True)


def _value(ground: Ground, *, page: str, name: str) -> str:
    """Return what a parameter of a page's address is to be, so that it leads to something."""
    by_name: dict[str, Callable[[], Any]] = {
        "session": lambda: TillSession.objects.filter(closed_at__isnull=True).order_by("pk")[0].public_id,
        "count": lambda: (StockCount.objects.order_by("-pk").first() or _begun_count()).public_id,
        "person": lambda: Professional.objects.order_by("pk")[0].public_id,
        "number": lambda: ground.words[NUMBER],
        "public_id": lambda: Appointment.objects.filter(state="confirmed").order_by("-starts_at")[0].public_id,
        "other": lambda: CustomerRecord.objects.order_by("-pk")[0].pk,
        "occasion": lambda: "order_ready",
        "size": lambda: "a4",
        "kind": lambda: "products",
        "form": lambda: "csv",
    }
    if name in by_name:
        return str(by_name[name]())
    if page.startswith("orders/order/<int:pk>/"):
        return str(_order(ground, verb=page.split("/")[3]))
    if "/commissionentry/of/" in f"/{page}":
        return str(Professional.objects.order_by("pk")[0].pk)
    if page.startswith("accounts/user/"):
        return str(ground.login("counter").pk)
    if page.startswith("why/stock/"):
        return str(StockItem.objects.order_by("pk")[0].pk)
    return _row(page)


def _begun_count() -> StockCount:
    return inventory.open_count(key=uuid4(), label="Tudo", category="", actor=STAFF, now=clock.now())


def _order(ground: Ground, *, verb: str) -> int:
    """Return an order to which a page is open: about money to come, about money that came, or about both."""
    number = ground.paid() if verb in ("refund", "hand_over") else ground.order(method=METHODS.get(verb, "on_site"))[0]
    return int(Order.objects.get(number=number).pk)


METHODS = {"confirm": "transfer"}


SELDOM: dict[str, Callable[[], Any]] = {
    "accounts/block": lambda: accounts.block_person(
        email="chato@example.com", phone="", document="", actor=STAFF, now=clock.now()
    ),
    "accounts/signinattempt": lambda: SignInAttempt.objects.create(
        at=clock.now(), door="desk", email="calls@example.com", address="203.0.113.9"
    ),
    "payments/moneycase": lambda: MoneyCase.objects.create(kind="mismatch", cause="calls:1", opened_at=clock.now()),
    "common/sentletter": lambda: SentLetter.objects.create(
        identity=uuid4(), mailbox="calls", subject="Pedido", at=clock.now()
    ),
}
"""Lists of which the demonstration has no row, and what makes one."""


def _row(page: str) -> str:
    """Return the newest row of the list to which a page belongs."""
    label = "/".join(page.split("/")[:2])
    model = next((one for one in admin.site._registry if one._meta.label_lower.replace(".", "/") == label), None)
    row = model._default_manager.order_by("-pk").first() if model is not None else None
    if row is None and label in SELDOM:
        row = SELDOM[label]()
    if row is None:
        raise LookupError(f"{page}: nothing is known to show there; tools.calls.desk says what stands in an address")
    return str(row.pk)
