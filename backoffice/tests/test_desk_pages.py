"""Every page of the desk, as each role sees it: it opens or is closed, counts its statements, and escapes what it shows."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.tests import factories as people
from backoffice.navigation import GROUPS
from backoffice.tests.desk import at_desk, text_of
from cart.models import Cart
from catalog.tests import factories as catalog
from common import outbox
from common.testing import statements
from inventory import services as inventory
from inventory.models import StockItem
from orders import services as orders
from orders.models import Order
from orders.services import Contact, Pickup, Placement
from orders.tests.factories import (
    ALL,
    GUEST,
    MONDAY,
    STAFF,
    cancel,
    cart_with,
    hand_over,
    ordered,
    placement_of,
    receive,
    stocked,
)
from payments import services as payments
from payments.models import Refund

EVIL = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>"
ROLES = ("owner", "counter", "professional")


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


@pytest.fixture
def shop(db: None) -> None:
    """A shop in which something of everything has happened."""
    stocked(sku="PAO", units=50, price="10.00")
    people.customer()
    ordered(units={"PAO": 1}, payment_method="transfer")
    handed = ordered(units={"PAO": 2})
    payments.begin_payment(number=handed.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    hand_over(order=handed)
    paid = ordered(units={"PAO": 3}, payment_method="transfer")
    payments.confirm_order(number=paid.number, amount=paid.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY)
    cancel(order=paid)
    outbox.relay(now=MONDAY)
    assert Refund.objects.get().status == "due"
    cart_with(units={"PAO": 2})


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages(model: Any) -> Iterator[str]:
    """The list, the adding page, and the page of the first row."""
    yield address(model, "changelist")
    yield address(model, "add")
    row = admin.site._registry[model].model.objects.order_by("pk").first()
    if row is not None:
        yield address(model, "change", row.pk)


# What each role may look at and what it may add, page by page; the pages' own rules are judged against it.
OF_THE_COUNTER = {
    "accounts.customer", "cart.cart", "catalog.category", "catalog.product", "customers.customerrecord", "inventory.stockitem",
    "inventory.stockmovement", "orders.order", "orders.ordercontact", "payments.moneycase", "payments.payment", "payments.refund",
    "scheduling.appointment", "scheduling.combination", "scheduling.professional", "scheduling.room", "scheduling.service", "shop.shopsettings",
}  # fmt: skip
OF_THE_OWNER = {
    "accounts.block",
    "common.sentletter",
    "accounts.signinattempt",
    "accounts.user",
    "audit.entry",
    "catalog.productchange",
    "commissions.commissionentry",
    "commissions.commissionpayout",
    "commissions.commissionrule",
    "shop.policychange",
}
SEES = {
    "owner": OF_THE_COUNTER | OF_THE_OWNER,
    "counter": OF_THE_COUNTER,
    "professional": {"catalog.product", "scheduling.appointment"},
}
ADDS = {
    "owner": {
        "accounts.block", "accounts.user", "catalog.category", "catalog.product", "commissions.commissionrule",
        "customers.customerrecord", "scheduling.combination", "scheduling.professional", "scheduling.room",
        "scheduling.service",
    },
    "counter": {"customers.customerrecord"},
    "professional": set(),
}  # fmt: skip


@pytest.mark.fault("F14")
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_desk_opens_or_is_closed_as_the_role_says(shop: None, role: str) -> None:
    desk = at_desk(role=role)
    seen: set[str] = set()
    added: set[str] = set()
    for model, page_of in admin.site._registry.items():
        name = model._meta.label_lower
        for page in pages(model):
            answer = desk.get(page, follow=True)
            assert answer.status_code in (200, 403), (role, page)
            kept = added if page.endswith("/add/") else seen
            if answer.status_code == 200:
                kept.add(name)
            else:
                assert name not in kept, (role, page)
        assert "delete_selected" not in page_of.get_actions(desk.get("/admin/").wsgi_request), model
    assert seen == SEES[role]
    assert added == ADDS[role]


@pytest.mark.parametrize("role", [*ROLES, "manager", "viewer"])
def test_every_entry_of_the_menu_leads_to_an_open_page(shop: None, role: str) -> None:
    desk = at_desk(role=role)
    groups = desk.get("/admin/").context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert [desk.get(link, follow=True).status_code for link in links] == [200] * len(links)
    assert len(links) == len(set(links))
    if role == "owner":
        entries = [
            page
            for _title, group in GROUPS
            for _name, _icon, page, permission in group
            if permission != "commissions.view_own_commission"  # each professional's own
        ]
        known = [page for page in entries if _exists(page)]
        named = [page for page in entries if ":" in page]
        assert len(links) == len(known) + len(named) + 3
        assert {"orders_order_changelist", "catalog_product_changelist"} <= set(known)


BUTTONS = {
    "owner": [
        "Vender no balcão", "Novo agendamento", "Bloquear horário", "Pedidos", "Devolver dinheiro",
        "Receber mercadoria", "Contar um produto", "Mudar um preço", "Fechar o dia",
    ],
    "counter": [
        "Vender no balcão", "Novo agendamento", "Bloquear horário", "Pedidos", "Receber mercadoria",
        "Contar um produto", "Contar a gaveta",
    ],
    "professional": [],
    "viewer": ["Pedidos"],
}  # fmt: skip


@pytest.mark.parametrize(("role", "titles"), BUTTONS.items())
def test_every_button_of_the_first_page_leads_to_an_open_page(shop: None, role: str, titles: list[str]) -> None:
    desk = at_desk(role=role)
    buttons = desk.get("/admin/").context["panels"]["actions"]
    assert [str(one["title"]) for one in buttons] == titles
    assert [desk.get(one["link"], follow=True).status_code for one in buttons] == [200] * len(buttons)


def _exists(page: str) -> bool:
    try:
        reverse(f"admin:{page}")
    except NoReverseMatch:
        return False
    return True


def test_strangers_and_customers_stay_outside(shop: None) -> None:
    customer = Client()
    customer.force_login(people.user())
    for client in (Client(), customer):
        for model in admin.site._registry:
            for page in pages(model):
                answer = client.get(page)
                assert (answer.status_code, answer.headers["Location"][:13]) == (302, "/admin/login/")


@pytest.mark.fault("E13")
def test_what_people_type_is_shown_as_text_everywhere(db: None) -> None:
    catalog.variant(sku="MAU", product=catalog.product(name=EVIL), name=EVIL[:120], price=Decimal("10.00"))
    receive(sku="MAU", units=20)
    inventory.adjust_stock(sku="MAU", operation="add", quantity=1, reason=EVIL, actor=STAFF, now=MONDAY)
    cart = cart_with(units={"MAU": 1})
    wish = placement_of(cart=cart)
    placement = Placement(
        cart=wish.cart,
        expected_total=wish.expected_total,
        contact=Contact(name=EVIL, email="mau@example.com"),
        payment_method="on_site",
        fulfilment=Pickup(at=None, person=EVIL),
        note=EVIL,
    )
    number = orders.place_order(placement=placement, customer_id=None, actor=GUEST, now=MONDAY).order.number
    orders.cancel_order(number=number, reason=EVIL, access=ALL, actor=STAFF, now=MONDAY)
    cart_with(units={"MAU": 1})
    order, item = Order.objects.get(number=number), StockItem.objects.get()
    desk = at_desk(role="owner", name=EVIL)
    seen = 0
    for page in (
        reverse("admin:index"),
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:orders_ordercontact_changelist"),
        reverse("admin:orders_ordercontact_change", args=[order.contact.pk]),
        reverse("admin:inventory_stockitem_changelist"),
        reverse("admin:inventory_stockitem_change", args=[item.pk]),
        reverse("admin:inventory_stockitem_do_add", args=[item.pk]),
        reverse("shelf:page") + "?sku=MAU",
        reverse("admin:inventory_stockmovement_changelist"),
        reverse("admin:cart_cart_changelist"),
        *(reverse("admin:cart_cart_change", args=[pk]) for pk in Cart.objects.values_list("pk", flat=True)),
    ):
        answer = desk.get(page)
        content = text_of(answer)
        assert answer.status_code == 200
        assert "<script>alert" not in content, page
        assert "<img src=x" not in content, page
        seen += content.count("&lt;script&gt;alert")
    assert seen >= 15


def test_today_is_told_in_a_fixed_number_of_statements(shop: None) -> None:
    desk = at_desk(role="owner")
    counts = []
    for batch in (2, 6):
        for _number in range(batch):
            ordered(units={"PAO": 1})
            ordered(units={"PAO": 1}, payment_method="transfer")
        with statements() as found:
            assert desk.get("/admin/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["cart_cart", "orders_ordercontact", "payments_payment", "payments_refund"])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(shop: None, name: str) -> None:
    desk = at_desk(role="owner")
    counts = []
    for batch in (2, 8):
        for _number in range(batch):
            order = ordered(units={"PAO": 1}, payment_method="transfer")
            payments.confirm_order(
                number=order.number, amount=order.total, reference="", access=ALL, actor=STAFF, now=MONDAY
            )
            payments.refund_order(
                number=order.number,
                amount=None,
                handed_back=[],
                restock=False,
                reason="x",
                access=ALL,
                actor=STAFF,
                now=MONDAY,
            )
        with statements() as found:
            assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_desk_speaks_portuguese_unless_it_is_asked_for_english(shop: None) -> None:
    desk = at_desk(role="owner")
    portuguese = text_of(desk.get("/admin/"))
    english = text_of(desk.get("/admin/", headers={"accept-language": "en"}))
    assert ("Olá, Dona Ana!" in portuguese, "Receber mercadoria" in portuguese) == (True, True)
    assert ("Hello, Dona Ana!" in english, "Receive goods" in english) == (True, True)
