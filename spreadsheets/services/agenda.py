"""Services from a spreadsheet: name, price, length, and who performs them.

A shop has some dozens of them, so they are written one after the other by the agenda's and the catalogue's own
services, all in one unit of work.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import selectors
from catalog import services as catalog
from catalog.models import Product
from catalog.services import ProductSheet, VariantSheet, bulk
from catalog.services.bulk import ProductRow
from common.actors import Actor
from common.errors import Malformed
from common.text import one_line, search_key
from common.transactions import within_unit_of_work
from scheduling import services as scheduling
from scheduling.models import Professional, ProfessionalService, Service
from spreadsheets import cells
from spreadsheets.cells import CellError
from spreadsheets.errors import ChangedMeanwhile
from spreadsheets.models import Import, ImportRow
from spreadsheets.services.paths import path_of
from spreadsheets.services.reading import Errors
from spreadsheets.tables import length_of
from spreadsheets.wording import cell_problem

MOST = 500

PROBLEMS: Mapping[str, str | Promise] = {
    "is_goods": gettext_lazy("This is the SKU of a product, and this is a spreadsheet of services."),
    "several_services": gettext_lazy("There are several services of this name. Write the SKU of the one you mean."),
    "length_missing": gettext_lazy("A new service needs a duration."),
    "too_many_services": gettext_lazy("More than 500 services are too many for one spreadsheet. Split it in two."),
    "unknown_person": gettext_lazy("Nobody who performs services is called so. Write the name as it is on their page."),
    "several_people": gettext_lazy("Several who perform services are called so. Choose them on the service's page."),
}
"""Why a row cannot be, beside the reasons of products."""


@dataclass
class _Shop:
    """What there is, looked up once for a whole table."""

    services: dict[str, Service]
    by_name: dict[str, list[Service]]
    goods: set[str]
    people: dict[str, list[Professional]]
    performed: dict[int, list[ProfessionalService]]
    paths: dict[int, str]
    shelves: dict[tuple[str, ...], int] = field(default_factory=dict)
    unclear: set[tuple[str, ...]] = field(default_factory=set)


@dataclass
class _Judged:
    """A row, the service it is about or none yet, and what would become of it."""

    row: ImportRow
    service: Service | None
    people: list[Professional] | None = None


def parsed(given: Mapping[str, str]) -> tuple[dict[str, Any], Errors]:
    """Return what the cells of a row say, as JSON values, and what is wrong with which column."""
    errors: Errors = []

    def read(key: str, how: Callable[[str], Any]) -> Any:
        text = given.get(key, "")
        try:
            return how(text) if text else None
        except CellError as problem:
            errors.append((key, cell_problem(problem)))
        except Malformed as refusal:
            errors.extend((key, error.detail) for error in refusal.errors)
        except ValidationError as problem:
            errors.extend((key, text) for text in problem.messages)
        return None

    row = ProductRow(
        sku=given.get("sku", ""),
        name=given.get("name") or None,
        description=given.get("description") or None,
        category=read("category", path_of),
        shown=read("shown", cells.yes_no),
        price=read("price", cells.amount),
    )
    duration = read("duration", length_of)
    if not row.sku and row.name is None:
        errors.append(("name", _("Write the name of the service or its SKU.")))
    try:
        content = bulk.judged(row=row)
    except Malformed as refusal:
        return {}, errors + [(error.pointer.strip("/"), error.detail) for error in refusal.errors]
    names = [one_line(name) for name in given.get("performers", "").split(";") if name.strip()]
    return {**content, "duration": duration, "performers": names or None}, errors


@within_unit_of_work
def compare(*, run: Import, now: datetime) -> str:
    """Write down what becomes of each row, and return the seal of what was found."""
    judged = _judge(run)
    ImportRow.objects.bulk_update([one.row for one in judged], ["what", "changes", "errors"])
    return _seal(judged)


@within_unit_of_work
def write(*, run: Import, seal: str, reason: str, actor: Actor, now: datetime) -> None:
    """Write what the preview showed. Raises ChangedMeanwhile, WouldStrand."""
    judged = _judge(run, locked=True)
    if _seal(judged) != seal:
        raise ChangedMeanwhile()
    wanted = {tuple(one.row.content["category"]) for one in judged if one.row.content["category"]}
    there, _unclear = bulk.shelves_there(paths=sorted(wanted))
    shelves = there | catalog.put_up(paths=wanted - there.keys())
    rows: list[Any] = []
    gone: list[ProfessionalService] = []
    for one in judged:
        if one.row.what not in ("new", "changed"):
            continue
        fresh = one.service is None
        service = _written(one, shelves=shelves, actor=actor, now=now)
        if one.people is not None:
            kept = {} if fresh else {row.professional_id: row for row in service.performed.all()}
            chosen = {person.pk for person in one.people}
            gone += [row for pk, row in kept.items() if pk not in chosen]
            rows += [ProfessionalService(service=service, professional_id=pk) for pk in sorted(chosen - kept.keys())]
        if not fresh:
            rows.append(service)
    if rows:
        scheduling.keep_rows(rows=rows, gone=gone, now=now)


def _written(one: _Judged, *, shelves: Mapping[tuple[str, ...], int], actor: Actor, now: datetime) -> Service:
    """Write the catalogue's side of a row, and return its service with its length."""
    content = one.row.content
    shelf = shelves[tuple(content["category"])] if content["category"] else None
    if one.service is None:
        return scheduling.write_service(
            product=ProductSheet(
                name=content["name"], category_id=shelf or 0, description=content["description"] or ""
            ),
            variant=VariantSheet(sku=content["sku"], price=Decimal(content["price"])),
            service=Service(duration_minutes=content["duration"]),
            published=content["shown"] is not False,
            actor=actor,
            now=now,
        )
    service, variant = one.service, one.service.variant
    product = variant.product
    changed = {key for key, _old, _new in one.row.changes}
    if changed - {"duration", "performers"}:
        price = variant.price if content["price"] is None else Decimal(content["price"])
        text = product.description if content["description"] is None else content["description"]
        catalog.rewrite_product(
            product_id=product.pk,
            sheet=ProductSheet(
                name=content["name"] or product.name,
                category_id=shelf or product.category_id,
                description=text,
                pickup_lead_minutes=product.pickup_lead_minutes,
                deposit=product.deposit,
            ),
            variants=[
                VariantSheet(
                    sku="", pk=variant.pk, price=price, name=variant.name, options=variant.options,
                    is_active=variant.is_active, position=variant.position,
                )
            ],
            shown=content["shown"] if "shown" in changed else None,
            actor=actor,
            now=now,
        )  # fmt: skip
    service.duration_minutes = content["duration"] or service.duration_minutes
    return service


