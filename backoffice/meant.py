"""Resolves a search term of the change list to rows and users.

One statement finds the things, the newest of each kind; entries are then found by their exact names. Another finds who
may have done it.
"""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Customer, User
from catalog.models import Category, Product
from commissions.models import CommissionPayout, CommissionRule
from common.origin import LOGIN
from common.search import matching, naming
from common.text import search_terms
from customers.models import CustomerRecord
from customers.selectors import known_by
from inventory.models import StockItem
from orders.models import Order
from orders.selectors import search as orders_called
from scheduling.models import Appointment, Professional, Room, Service
from till.models import Till, TillSession

MOST = 50
"""How many things of a kind are looked at: more are no name, but a word."""


def subjects_meant(text: str) -> list[str]:
    """Return the names by which entries call what goes by a text; a text that is such a name means itself."""
    exactly = [text.strip()]
    if not search_terms(text):
        return exactly
    first, *others = (_subjects(rows) for rows in _things(text))
    return [*exactly, *first.union(*others, all=True).values_list("subject", flat=True)]


def actors_meant(text: str) -> list[str]:
    """Return by what names entries call the logins that go by a text, the team's first; such a name means itself."""
    exactly = [text.strip()]
    if not search_terms(text):
        return exactly
    found = _people(text).order_by("-is_staff", "-pk").values_list("pk", flat=True)[:MOST]
    return [*exactly, *(f"{LOGIN}{pk}" for pk in found)]


def _people(text: str) -> QuerySet[User]:
    known = matching(text=text, column="sort_key", also=("email",))
    return User.objects.filter(known | Q(is_staff=True) & _named(text))


def _things(text: str) -> list[QuerySet[Any]]:
    products = Product.objects.filter(matching(text=text, column="search_key"))
    people = _people(text)
    professionals = Professional.objects.filter(_named(text))
    tills = Till.objects.filter(_named(text))
    staff = people.annotate(number=Cast("pk", CharField())).values("number")
    return [
        Order.objects.filter(orders_called(text=text)),
        products,
        StockItem.objects.filter(variant__product__in=products),
        Service.objects.filter(variant__product__in=products),
        CustomerRecord.objects.filter(known_by(text)),
        Customer.objects.filter(matching(text=text, column="search_key")),
        people,
        Appointment.objects.filter(matching(text=text, column="search_key")),
        professionals,
        CommissionRule.objects.filter(professional__in=professionals),
        CommissionPayout.objects.filter(professional__in=professionals),
        tills,
        TillSession.objects.filter(Q(till__in=tills) | Q(actor_kind="staff", actor_id__in=staff)),
        *(rows.filter(_named(text)) for rows in (Category.objects, Room.objects, Group.objects)),
    ]


def _named(text: str) -> Q:
    return naming(text=text, name="name")


def _subjects(rows: QuerySet[Any]) -> QuerySet[Any]:
    named = Concat(Value(f"{rows.model._meta.db_table}:"), Cast("pk", CharField()), output_field=CharField())
    found: QuerySet[Any] = rows.order_by("-pk").annotate(subject=named).values("subject")[:MOST]
    return found
