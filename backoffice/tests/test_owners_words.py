"""The desk speaks as the owner does: lengths, zones, logs, labels, and what is missing and where it is made."""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, complaints_of, messages_of, text_of
from backoffice.tests.pages import Tab
from catalog.models import Product, Variant
from catalog.tests import factories as products
from catalog.tests.factories import NOW, OWNER
from inventory import services as inventory
from inventory.models import StockMovement
from scheduling.tests import factories as agenda
from shop import services as shop
from shop.models import PolicyChange, ShopSettings
from shop.policy import OpenHours

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Client:
    return at_desk(role="owner")


def settings_page() -> str:
    return reverse("admin:shop_shopsettings_change", args=[shop.open_settings().pk])


def test_lengths_of_the_settings_are_shown_and_typed_in_words(owner: Client) -> None:
    tab = Tab(owner, settings_page())
    assert (tab.sent["transfer_hold_minutes"], tab.sent["cart_ttl_hours"]) == (["2 dias"], ["1 dia"])
    assert tab.sent["pickup_horizon_days"] == ["14 dias"]
    assert tab.type(transfer_hold_minutes="1 dia e 12 h", cart_ttl_hours="36h").save().status_code == 302
    assert (shop.policy().transfer_hold_minutes, shop.policy().cart_ttl_hours) == (2160, 36)

    told = complaints_of(tab.type(transfer_hold_minutes="logo").save())

    assert [text for text in told if "Digite um tempo como 2 dias, 90 min ou 1h30." in text]


def test_a_zone_is_chosen_by_name(owner: Client) -> None:
    tab = Tab(owner, settings_page())
    assert tab.sent["timezone"] == ["America/Sao_Paulo"]
    page = text_of(owner.get(settings_page()))
    assert "Brasília, São Paulo, Sul, Sudeste" in page
    assert "Real brasileiro (R$)" in page
    assert tab.type(timezone="America/Manaus").save().status_code == 302
    assert ShopSettings.objects.get().timezone == "America/Manaus"


def test_a_page_saved_as_it_was_leaves_no_trace(owner: Client) -> None:
    shop.set_policy(key="transfer_instructions", value="Banco 1\nAgência 2", actor=OWNER, now=NOW)
    before = PolicyChange.objects.count()
    assert Tab(owner, settings_page()).save().status_code == 302
    assert PolicyChange.objects.count() == before
    assert shop.policy().transfer_instructions == "Banco 1\nAgência 2"


def test_the_log_of_the_settings_is_in_words_and_linked(owner: Client) -> None:
    shop.set_policy(key="transfer_hold_minutes", value=60, actor=OWNER, now=NOW)
    shop.set_policy(key="payment_methods", value="on_site", actor=OWNER, now=NOW)
    shop.set_policy(key="timezone", value="America/Manaus", actor=OWNER, now=NOW)
    shop.set_opening_hours(hours=[OpenHours(weekday=0, opens=time(8), closes=time(12))], actor=OWNER, now=NOW)
    log = reverse("admin:shop_policychange_changelist")

    page = text_of(owner.get(log))

    for words in (
        "Espera pela transferência", "2 dias", "1 h", "No balcão, Transferência", "Manaus", "Segunda-feira 08:00–12:00", "Balcão",
    ):  # fmt: skip
        assert words in page, words
    for key in (*(f.key for f in PolicyChange.objects.all()), "on_site", "America/Manaus"):
        assert f">{key}<" not in page, key
    link = settings_page().replace("change/", "decisions/")
    assert link in text_of(owner.get(settings_page()))
    told = owner.get(link)["Location"]
    assert told == settings_page().replace("change/", "history/")
    assert owner.get(told).context["noted"] == log
    changed = PolicyChange.objects.get(key="timezone")
    page_of_one = text_of(owner.get(reverse("admin:shop_policychange_change", args=[changed.pk])))
    assert ("Fuso horário |" in page_of_one, "timezone" in page_of_one) == (True, False)


def test_movements_are_named_in_portuguese_whatever_their_kind(owner: Client) -> None:
    products.variant(sku="PAO")
    how: dict[str, Any] = {"actor": OWNER, "now": NOW}
    inventory.adjust_stock(sku="PAO", operation="add", quantity=5, reason="Feito hoje", **how)
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                stock_item_id=StockMovement.objects.get().stock_item_id, kind="sold", delta=-1, on_hand_after=4,
                reason="", actor_kind="system", door="task", at=NOW,
            )
        ]
    )  # fmt: skip
    page = text_of(owner.get(reverse("admin:inventory_stockmovement_changelist")))
    assert "Vendido" in page
    assert ">sold<" not in page.replace(" ", "").replace("\n", "")


def test_nouns_of_either_gender_are_saved_alike(owner: Client) -> None:
    page = Tab(owner, reverse("admin:catalog_category_add")).type(name="Pães")
    answer = owner.post(page.address, {**page.sent, "_save": "1"}, follow=True)
    assert len(messages_of(answer)) == 1
    assert messages_of(answer)[0].startswith("Salvo: categoria “")


def test_a_sku_is_made_from_the_names(owner: Client) -> None:
    shelf = products.category()
    for name, sku in (("Pão de queijo", "PAO-DE-QUEIJO"), ("Pão de Queijo!", "PAO-DE-QUEIJO-2")):
        tab = Tab(owner, reverse("admin:catalog_product_add"))
        tab.type(name=name, shelf=str(shelf.pk), **{"variants-0-price": "5,00"})
        assert tab.save().status_code == 302
        assert Product.objects.get(name=name).variants.get().sku == sku
    row = Variant.objects.get(sku="PAO-DE-QUEIJO")
    tab = Tab(owner, reverse("admin:catalog_product_change", args=[row.product_id]))
    assert tab.type(**{"variants-0-sku": "", "variants-0-price": "6,00"}).save().status_code == 302
    row.refresh_from_db()
    assert (row.sku, row.price) == ("PAO-DE-QUEIJO", Decimal("6.00"))


def test_what_is_missing_is_said_and_led_to(owner: Client) -> None:
    answer = owner.get(reverse("admin:scheduling_professional_add"))
    [(_text, leads)] = answer.context["desk_page"]["missing"]
    assert leads == reverse("admin:scheduling_service_add")
    assert f'href="{leads}"' in text_of(answer)
    tab = Tab(owner, leads)
    tab.type(name="Corte", price="50,00", new_category="Cabelo", duration_minutes="30 min")

    answer = owner.post(tab.address, {**tab.sent, "_save": "1"}, follow=True)

    people = reverse("admin:scheduling_professional_add")
    assert any(people in message for message in messages_of(answer)), answer.context.get("desk_page", {}).get(
        "problems"
    )
    assert Variant.objects.get().sku == "CORTE"


def test_a_service_nobody_performs_says_so_on_its_page(owner: Client) -> None:
    lonely = agenda.service()
    page = reverse("admin:scheduling_service_change", args=[lonely.pk])
    assert len(owner.get(page).context["desk_page"]["missing"]) == 1
    agenda.professional(performs=[lonely])
    assert owner.get(page).context["desk_page"]["missing"] == []
