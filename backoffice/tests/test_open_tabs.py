"""A page left open in one tab while a colleague saves it in another: nothing is undone, and nothing typed is lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests import factories as people
from backoffice.tests.desk import at_desk, complaints_of, text_of
from backoffice.tests.pages import Tab, fields_of
from catalog.models import Product, Variant
from catalog.services import VariantSheet
from catalog.tests import factories as products
from catalog.tests.factories import NOW, OWNER, change_variant
from common.testing import race
from scheduling.models import AvailabilityRule, Professional, Room
from scheduling.tests import factories as agenda
from shop import services as shop
from shop.models import Holiday, OpeningHours, PolicyChange, ShopSettings
from shop.tests.factories import close_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Client:
    return at_desk(role="owner", name="Dona Ana")


@pytest.fixture
def bia(ana: Client) -> Client:
    client = Client()
    client.force_login(people.member(role="owner", name="Bia", email="bia@balcao.example"))
    return client


def change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def bread() -> Product:
    row = products.variant(sku="PAO", price=Decimal("0.90"))
    Product.objects.filter(pk=row.product_id).update(name="Pão francês", description="Do dia.")
    return Product.objects.get(pk=row.product_id)


def changed(answer: Any) -> list[tuple[str, str, str, str]]:
    assert answer.status_code == 409, answer
    rows = answer.context["desk_page"]["changed"]
    return [(row.label, row.before, row.now, row.typed) for row in rows]


def test_an_old_tab_does_not_bring_an_old_price_back(ana: Client, bia: Client) -> None:
    product = bread()
    old = Tab(bia, change(product)).type(description="Crocante.")
    assert Tab(ana, change(product)).type(**{"variants-0-price": "1,10"}).save().status_code == 302

    answer = old.save()

    assert changed(answer) == [("Variação “PAO” · Preço (R$)", "0,90", "1,10", "")]
    assert answer.context["desk_page"]["savers"] == "Dona Ana"
    page = text_of(answer)
    assert ("Salvo por Dona Ana" in page, "Crocante." in page, 'value="1,10"' in page) == (True, True, True)
    assert complaints_of(answer) == ["Alguém salvou esta página enquanto ela estava aberta aqui. Nada foi salvo ainda."]
    product.refresh_from_db()
    assert (product.description, Variant.objects.get().price) == ("Do dia.", Decimal("1.10"))

    assert old.save().status_code == 302  # now that it was seen
    product.refresh_from_db()
    assert (product.description, Variant.objects.get().price) == ("Crocante.", Decimal("1.10"))


def test_who_typed_into_the_same_field_sees_both_and_may_insist(ana: Client, bia: Client) -> None:
    product = bread()
    old = Tab(bia, change(product)).type(**{"variants-0-price": "1,20"})
    Tab(ana, change(product)).type(**{"variants-0-price": "1,10"}).save()

    assert changed(old.save()) == [("Variação “PAO” · Preço (R$)", "0,90", "1,10", "1,20")]
    assert Variant.objects.get().price == Decimal("1.10")
    assert old.sent["variants-0-price"] == ["1,20"]
    assert old.save().status_code == 302
    assert Variant.objects.get().price == Decimal("1.20")


def test_a_change_through_another_door_counts_too(ana: Client) -> None:
    product = bread()
    old = Tab(ana, change(product)).type(name="Pãozinho")
    change_variant(sku="PAO", sheet=VariantSheet(sku="PAO", price=Decimal("2.00")), actor=OWNER, now=NOW)

    answer = old.save()

    assert changed(answer) == [("Variação “PAO” · Preço (R$)", "0,90", "2,00", "")]
    assert answer.context["desk_page"]["savers"] == ""


def test_a_row_a_colleague_added_stays_and_one_that_was_typed_comes_too(ana: Client, bia: Client) -> None:
    product = bread()
    new = {"variants-TOTAL_FORMS": "2", "variants-1-price": "5,00", "variants-1-is_active": "on"}
    old = Tab(bia, change(product)).type(**new, **{"variants-1-sku": "PAO-2"})
    Tab(ana, change(product)).type(**new, **{"variants-1-sku": "PAO-3"}).save()

    assert changed(old.save()) == [("Variação “PAO-3”", "-", "inclusão", "")]
    assert old.save().status_code == 302
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["PAO", "PAO-2", "PAO-3"]


def test_a_picture_chosen_in_an_old_tab_is_not_lost(ana: Client, bia: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    product = bread()
    old = Tab(bia, change(product)).type(**{"images-TOTAL_FORMS": "1", "images-0-alt": "Um pão"})
    Tab(ana, change(product)).type(description="Quentinho.").save()
    photo = SimpleUploadedFile("pao.jpg", products.picture_file(), content_type="image/jpeg")

    assert changed(old.save(**{"images-0-upload": photo})) == [("Descrição", "Do dia.", "Quentinho.", "")]
    assert old.save().status_code == 302
    product.refresh_from_db()
    assert (product.images.get().alt, product.description) == ("Um pão", "Quentinho.")


def test_two_who_press_save_at_once_are_one_after_the_other(ana: Client, bia: Client) -> None:
    product = bread()
    tabs = [
        Tab(ana, change(product)).type(**{"variants-0-price": "1,10"}),
        Tab(bia, change(product)).type(description="Crocante."),
    ]

    answers = [tab.save().status_code for tab in tabs]

    assert answers == [302, 409]


def test_settings_hours_and_days_off_are_not_undone(ana: Client, bia: Client) -> None:
    row = shop.open_settings()
    close_on(days={date(2030, 12, 25): "Natal"})
    old = Tab(bia, change(row)).type(name="Padaria da Bia")
    other = Tab(ana, change(row)).type(email="oi@exemplo.com.br", **{"holidays-0-name": "Natal!"})
    monday = OpeningHours.objects.get(weekday=0).pk
    assert other.sent["opening_hours-0-id"] == [str(monday)]
    assert other.type(**{"opening_hours-0-closes": "19:00"}).save().status_code == 302

    answer = old.save()

    assert ("E-mail", "-", "oi@exemplo.com.br", "") in changed(answer)
    assert ("18:00:00", "19:00:00", "") in [row[1:] for row in changed(answer)]
    assert old.save().status_code == 302
    row.refresh_from_db()
    assert (row.name, row.email, Holiday.objects.get().name) == ("Padaria da Bia", "oi@exemplo.com.br", "Natal!")
    assert str(OpeningHours.objects.get(weekday=0).closes) == "19:00:00"
    assert OpeningHours.objects.count() == 6


def test_two_who_change_the_same_days_hours_see_both_and_the_second_may_insist(ana: Client, bia: Client) -> None:
    row = shop.open_settings()
    old = Tab(bia, change(row)).type(**{"opening_hours-0-closes": "18:20"})
    other = Tab(ana, change(row)).type(**{"opening_hours-0-closes": "17:10"})
    assert other.save().status_code == 302

    assert [row[1:] for row in changed(old.save())] == [("18:00:00", "17:10:00", "18:20")]
    assert old.save().status_code == 302
    assert str(OpeningHours.objects.get(weekday=0).closes) == "18:20:00"
    assert OpeningHours.objects.count() == 6


def test_a_setting_changed_by_command_is_not_undone(ana: Client) -> None:
    row = shop.open_settings()
    old = Tab(ana, change(row)).type(name="Outra")
    shop.set_policy(key="cart_hold_minutes", value=30, actor=OWNER, now=NOW)

    assert [label for label, *_rest in changed(old.save())] == ["Carrinho reserva por"]
    assert old.save().status_code == 302
    assert ShopSettings.objects.get().cart_hold_minutes == 30
    assert list(PolicyChange.objects.order_by("pk").values_list("key", flat=True))[-2:] == ["cart_hold_minutes", "name"]


def test_hours_and_absences_of_a_professional_are_not_undone(ana: Client, bia: Client) -> None:
    who: Professional = agenda.salon().people["Ana"]
    rule = AvailabilityRule.objects.filter(professional=who).order_by("weekday", "opens")[0]
    old = Tab(bia, change(who)).type(bio="Corta bem.")
    other = Tab(ana, change(who)).type(**{"rules-0-closes": "17:00"})
    away = {"time_off-TOTAL_FORMS": "1", "time_off-0-reason": "Dentista"}
    away |= {f"time_off-0-{edge}_0": "02/01/2031" for edge in ("starts_at", "ends_at")}
    away |= {"time_off-0-starts_at_1": "10:00", "time_off-0-ends_at_1": "11:00"}
    assert other.type(**away).save().status_code == 302

    assert len(changed(old.save())) == 2
    assert old.save().status_code == 302
    rule.refresh_from_db()
    who.refresh_from_db()
    assert (rule.closes, who.bio, who.time_off.get().reason) == (17 * 60, "Corta bem.", "Dentista")


def test_a_row_a_colleague_removed_stays_away_unless_it_was_typed_into(ana: Client, bia: Client) -> None:
    who: Professional = agenda.salon().people["Ana"]
    first, *others = AvailabilityRule.objects.filter(professional=who).order_by("weekday", "opens")
    untouched = Tab(bia, change(who)).type(bio="Corta bem.")
    typed = Tab(bia, change(who)).type(**{"rules-0-closes": "16:00"})
    Tab(ana, change(who)).type(**{"rules-0-DELETE": "on"}).save()

    assert [now for _label, _before, now, _typed in changed(untouched.save())] == ["remoção"]
    assert untouched.save().status_code == 302
    assert who.rules.count() == len(others)
    assert typed.save().status_code == 409
    assert typed.save().status_code == 302
    assert who.rules.get(weekday=first.weekday).closes == 16 * 60


@pytest.mark.parametrize("field", ["name", "sku"])
def test_nothing_changed_meanwhile_saves_at_once(ana: Client, field: str) -> None:
    product = bread()
    tab = Tab(ana, change(product))
    assert tab.save().status_code == 302
    tab = Tab(ana, change(product))
    assert tab.type(name="Outro").save().status_code == 302


def test_services_categories_rooms_and_members_are_watched_too(ana: Client, bia: Client) -> None:
    service = agenda.service()
    room = Room.objects.create(name="Sala 1")
    shelf = products.category(name="Pães")
    teammate = people.member(role="counter", name="Caio")
    cases: list[tuple[Any, dict[str, Any], dict[str, Any], str]] = [
        (service, {"duration_minutes": "45"}, {"capacity": "2"}, "Duração"),
        (room, {"is_active": None}, {"name": "Sala azul"}, "Ativo"),
        (shelf, {"name": "Pães e bolos"}, {"position": "7"}, "Nome"),
        (teammate, {"name": "Caio Souza"}, {"role": "professional"}, "Nome"),
    ]
    Group.objects.get_or_create(name="professional")
    for row, first, second, label in cases:
        old = Tab(bia, change(row)).type(**second)
        assert Tab(ana, change(row)).type(**first).save().status_code == 302, row
        assert [one for one, *_rest in changed(old.save())] == [label]
        assert old.save().status_code == 302, row
    service.refresh_from_db()
    teammate = User.objects.get(pk=teammate.pk)
    assert (service.duration_minutes, service.capacity) == (45, 2)
    assert (teammate.name, [group.name for group in teammate.groups.all()]) == ("Caio Souza", ["professional"])


@pytest.mark.parametrize("sealed", ["", "nonsense", "eyJhIjoxfQ:1abc:xyz"])
def test_a_page_that_carries_no_picture_of_ours_is_looked_over_first(ana: Client, sealed: str) -> None:
    product = bread()
    tab = Tab(ana, change(product)).type(name="Outro", _seen=sealed)

    answer = tab.save()

    assert (answer.status_code, len(complaints_of(answer))) == (409, 1)
    assert 'value="Outro"' in text_of(answer)
    assert tab.save().status_code == 302
    assert Product.objects.get().name == "Outro"


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_of_many_who_save_at_once_one_is_first_and_nothing_is_undone(ana: Client) -> None:
    product = bread()
    clients = [ana]
    for number in range(5):
        clients.append(Client())
        clients[-1].force_login(people.member(role="owner", email=f"dona{number}@balcao.example"))
    tabs = [Tab(client, change(product)) for client in clients]
    for number, tab in enumerate(tabs):
        tab.type(**{"variants-0-price": f"2,0{number}"})

    def press(worker: int) -> int:
        try:
            status: int = tabs[worker].save().status_code
            return status
        finally:
            connection.close()

    answers = race(workers=6, work=press)

    assert sorted(answers) == [302, 409, 409, 409, 409, 409]


# The desk's short forms and pages of one thing.


def resent(client: Client, address: str, answer: Any, **typed: str) -> Any:
    """Send a page as it stands, but for what is typed over it."""
    return client.post(address, {**fields_of(answer), **typed})


def shown_changes(answer: Any) -> list[tuple[str, str, str, str]]:
    assert answer.status_code == 409, answer
    page = text_of(answer)
    assert "O que mudou enquanto esta página estava aberta" in page
    rows = answer.context["page_seen"].changed if "page_seen" in answer.context else answer.context["changed"]
    assert all(row.label in page for row in rows)
    return [(row.label, row.before, row.now, row.typed) for row in rows]


FORMS = [
    (
        "first_steps:shop",
        {"name": "Padaria Nova"},
        {"whatsapp": "+5511977776655"},
        ("Nome", "Balcão", "Padaria Nova"),
    ),
    ("first_steps:hours", {"day_0": "8h-12h"}, {"day_1": ""}, ("Segunda-feira", "09:00–18:00", "08:00–12:00")),
    ("look:page", {"footer": "Deles"}, {"welcome": "Bom dia"}, ("Rodapé", "-", "Deles")),
]


@pytest.mark.parametrize(("page", "first", "second", "told"), FORMS)
def test_an_old_tab_of_a_short_form_undoes_nothing(
    ana: Client, bia: Client, page: str, first: dict[str, str], second: dict[str, str], told: tuple[str, str, str]
) -> None:
    settings = shop.open_settings()
    settings.name, settings.document = "Balcão", "11222333000181"
    settings.save()
    address = reverse(page)
    old = bia.get(address)
    assert resent(ana, address, ana.get(address), **first).status_code == 302
    kept = fields_of(ana.get(address))

    answer = resent(bia, address, old, **second)

    assert shown_changes(answer) == [(*told, "")]
    again = fields_of(ana.get(address))
    assert {name: again[name] for name in {**first, **second}} == {name: kept[name] for name in {**first, **second}}
    assert resent(bia, address, answer).status_code == 302  # now that it was seen
    stored = fields_of(ana.get(address))
    [theirs], [mine] = first, second
    assert stored[theirs] == kept[theirs]
    assert stored[mine] == fields_of(answer)[mine] != fields_of(old)[mine]


def test_what_both_typed_is_shown_and_the_second_decides(ana: Client, bia: Client) -> None:
    address = reverse("look:page")
    old = bia.get(address)
    assert resent(ana, address, ana.get(address), footer="Deles").status_code == 302
    answer = resent(bia, address, old, footer="Nosso")
    assert shown_changes(answer) == [("Rodapé", "-", "Deles", "Nosso")]
    assert resent(bia, address, answer).status_code == 302
    assert fields_of(ana.get(address))["footer"] == ["Nosso"]


def test_an_old_tab_of_the_words_of_a_message_shows_the_others(ana: Client, bia: Client) -> None:
    address = reverse("chats:rewrite", args=["visit_soon"])
    old = bia.get(address)
    assert resent(ana, address, ana.get(address), **{"pt-br": "Pronto, {nome}!"}).status_code == 302
    answer = resent(bia, address, old, **{"pt-br": "Venha, {nome}!"})
    [(label, _before, now, typed)] = shown_changes(answer)
    assert (label, now, typed) == ("Em português", "Pronto, {nome}!", "Venha, {nome}!")


@pytest.mark.parametrize("whose", ["shop", "person"])
def test_an_old_tab_of_a_week_undoes_no_day_of_somebody_else(ana: Client, bia: Client, whose: str) -> None:
    salon = agenda.salon(names=["Rui"])
    address = reverse("hours:shop") if whose == "shop" else reverse("hours:week", args=[salon.id("Rui")])
    old = bia.get(address)
    assert resent(ana, address, ana.get(address), opens_0_0="10:00", opens_0_1="").status_code == 302
    answer = resent(bia, address, old, closes_1_0="16:00")
    assert shown_changes(answer) == [("Segunda-feira", "09:00–18:00", "10:00–18:00", "")]
    assert resent(bia, address, answer).status_code == 302
    sent = fields_of(ana.get(address))
    assert (sent["opens_0_0"], sent["closes_1_0"], sent["opens_1_0"]) == (["10:00"], ["16:00"], ["09:00"])
