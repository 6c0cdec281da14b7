"""Tables that go out: read as they are written, so that a shop of any size fits, and no cell is ever worked out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import phonenumbers
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import selectors as catalog
from catalog.models import Variant
from catalog.services.bulk import SEPARATOR
from common.identity import shown_birthday, shown_document
from customers.models import LIVING, CustomerRecord
from inventory.models import StockItem
from orders.models import Order
from payments.models import Payment
from scheduling.models import Service
from spreadsheets.models import Import
from spreadsheets.tables import COLUMNS, IN_STOCK, SOLD_AS

AT_ONCE = 2_000
PERSON, PERSONS_PLACE = "professionals__name", "professionals__sort_key"
Row = Sequence[object]


def headings(kind: str) -> list[str]:
    """Return the first row of a template."""
    return [str(column.title) for column in COLUMNS[kind]]


def products() -> Iterator[Row]:
    """Return the goods that are not archived, a row for each variant, as they are brought back in."""
    shelves = {pk: path.replace(SEPARATOR, " > ") for pk, path in catalog.category_paths().items()}
    sold = {key: str(word) for key, word in SOLD_AS.items()}
    words = {True: _("yes"), False: _("no")}
    on_hand = StockItem.objects.filter(variant=OuterRef("pk")).values("on_hand")
    found = (
        Variant.objects.filter(product__kind="goods")
        .exclude(product__status="archived")
        .annotate(units=Subquery(on_hand[:1]))
        .order_by("product__search_key", "product", "position", "pk")
        .values_list(
            "product__name", "product__category", "name", "sku", "barcode", "price", "unit", "price_per", "options",
            "product__description", "product__status", "is_active", "units",
        )
    )  # fmt: skip

    def row(values: Sequence[Any]) -> Row:
        name, shelf, variant, sku, bars, price, unit, price_per, options, text, status, active, units = values
        said = "; ".join(f"{option['name']}: {option['value']}" for option in options)
        shown = words[status == "published"]
        start = [name, shelves.get(shelf, ""), variant, sku, bars, price, sold[unit, price_per]]
        return [*start, said, text, shown, words[active], None, None, units]

    return _table([*headings(Import.Kind.PRODUCTS), str(IN_STOCK)], found, row)


def services() -> Iterator[Row]:
    """Return the services that are not archived, as they are brought back in."""
    shelves = {pk: path.replace(SEPARATOR, " > ") for pk, path in catalog.category_paths().items()}
    words = {True: _("yes"), False: _("no")}
    found = (
        Service.objects.exclude(variant__product__status="archived")
        .annotate(performers=StringAgg(PERSON, delimiter="; ", order_by=PERSONS_PLACE, default=""))
        .order_by("variant__product__search_key", "pk")
        .values_list(
            "variant__product__name", "variant__product__category", "variant__sku", "variant__price",
            "duration_minutes", "performers", "variant__product__description", "variant__product__status",
        )
    )  # fmt: skip

    def row(values: Sequence[Any]) -> Row:
        name, shelf, sku, price, minutes, performers, text, status = values
        return [
            name,
            shelves.get(shelf, ""),
            sku,
            price,
            f"{minutes} min",
            performers,
            text,
            words[status == "published"],
        ]

    return _table(headings(Import.Kind.SERVICES), found, row)


def people() -> Iterator[Row]:
    """Return the customers the shop knows, as they are brought back in."""
    found = (
        CustomerRecord.objects.filter(LIVING)
        .order_by("sort_key", "pk")
        .values_list("name", "phone", "email", "document", "birthday", "tags", "notes")
    )

    def row(values: Sequence[Any]) -> Row:
        name, phone, email, document, birthday, tags, notes = values
        # With their marks, so that no program takes them for numbers and drops a zero.
        return [
            name,
            _national(phone),
            email,
            shown_document(document),
            shown_birthday(birthday),
            ", ".join(tags),
            notes,
        ]

    return _table(headings(Import.Kind.CUSTOMERS), found, row)


def orders(*, reach: bool = True) -> Iterator[Row]:
    """Return every order, the newest first; with how to `reach` its customer, or the name alone."""
    head = [
        _("Order"), _("Placed at"), _("Status"), _("Customer"), *([_("E-mail"), _("Phone")] if reach else []),
        _("Subtotal"), _("Discount"), _("Delivery"), _("Total"), _("Cancelled"), _("Paid"), _("Refunded"),
    ]  # fmt: skip
    found = Order.objects.order_by("-placed_at", "-pk").values_list(
        "number", "placed_at", "status", "contact__name", *(["contact__email", "contact__phone"] if reach else []),
        "subtotal", "discount", "shipping", "total", "cancelled", "paid", "refunded",
    )  # fmt: skip
    zone, statuses = timezone.get_current_timezone(), _words(Order.Status.choices)

    def row(values: Sequence[Any]) -> Row:
        number, placed_at, status, *rest = values
        return [number, placed_at.astimezone(zone), statuses.get(status, status), *rest]

    return _table(head, found, row)


def payments() -> Iterator[Row]:
    """Return every payment, the newest first."""
    head = [
        _("Payment"), _("Order"), _("Noted at"), _("Received at"), _("Way to pay"), _("Status"), _("Amount"),
        _("Currency"),
    ]  # fmt: skip
    found = Payment.objects.order_by("-created_at", "-pk").values_list(
        "public_id", "order__number", "created_at", "received_at", "method", "status", "amount", "currency"
    )
    zone = timezone.get_current_timezone()
    methods, statuses = _words(Order.PaymentMethod.choices), _words(Payment.Status.choices)

    def row(values: Sequence[Any]) -> Row:
        key, number, created_at, received_at, method, status, amount, currency = values
        received = received_at.astimezone(zone) if received_at else None
        way, state = methods.get(method, method), statuses.get(status, status)
        return [str(key), number, created_at.astimezone(zone), received, way, state, amount, currency]

    return _table(head, found, row)


def _table(head: Row, found: QuerySet[Any, Any], row: Callable[[Sequence[Any]], Row]) -> Iterator[Row]:
    """Return the rows of a query as they are read; words and zone are those of whoever asked, known before."""
    return chain([head], map(row, found.iterator(AT_ONCE)))


def _national(phone: str) -> str:
    """Return a number of this country as it is dialled here: (11) 98765-4321."""
    if not phone.startswith("+55"):
        return phone
    return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.NATIONAL)


def _words(choices: Iterable[tuple[str, Any]]) -> dict[str, str]:
    return {code: str(word) for code, word in choices}


@dataclass(frozen=True)
class Export:
    """A table that can be saved: what it is called, who may have it, and its rows.

    `bare`: what those get who may not save data about people; None where there are none in it.
    """

    title: str | Promise
    permission: str
    rows: Callable[[], Iterator[Row]]
    bare: Callable[[], Iterator[Row]] | None = None

    def rows_for(self, *, may: Callable[[str], bool]) -> Iterator[Row]:
        """Return the rows as whoever `may` do this or that gets them."""
        return self.bare() if self.bare is not None and not may(PEOPLE) else self.rows()


PEOPLE = "spreadsheets.export_people"


EXPORTS: Mapping[str, Export] = {
    "products": Export(gettext_lazy("Products and stock"), "spreadsheets.export_sheet", products),
    "services": Export(gettext_lazy("Services"), "spreadsheets.export_sheet", services),
    "customers": Export(gettext_lazy("Customers"), PEOPLE, people),
    "orders": Export(gettext_lazy("Orders"), "spreadsheets.export_money", orders, partial(orders, reach=False)),
    "payments": Export(gettext_lazy("Payments"), "spreadsheets.export_money", payments),
}