def _judge(run: Import, *, locked: bool = False) -> list[_Judged]:
    rows = list(ImportRow.objects.filter(run=run).exclude(what="wrong").order_by("number"))
    shop = _shop(rows, locked=locked)
    seen: set[tuple[str, str]] = set()
    judged = [_judged(row, shop=shop) for row in rows]
    for place, one in enumerate(judged):
        named = (one.row.content["sku"], "") if one.row.content["sku"] else ("", search_key(one.row.content["name"]))
        key = ("", f"#{one.service.pk}") if one.service else named
        if key in seen:
            one.row.errors = [["name", "row_twice"]]
        seen.add(key)
        if place >= MOST:
            one.row.errors = [["name", "too_many_services"]]
        if one.row.errors:
            one.row.what, one.row.changes = "wrong", []
    return judged


def _shop(rows: Sequence[ImportRow], *, locked: bool) -> _Shop:
    found = Service.objects.select_related("variant__product").order_by("pk")
    services = list(found.select_for_update(of=("self",), no_key=True) if locked else found)
    by_name: dict[str, list[Service]] = defaultdict(list)
    for service in services:
        if service.variant.product.status != Product.Status.ARCHIVED:
            by_name[search_key(service.variant.product.name)].append(service)
    people: dict[str, list[Professional]] = defaultdict(list)
    for person in Professional.objects.filter(is_active=True).order_by("pk"):
        people[search_key(person.name)].append(person)
    performed: dict[int, list[ProfessionalService]] = defaultdict(list)
    for row in ProfessionalService.objects.select_related("professional").order_by("pk"):
        performed[row.service_id].append(row)
    skus = [row.content["sku"] for row in rows if row.content["sku"]]
    wanted = {tuple(row.content["category"]) for row in rows if row.content["category"]}
    shelves, unclear = bulk.shelves_there(paths=sorted(wanted))
    return _Shop(
        services={service.variant.sku: service for service in services},
        by_name=by_name,
        goods=set(Product.objects.filter(kind="goods", variants__sku__in=skus).values_list("variants__sku", flat=True)),
        people=people,
        performed=performed,
        paths=selectors.category_paths(),
        shelves=shelves,
        unclear=set(unclear),
    )


