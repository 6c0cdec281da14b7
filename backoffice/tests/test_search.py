"""People are found at the desk as they are typed, in every list and in the agenda, and stand where Portuguese has them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import Block, Customer, SignInAttempt, User
from accounts.tests import factories as people
from backoffice.tests.desk import at_desk
from cart.models import Cart
from catalog.models import Category, Product
from catalog.tests import factories as catalog
from commissions.models import CommissionPayout
from commissions.tests.factories import rule
from common.models import SentLetter
from customers import services as customers
from customers.models import CustomerRecord
from customers.selectors import find_customers, tags_in_use
from inventory import services as inventory
from orders.models import Order, OrderContact
from orders.tests.factories import MONDAY, STAFF, ordered, stocked
from payments.models import Payment, Refund
from reports.periods import Days
from reports.selectors import read
from scheduling.models import Professional, Room
from scheduling.selectors import offers_by_name
from scheduling.tests import factories as make
from shop import services as shop
from storefront import selectors as storefront

pytestmark = pytest.mark.django_db

TYPED = [
    "(11) 97777-6655",
    "97777-6655",
    "11 97777 6655",
    "+55 11 97777-6655",
    "011 97777-6655",
    "\u202a+55 11 97777\u20116655\u202c",
    "antonio",
    "ANTÔNIO gonçalves",
    "goncalves",
    "gonc anton",
    "antonio.g@example.com",
    "antonio 97777-6655",
]
DOCUMENTS = ["529.982.247-25", "52998224725"]
STRANGERS = ["(11) 97777-6656", "antonia", "antonio lima", "111.444.777-35", "#ZZZ", "%", "_"]
PERSON: dict[str, str] = {"name": "Antônio Gonçalves", "email": "antonio.g@example.com", "phone": "+5511977776655"}


@pytest.fixture(autouse=True)
def two_people(settings: Any) -> None:
    """Antônio, whom the lists must find, and Bia, who must not be found with him."""
    settings.SHOP_NOW = MONDAY
    stocked(sku="PAO", units=50, price="10.00")
    salon = make.salon(names=["Rui"])
    for place, person in enumerate(
        [PERSON, {"name": "Bia Reis", "email": "bia@example.com", "phone": "+5521988887777"}]
    ):
        document = "" if place else "52998224725"
        order = ordered(units={"PAO": 1}, payment_method="transfer")
        OrderContact.objects.filter(order=order).update(**person, document=document)
        money: dict[str, Any] = {
            "order": order,
            "amount": 10,
            "currency": "BRL",
            "actor_kind": "staff",
            "created_at": MONDAY,
        }
        Payment.objects.create(gateway="manual", method="transfer", status="pending", **money)
        Order.objects.filter(pk=order.pk).update(paid=10)
        Refund.objects.create(status="due", reason="Devolução de açúcar" if place else "x", **money)
        make.booked(make.at(10 + place), who=salon.id("Rui"), **person)
        people.customer(**person, document=document)


@pytest.fixture
def desk() -> Client:
    return at_desk(role="owner", name="Antônia do Balcão")


def found(desk: Client, name: str, text: str) -> list[str]:
    """Return who is found on a list of the desk."""
    answer = desk.get(reverse(f"admin:{name}_changelist"), {"q": text})
    assert answer.status_code == 200
    names = []
    for row in answer.context["cl"].result_list:
        order = row if isinstance(row, Order) else getattr(row, "order", None)
        contact = getattr(order, "contact", row)
        names.append(getattr(contact, "name", "") or row.contact_name)
    return names


LISTS = [
    "orders_order",
    "orders_ordercontact",
    "payments_payment",
    "payments_refund",
    "scheduling_appointment",
    "accounts_customer",
]


@pytest.mark.parametrize("name", LISTS)
def test_people_are_found_as_they_are_typed(desk: Client, name: str) -> None:
    documents = [] if name == "scheduling_appointment" else DOCUMENTS
    typed = [*TYPED, *documents]
    assert {text: found(desk, name, text) for text in typed} == {key: ["Antônio Gonçalves"] for key in typed}


@pytest.mark.parametrize("name", LISTS)
def test_nobody_is_found_for_what_nobody_has(desk: Client, name: str) -> None:
    assert {text: found(desk, name, text) for text in STRANGERS} == {text: [] for text in STRANGERS}


@pytest.mark.parametrize("name", ["orders_order", "payments_payment", "payments_refund"])
def test_whoever_sees_no_contacts_finds_nobody_by_them(name: str) -> None:
    """A list that is searched by what it hides tells whose an e-mail, a phone or a CPF is."""
    desk = at_desk(role="viewer")
    by_name = ["antonio", "ANTÔNIO gonçalves", "gonc anton", "an"]
    reached_by = [text for text in TYPED if text not in by_name and any(sign in text for sign in "@0123456789")]
    assert len(reached_by) >= 8
    assert {text: found(desk, name, text) for text in by_name} == {text: ["Antônio Gonçalves"] for text in by_name}
    for text in (*reached_by, *DOCUMENTS, "example.com", "97777", *STRANGERS):
        assert found(desk, name, text) == [], text
    number = Order.objects.get(contact__name="Antônio Gonçalves").number
    assert found(desk, name, number) == ["Antônio Gonçalves"]
    page = desk.get(reverse(f"admin:{name}_changelist")).content.decode()
    assert not {word for word in ("e-mail", "telefone", "CPF") if word in page.split('id="searchbar"')[1][:600]}


def test_carts_are_found_by_their_customers(desk: Client) -> None:
    for person in Customer.objects.all():
        Cart.objects.create(customer=person, created_at=MONDAY, expires_at=MONDAY + timedelta(days=1))
    Cart.objects.create(created_at=MONDAY, expires_at=MONDAY + timedelta(days=1))

    def owners(text: str) -> list[str]:
        rows = desk.get(reverse("admin:cart_cart_changelist"), {"q": text}).context["cl"].result_list
        return [cart.customer.name for cart in rows if cart.customer]

    assert {text: owners(text) for text in [*TYPED, *DOCUMENTS]} == {
        text: ["Antônio Gonçalves"] for text in [*TYPED, *DOCUMENTS]
    }
    assert {text: owners(text) for text in STRANGERS} == {text: [] for text in STRANGERS}
    assert sorted(owners("")) == ["Antônio Gonçalves", "Bia Reis"]


def test_nothing_typed_asks_for_nothing(desk: Client) -> None:
    for text in ("", "   ", "\u200b"):
        assert sorted(found(desk, "orders_order", text)) == ["Antônio Gonçalves", "Bia Reis"]


def test_an_order_is_found_by_its_number(desk: Client) -> None:
    number = Order.objects.get(contact__name="Antônio Gonçalves").number
    for typed in (number, f"#{number}", f"\u2060#{number}\u200b", number.lower(), f" #{number[:5].lower()} "):
        for name in ("orders_order", "payments_payment", "payments_refund"):
            assert found(desk, name, typed) == ["Antônio Gonçalves"], (name, typed)


def test_the_agenda_finds_the_same_people() -> None:
    customers.take_in_accounts(now=timezone.now())
    for text in [*TYPED, *DOCUMENTS]:
        assert [one.name for one in find_customers(text=text)] == ["Antônio Gonçalves"], text
    assert (find_customers(text="a"), find_customers(text="\u200b ")) == ([], [])


def test_an_erased_name_is_in_no_key(desk: Client) -> None:
    contact = OrderContact.objects.get(name="Antônio Gonçalves")
    contact.name = contact.email = contact.phone = contact.document = ""
    contact.anonymised_at = timezone.now()
    contact.save()
    assert OrderContact.objects.get(pk=contact.pk).search_key.strip() == ""
    assert found(desk, "orders_order", "antonio") == []


def test_the_team_is_found_without_accents(desk: Client) -> None:
    for typed in ("antonia", "ANTÔNIA", "owner@balcao"):
        answer = desk.get(reverse("admin:accounts_user_changelist"), {"q": typed})
        assert [user.name for user in answer.context["cl"].result_list] == ["Antônia do Balcão"]


def test_services_stand_where_portuguese_has_them_for_customers_and_at_the_desk() -> None:
    for name in MIXED:
        make.service(sku=f"S-{name.encode().hex()}")
        Product.objects.filter(slug=f"s-{name.encode().hex()}").update(name=name)
    assert [offer.name for offer in offers_by_name() if offer.name in MIXED] == IN_PORTUGUESE


IN_PORTUGUESE = ["Água", "Álvaro", "azeite", "Bolo", "Éclair", "Empada", "Óleo", "Ovos", "Zuleica"]
MIXED = ["Zuleica", "Óleo", "Bolo", "Água", "Éclair", "azeite", "Ovos", "Empada", "Álvaro"]


def test_names_stand_where_portuguese_has_them(desk: Client) -> None:
    for name in MIXED:
        Category.objects.create(name=name, slug=name.encode().hex(), position=7)
        catalog.product(name=name, slug=f"p-{name.encode().hex()}")
        Professional.objects.create(name=name, position=7)
        Room.objects.create(name=name)
        User.objects.create_user(f"{name.encode().hex()}@x.example", "x", name=name, is_staff=True)
        people.customer(name=name)
    wanted: dict[str, Any] = {
        "categories": Category.objects.filter(position=7),
        "professionals": Professional.objects.filter(position=7),
        "rooms": Room.objects.all(),
        "team": User.objects.filter(email__endswith="@x.example").order_by("sort_key", "pk"),
    }
    assert {what: [one.name for one in rows] for what, rows in wanted.items()} == dict.fromkeys(wanted, IN_PORTUGUESE)
    assert [one["name"] for one in storefront.categories() if one["name"] in MIXED] == IN_PORTUGUESE
    shown = desk.get(reverse("admin:catalog_product_changelist")).context["cl"].result_list
    assert [row.name for row in shown if row.name in MIXED] == IN_PORTUGUESE
    for name, asked in {"accounts_user": {}, "accounts_customer": {"o": "1"}}.items():
        rows = desk.get(reverse(f"admin:{name}_changelist"), asked).context["cl"].result_list
        assert [row.name for row in rows if row.name in MIXED] == IN_PORTUGUESE


def test_every_list_answers_whatever_is_typed(desk: Client) -> None:
    lists = [model for model, page in site._registry.items() if page.search_fields]
    assert {model._meta.label_lower for model in lists} >= {"common.sentletter", "audit.entry", "orders.order"}
    answers = {
        model._meta.label_lower: desk.get(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), {"q": "12"}
        ).status_code
        for model in lists
    }
    assert {label for label, status in answers.items() if status not in (200, 302)} == set()


def test_no_list_shows_everything_whatever_is_typed() -> None:
    """A field that is connected to nothing answers every question with the whole list."""
    request = RequestFactory().get("/")
    request.user = User.objects.create_user("a@x.example", "x", is_staff=True)
    lists = {model: page for model, page in site._registry.items() if page.search_fields}
    asked = {
        model._meta.label_lower: page.get_search_results(request, model._default_manager.all(), "zzqqzz")[0]
        for model, page in lists.items()
    }
    assert {name for name, rows in asked.items() if not rows.query.where} == set()


def shown(desk: Client, name: str, text: str) -> int:
    answer = desk.get(reverse(f"admin:{name}_changelist"), {"q": text})
    assert answer.status_code == 200
    return len(answer.context["cl"].result_list)


def test_lists_of_the_house_are_searched_as_people_type(desk: Client) -> None:
    """Words with their accents and without, in names and in sentences, and names of two letters."""
    iris = Professional.objects.create(name="Íris Sá")
    Professional.objects.create(name="Zuleica")
    Room.objects.create(name="Sala Açaí")
    Room.objects.create(name="Estúdio")
    Category.objects.create(name="Pé de moleque", slug="pe")
    rule(iris, category=Category.objects.create(name="Saúde", slug="saude"))
    CommissionPayout.objects.create(
        professional=iris,
        until=MONDAY.date(),
        amount=10,
        method="pix",
        note="Férias",
        paid_at=MONDAY,
        actor_kind="staff",
    )
    inventory.adjust_stock(sku="PAO", operation="add", quantity=3, reason="Doação à escola", actor=STAFF, now=MONDAY)
    SentLetter.objects.create(identity=uuid4(), mailbox="m", subject="Confirmação #7K2", at=MONDAY)
    typed = {
        "scheduling_professional": ["sá", "sa", "iris", "Íris", "ÍRIS SÁ", "ir"],
        "scheduling_room": ["acai", "Açaí", "sala aç"],
        "catalog_category": ["pé", "pe", "moleque", "Pe de"],
        "commissions_commissionrule": ["iris", "Sá", "saude", "SAÚDE"],
        "commissions_commissionpayout": ["iris", "Sá", "férias", "ferias"],
        "inventory_stockmovement": ["doação", "doacao", "DOAÇÃO escola"],
        "payments_refund": ["devolução", "devolucao", "acucar"],
        "common_sentletter": ["confirmação", "confirmacao", "#7K2", "7k2"],
    }
    found = {name: {text: shown(desk, name, text) for text in texts} for name, texts in typed.items()}
    assert found == {name: dict.fromkeys(texts, 1) for name, texts in typed.items()}
    assert {name: shown(desk, name, "xyzxyz") for name in typed} == dict.fromkeys(typed, 0)


def test_who_was_kept_out_and_who_came_in_are_found(desk: Client) -> None:
    for phone, reason in (("+5511977776655", "Não paga"), ("+5521988887777", "Briga")):
        Block.objects.create(phone=phone, reason=reason, actor_kind="staff", created_at=MONDAY)
    for email, address in (("ana@x.example", "189.4.5.6"), ("bia@x.example", "2804:14c::")):
        SignInAttempt.objects.create(at=MONDAY, door="desk", email=email, address=address, outcome="failed")
    typed = {
        "accounts_block": ["(11) 97777-6655", "97777 6655", "\u202a+55 11 97777\u20116655\u202c", "não paga", "nao"],
        "accounts_signinattempt": ["ANA@", " ana@x.example ", "189.4.5.6", "189.4"],
    }
    found = {name: {text: shown(desk, name, text) for text in texts} for name, texts in typed.items()}
    assert found == {name: dict.fromkeys(texts, 1) for name, texts in typed.items()}
    assert {name: shown(desk, name, "(11) 97777-6656") for name in typed} == dict.fromkeys(typed, 0)


def test_words_and_people_beside_figures_stand_where_portuguese_has_them(desk: Client) -> None:
    """Tags of customers, whose visits they were where the money is the same, and what is to be baked alike often."""
    for name in MIXED:
        CustomerRecord.objects.create(name=name, tags=[f"{name} tag"], created_at=MONDAY)
        Professional.objects.create(name=name)
        slug = name.encode().hex()
        catalog.product(name=name, slug=slug)
    assert [tag.removesuffix(" tag") for tag in tags_in_use(limit=50)] == IN_PORTUGUESE
    [reading] = read(stretches=[Days(MONDAY.date(), MONDAY.date())], policy=shop.policy(), now=MONDAY)
    assert [name for name in reading.visits.names.values() if name in MIXED] == IN_PORTUGUESE
