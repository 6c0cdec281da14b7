"""What the address of a list may ask about: its own filters, and nothing that it does not show."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Field, Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests import factories
from backoffice.tests.desk import at_desk
from desk.lookups import ShownLookups

ENDINGS = ("", "__startswith", "__contains", "__regex", "__gt", "__iexact", "__in", "__isnull", "__exact")


def pages() -> list[Any]:
    """Return every page of the desk that has a list."""
    return [page for _model, page in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)]


def filtered_by(page: Any) -> set[str]:
    """Return the columns that a page names as its filters, its days, or the links that lead to it."""
    named = {one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one) for one in page.list_filter}
    return {str(one) for one in [*named, page.date_hierarchy or ""]}


def columns(model: type[Model]) -> list[str]:
    """Return the names of the columns and relations of a table that an address could spell."""
    return [one.name for one in model._meta.get_fields() if isinstance(one, Field) or one.is_relation]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.opts.label)
def test_a_list_answers_no_question_about_what_it_is_not_filtered_by(page: Any) -> None:
    assert issubclass(type(page), ShownLookups)
    shown = filtered_by(page)
    told = []
    for name in columns(page.model):
        field = page.opts.get_field(name)
        if name not in shown:
            told += [f"{name}{ending}" for ending in ENDINGS if page.lookup_allowed(f"{name}{ending}", "a")]
        if field.is_relation and field.related_model:
            told += [
                f"{name}__{other}{ending}"
                for other in columns(field.related_model)
                for ending in ENDINGS
                if other != "id" and page.lookup_allowed(f"{name}__{other}{ending}", "a")
            ]
    assert told == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "question",
    ["password__startswith=argon2", "groups__user__password__startswith=a", "customer__document__startswith=5", "is_superuser__exact=1"],
)  # fmt: skip
def test_the_team_page_spells_out_no_secret(question: str) -> None:
    desk = at_desk(role="owner")
    assert desk.get(reverse("admin:accounts_user_changelist") + "?" + question).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "questions"),
    [
        ("accounts_user", "is_active__exact=1&groups__id__exact=1"),
        ("orders_order", "placed=today&status=sold&payment_method__exact=transfer&pickup_starts_at_from=01/03/2026"),
        ("scheduling_appointment", "state__exact=requested&starts_at__year=2026&starts_at__gte=2026-03-01"),
        ("catalog_productchange", "product__id__exact=1"),
        ("inventory_stockmovement", "stock_item__id__exact=1&kind__exact=sale"),
    ],
)
def test_filters_and_links_still_lead_to_what_they_name(page: str, questions: str) -> None:
    factories.member(role="owner")
    desk = Client()
    desk.force_login(User.objects.create_superuser("boss@example.com", "uma-senha-bem-comprida", name="Boss"))
    assert desk.get(reverse(f"admin:{page}_changelist") + "?" + questions).status_code == 200
