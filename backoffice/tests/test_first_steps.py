"""The first steps of a new shop: what is missing is read from the data, and each is done on one short form."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice import roles
from backoffice.first_steps import steps
from backoffice.first_steps.forms import HoursField
from backoffice.first_steps.steps import MAY, first_steps
from backoffice.tests.desk import at_desk, text_of
from catalog.models import Category, Product, Variant
from catalog.tests import factories as catalog
from common import clock, milestones
from common.actors import Actor
from common.errors import Busy
from inventory.models import StockItem
from orders.tests.factories import ordered, stocked
from scheduling.models import AvailabilityRule, Professional, Service
from shop import services as shop
from shop.policy import DEFAULTS, OpenHours

pytestmark = pytest.mark.django_db

STAFF = Actor(kind="staff", id="1", door="admin")
CNPJ = "11.222.333/0001-81"
KEYS = ("shop", "hours", "product", "service", "payment", "share")
PRODUCT = {"name": "Pão francês", "price": "0,90", "quantity": "120", "category": "Pães"}
SERVICE = {"name": "Corte", "price": "45", "minutes": "30 min", "person": "Maria Souza", "category": "Cabelo"}


@pytest.fixture
def desk() -> Client:
    return at_desk(role="owner", name="Maria Souza")


def done() -> dict[str, bool]:
    return {step.key: step.done for step in first_steps().steps}


def send(desk: Client, key: str, **values: Any) -> Any:
    """Fill the form in as it stands, but for what is typed differently, and send it."""
    page = desk.get(reverse(f"first_steps:{key}"))
    form = page.context["form"]
    filled = {bound.html_name: bound.value() for bound in form}
    filled = {name: field.prepare_value(filled[name]) for name, field in form.fields.items()}
    sent = {name: value for name, value in (filled | values).items() if value is not None}
    return desk.post(reverse(f"first_steps:{key}"), sent)


def errors(answer: Any) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in answer.context["form"].errors.items()}


# The list


def test_a_new_shop_lacks_everything_and_the_first_page_says_so(desk: Client) -> None:
    page = desk.get("/admin/")
    assert done() == dict.fromkeys(KEYS, False)
    assert "Para abrir a loja: 0 de 6 passos feitos" in text_of(page)
    for key in KEYS:
        assert reverse(f"first_steps:{key}") in text_of(page)


def test_every_step_is_done_by_its_form_and_the_list_goes(desk: Client) -> None:
    typed: dict[str, dict[str, Any]] = {
        "shop": {"name": "Padaria da Maria", "document": CNPJ},
        "hours": {},
        "product": PRODUCT,
        "service": SERVICE,
        "payment": {"payment_methods": ["on_site"]},
    }
    steps_done = []
    for key, values in typed.items():
        answer = send(desk, key, **values)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/"), (key, errors(answer))
        steps_done.append([name for name, is_done in done().items() if is_done])
    assert steps_done == [list(KEYS[: count + 1]) for count in range(5)]
    assert "passos feitos" in text_of(desk.get("/admin/"))
    assert desk.post(reverse("first_steps:share")).headers["Location"] == "/admin/"
    assert "passos feitos" not in text_of(desk.get("/admin/"))
    assert "6 de 6" in text_of(desk.get(reverse("first_steps:page")))


def test_it_can_be_put_away_and_is_still_found(desk: Client) -> None:
    assert desk.get(reverse("first_steps:put_away")).status_code == 405
    assert desk.post(reverse("first_steps:put_away")).headers["Location"] == "/admin/"
    assert "passos feitos" not in text_of(desk.get("/admin/"))
    assert "0 de 6" in text_of(desk.get(reverse("first_steps:page")))


def test_a_demonstration_has_nothing_to_set_up(desk: Client) -> None:
    milestones.begin(name=milestones.DEMONSTRATION, now=clock.now())
    assert "passos feitos" not in text_of(desk.get("/admin/"))


def test_what_was_done_elsewhere_is_done() -> None:
    shop.set_policies(values={"name": "Padaria", "document": CNPJ}, actor=STAFF, now=clock.now())
    assert done()["shop"]
    shop.set_opening_hours(hours=[OpenHours(0, time(8), time(12))], actor=STAFF, now=clock.now())
    assert done()["hours"]
    shop.set_policy(key="transfer_instructions", value="Pix: 123", actor=STAFF, now=clock.now())
    assert done()["payment"]
    stocked(sku="PAO", units=3)
    assert (done()["product"], done()["share"]) == (True, False)
    ordered(units={"PAO": 1})
    assert done()["share"], "somebody ordered, so somebody knows the address"


def test_what_cannot_be_sold_is_no_first_product() -> None:
    variant = catalog.variant(sku="PAO")
    for status, active in (("draft", True), ("archived", True), ("published", False)):
        Product.objects.update(status=status)
        Variant.objects.update(is_active=active)
        assert not done()["product"], (status, active)
    Variant.objects.update(is_active=True)
    assert done()["product"]
    Product.objects.filter(pk=variant.product_id).update(kind="service")
    assert not done()["product"]


def test_a_service_is_there_once_somebody_who_works_does_it(desk: Client) -> None:
    send(desk, "service", **SERVICE)
    assert done()["service"]
    Professional.objects.update(is_active=False)
    assert not done()["service"]
    Professional.objects.update(is_active=True)
    AvailabilityRule.objects.all().delete()
    assert not done()["service"]


def test_it_takes_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert len(first_steps().steps) == 6


# Who


@pytest.mark.parametrize("role", sorted({*roles.ROLES, "nobody"}))
def test_only_who_may_do_all_of_it_sees_it(role: str) -> None:
    desk = at_desk(role=role)
    allowed = set(MAY) <= roles.ROLES.get(role, frozenset())
    assert allowed == (role == "owner")
    assert ("passos feitos" in text_of(desk.get("/admin/"))) is allowed
    pages = [reverse("first_steps:page"), *(reverse(f"first_steps:{key}") for key in KEYS)]
    assert {desk.get(page).status_code for page in pages} == {200 if allowed else 403}
    before = done()
    answers = {desk.post(page, {}).status_code for page in [reverse("first_steps:put_away"), *pages[1:]]}
    assert answers == ({302, 400} if allowed else {403})
    if not allowed:
        assert done() == before
        assert not first_steps().is_put_away


def test_a_stranger_is_asked_to_sign_in() -> None:
    answer = Client().get(reverse("first_steps:shop"))
    assert (answer.status_code, "/login/" in answer.headers["Location"]) == (302, True)


# The forms


def test_a_product_goes_on_show_with_what_there_is_of_it(desk: Client) -> None:
    assert send(desk, "product", **PRODUCT).status_code == 302
    product = Product.objects.get()
    variant = product.variants.get()
    assert (product.status, product.category.name, str(variant.price)) == ("published", "Pães", "0.90")
    assert StockItem.objects.get(variant=variant).on_hand == 120


def test_a_product_whose_units_cannot_be_received_is_not_there_either(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_said: object) -> None:
        raise Busy()

    with monkeypatch.context() as patched:
        patched.setattr("inventory.services.adjust_units", fails)
        page = desk.get(reverse("first_steps:product"))
        sent = {**PRODUCT, "key": str(page.context["form"]["key"].value())}
        assert desk.post(reverse("first_steps:product"), sent).status_code == 503
    assert (Product.objects.count(), Category.objects.count()) == (0, 0)
    assert desk.post(reverse("first_steps:product"), sent).status_code == 302
    assert StockItem.objects.get().on_hand == 120


def test_one_more_product_keeps_the_category(desk: Client) -> None:
    answer = send(desk, "product", **PRODUCT, again="1")
    assert answer.headers["Location"] == reverse("first_steps:product")
    assert desk.get(reverse("first_steps:product")).context["form"]["category"].value() == "Pães"
    send(desk, "product", **{**PRODUCT, "name": "Broa", "category": " pães ", "quantity": ""})
    assert Category.objects.count() == 1
    assert StockItem.objects.count() == 1


def test_a_double_click_makes_one_product_with_its_units_once(desk: Client) -> None:
    page = desk.get(reverse("first_steps:product"))
    sent = {**PRODUCT, "key": str(page.context["form"]["key"].value())}
    for _click in range(2):
        assert desk.post(reverse("first_steps:product"), sent).status_code == 302
    assert Product.objects.count() == 1
    assert StockItem.objects.get().on_hand == 120


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"price": ""}, "price"),
        ({"price": "1.2.3"}, "price"),
        ({"price": "-1"}, "price"),
        ({"quantity": "muitos"}, "quantity"),
        ({"quantity": "99999999"}, "quantity"),
        ({"category": ""}, "category"),
        ({"category": "x" * 81}, "category"),
        ({"category": "a\u200bb\u0000"}, "category"),
    ],
)
def test_a_product_that_cannot_be_keeps_what_was_typed(desk: Client, wrong: dict[str, str], field: str) -> None:
    answer = send(desk, "product", **{**PRODUCT, **wrong})
    assert (answer.status_code, list(errors(answer))) == (400, [field])
    kept = {name: answer.context["form"][name].value() for name in PRODUCT}
    assert kept == {**PRODUCT, **wrong}
    assert (Product.objects.count(), Category.objects.count()) == (0, 0)


def test_a_service_can_be_booked_at_once_with_somebody_new(desk: Client) -> None:
    assert send(desk, "service", **SERVICE).status_code == 302
    service = Service.objects.get()
    [person] = service.professionals.all()
    assert (person.name, service.duration_minutes) == ("Maria Souza", 30)
    week = [(rule.weekday, rule.opens, rule.closes) for rule in person.rules.all()]
    assert week == [(row.weekday, 9 * 60, 18 * 60) for row in DEFAULTS.opening_hours]
    page = desk.get(reverse("first_steps:service"))
    assert page.context["form"]["person"].value() == "Maria Souza"


def test_whoever_is_there_already_does_the_next_service_too(desk: Client) -> None:
    send(desk, "service", **SERVICE)
    AvailabilityRule.objects.filter(weekday__gt=0).delete()
    send(desk, "service", **{**SERVICE, "name": "Barba", "person": "maría souza"})
    person = Professional.objects.get()
    assert sorted(person.services.values_list("variant__product__name", flat=True)) == ["Barba", "Corte"]
    assert person.rules.count() == 1, "their own week stays"


def test_a_double_click_makes_one_service(desk: Client) -> None:
    page = desk.get(reverse("first_steps:service"))
    sent = {**SERVICE, "key": str(page.context["form"]["key"].value())}
    for _click in range(2):
        assert desk.post(reverse("first_steps:service"), sent).status_code == 302
    assert (Service.objects.count(), Professional.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"price": "0"}, "price"),
        ({"minutes": "1 min"}, "minutes"),
        ({"minutes": "logo"}, "minutes"),
        ({"person": ""}, "person"),
        ({"person": "x" * 121}, "person"),
    ],
)
def test_a_service_that_cannot_be_writes_nothing(desk: Client, wrong: dict[str, str], field: str) -> None:
    answer = send(desk, "service", **{**SERVICE, **wrong})
    assert (answer.status_code, list(errors(answer))) == (400, [field])
    assert (Service.objects.count(), Professional.objects.count(), Product.objects.count()) == (0, 0, 0)


def test_the_shop_needs_a_number_that_can_be(desk: Client) -> None:
    for document in ("", "11.222.333/0001-82", "abc"):
        answer = send(desk, "shop", name="Padaria", document=document)
        assert (answer.status_code, list(errors(answer))) == (400, ["document"])
    assert shop.policy() == DEFAULTS
    assert send(desk, "shop", name="Padaria", document="529.982.247-25", whatsapp="(11) 98765-4321").status_code == 302
    policy = shop.policy()
    assert (policy.name, policy.document, policy.whatsapp) == ("Padaria", "52998224725", "+5511987654321")


def test_transfers_that_nobody_chose_are_not_ticked_and_do_not_ask_for_a_bank(desk: Client) -> None:
    page = desk.get(reverse("first_steps:payment"))
    assert page.context["form"]["payment_methods"].value() == ["on_site"]
    answer = send(desk, "payment", payment_methods=["on_site", "pix"], pix_key="dona@balcao.example")
    assert (answer.status_code, shop.policy().payment_methods, done()["payment"]) == (302, ("on_site", "pix"), True)
    shop.set_policy(key="payment_methods", value="on_site,transfer", actor=STAFF, now=clock.now())
    answer = send(desk, "payment", payment_methods=["on_site"])
    assert (answer.status_code, shop.policy().payment_methods) == (302, ("on_site",))
    answer = send(desk, "payment", payment_methods=["transfer"], transfer_instructions="Banco 000")
    page = desk.get(reverse("first_steps:payment"))
    assert page.context["form"]["payment_methods"].value() == ["transfer"]


def test_who_offers_transfers_says_where_to(desk: Client) -> None:
    answer = send(desk, "payment", payment_methods=["on_site", "transfer"], transfer_instructions="")
    assert list(errors(answer)) == ["transfer_instructions"]
    answer = send(desk, "payment", payment_methods=[])
    assert list(errors(answer)) == ["payment_methods"]
    answer = send(desk, "payment", payment_methods=["transfer"], transfer_instructions="Banco 000")
    assert (answer.status_code, shop.policy().payment_methods, done()["payment"]) == (302, ("transfer",), True)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("9h-18h", [(9, 0, 18, 0)]),
        ("09:00–12:00, 13:00–18:00", [(9, 0, 12, 0), (13, 0, 18, 0)]),
        ("9 às 12 e 13h30 às 18", [(9, 0, 12, 0), (13, 30, 18, 0)]),
        ("das 8 até 12; 14-20h", [(8, 0, 12, 0), (14, 0, 20, 0)]),
        ("18h-24h", [(18, 0, 0, 0)]),
        ("", []),
        ("Fechado", []),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, hours: list[tuple[int, ...]]) -> None:
    field = HoursField()
    found = [(opens.hour, opens.minute, closes.hour, closes.minute) for opens, closes in field.clean(typed)]
    assert found == hours
    assert field.clean(field.prepare_value(field.clean(typed))) == field.clean(typed)


@pytest.mark.parametrize("typed", ["de manhã", "9h", "25h-26h", "24:30-25", "9-18 13", "9h-18h,", "٩-١٨"])
def test_hours_that_nobody_understands_are_refused(desk: Client, typed: str) -> None:
    answer = send(desk, "hours", day_0=typed)
    assert (answer.status_code, list(errors(answer))) == (400, ["day_0"])
    assert answer.context["form"]["day_0"].value() == typed


def test_a_week_is_judged_as_a_whole(desk: Client) -> None:
    assert list(errors(send(desk, "hours", day_0="9-12, 11-18"))) == ["__all__"]
    assert list(errors(send(desk, "hours", day_1="18h-9h"))) == ["__all__"]
    closed = {f"day_{day}": "" for day in range(7)}
    assert list(errors(send(desk, "hours", **closed))) == ["__all__"]
    assert not done()["hours"]
    assert send(desk, "hours", **closed | {"day_1": "9-12, 13-18"}).status_code == 302
    assert shop.policy().opening_hours == (OpenHours(1, time(9), time(12)), OpenHours(1, time(13), time(18)))


def test_hours_that_are_right_as_they_stand_only_need_a_look(desk: Client) -> None:
    assert send(desk, "hours").status_code == 302
    assert shop.policy().opening_hours == DEFAULTS.opening_hours
    assert done()["hours"]


def test_the_link_leads_to_the_shop(desk: Client) -> None:
    page = text_of(desk.get(reverse("first_steps:share")))
    assert 'href="http://testserver/"' in page
    assert "https://wa.me/?text=" in page
    assert steps.LINK_SHARED not in milestones.reached()
