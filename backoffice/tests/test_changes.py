"""Who changed this: how it was and how it became, in words, and never in the log where people are written down."""

import json

import pytest
from django.contrib.admin import site
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from time_machine import Traveller

from backoffice.tests.desk import at_desk, text_of
from backoffice.tests.pages import Tab
from catalog.tests import factories
from desk.changes import words_of
from scheduling.tests.factories import MONDAY, salon

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)


def test_a_professional_tells_who_changed_what_from_what_to_what() -> None:
    ana = salon().people["Ana"]
    desk = at_desk(role="owner", name="Dona Ana")
    page = reverse("admin:scheduling_professional_change", args=[ana.pk])
    shown = text_of(desk.get(page))
    told = reverse("admin:scheduling_professional_history", args=[ana.pk])
    assert f'href="{told}"' in shown
    assert [step.words for step in desk.get(told).context["steps"] if step.words] == []
    Tab(desk, page).type(name="Ana Lima").save()
    answer = desk.get(told)
    [(who, words)] = [(step.who, step.words) for step in answer.context["steps"] if step.words]
    assert who == "Dona Ana"
    assert ("Nome", "Ana", "Ana Lima") in words
    assert "<del>Ana</del>" in text_of(answer)


def test_only_pages_of_no_people_but_the_professionals_tell_how_it_was() -> None:
    telling = {
        model._meta.label_lower for model, page in site._registry.items() if getattr(page, "tells_before", False)
    }
    assert telling == {
        "catalog.category", "scheduling.combination", "scheduling.professional", "scheduling.room", "scheduling.service",
    }  # fmt: skip


@pytest.mark.parametrize("message", ["", "Um novo link.", "[", "{}", "[1]", json.dumps([{"added": {}}])])
def test_an_entry_of_any_other_kind_has_no_words(message: str) -> None:
    assert words_of(LogEntry(change_message=message)) == []


def test_a_product_shows_its_price_first_and_leads_to_where_it_is_changed() -> None:
    product = factories.product(name="Pão francês")
    for sku, price in (("PAO-P", "0.90"), ("PAO-G", "1.50")):
        factories.variant(sku=sku, price=price, product=product)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    text = text_of(at_desk(role="manager").get(page))
    assert "R$ 0,90 · R$ 1,50" in text
    assert "/admin/um/preco/?q=P%C3%A3o+franc%C3%AAs" in text
    assert "Quem mudou isto?" in text
    looked = text_of(at_desk(role="counter").get(page))
    assert "R$ 0,90 · R$ 1,50" in looked
    assert "/admin/um/preco/" not in looked