def _judged(row: ImportRow, *, shop: _Shop) -> _Judged:
    content = row.content
    row.what, row.changes, row.errors = "new", [], []
    alike = shop.by_name.get(search_key(content["name"] or ""), []) if not content["sku"] else []
    service = shop.services.get(content["sku"]) if content["sku"] else (alike[0] if len(alike) == 1 else None)
    path = tuple(content["category"]) if content["category"] else None
    archived = service is not None and service.variant.product.status == Product.Status.ARCHIVED
    problems = [
        ("sku", "is_goods", content["sku"] in shop.goods),
        ("name", "several_services", len(alike) > 1),
        ("sku", "unknown_sku", service is None and content["name"] is None),
        ("price", "price_missing", service is None and content["price"] is None),
        ("duration", "length_missing", service is None and content["duration"] is None),
        ("category", "category_missing", service is None and path is None),
        ("category", "category_unclear", path in shop.unclear),
        ("shown", "archived", archived and content["shown"]),
    ]
    row.errors = [[column, problem] for column, problem, holds in problems if holds][:1]
    people: list[Professional] | None = None
    if content["performers"] is not None:
        found = [shop.people.get(search_key(name), []) for name in content["performers"]]
        if any(len(one) != 1 for one in found):
            row.errors = [["performers", "several_people" if all(found) else "unknown_person"]]
        people = [one[0] for one in found if one]
    if service is not None and not row.errors:
        row.changes = _changes(content, service=service, people=people, shop=shop)
        row.what = "changed" if row.changes else "same"
    return _Judged(row=row, service=service, people=people)


def _changes(
    content: Mapping[str, Any], *, service: Service, people: list[Professional] | None, shop: _Shop
) -> list[list[Any]]:
    product, price = service.variant.product, content["price"]
    performers = "; ".join(sorted((row.professional.name for row in shop.performed[service.pk]), key=search_key))
    chosen = None if people is None else "; ".join(sorted({person.name for person in people}, key=search_key))
    path = content["category"] and tuple(content["category"])
    shelf = shop.shelves.get(path) if path else product.category_id
    there, wanted = shop.paths[product.category_id], shop.paths.get(shelf or 0, bulk.SEPARATOR.join(path or ()))
    shown = product.status == Product.Status.PUBLISHED
    pairs = [
        ("name", product.name, content["name"]),
        ("description", product.description, content["description"]),
        ("category", there, wanted if shelf != product.category_id else None),
        ("shown", shown, content["shown"]),
        ("price", str(service.variant.price), price),
        ("duration", service.duration_minutes, content["duration"]),
        ("performers", performers, chosen),
    ]
    return [[key, old, new] for key, old, new in pairs if new is not None and old != new]


def _seal(judged: Sequence[_Judged]) -> str:
    found = hashlib.sha256()
    for one in judged:
        told = (one.row.number, one.row.what, one.service.pk if one.service else None, one.row.changes)
        found.update(repr(told).encode())
    return found.hexdigest()
