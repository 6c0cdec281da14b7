"""A sale as it is kept in a column, and read again."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from counter.services.commands import Discount, Goods, Sale, SeatedVisit, WalkIn


def kept(*, sale: Sale) -> dict[str, Any]:
    """Return a sale without its payments, as JSON holds it."""
    return {
        "goods": [asdict(one) for one in sale.goods],
        "visits": [str(one.appointment) for one in sale.visits],
        "walk_ins": [
            {
                "services": [[sku, str(who) if who else None] for sku, who in one.services],
                "force": one.force,
            }
            for one in sale.walk_ins
        ],
        "discount": {**asdict(sale.discount), "value": str(sale.discount.value)} if sale.discount else None,
        "customer": str(sale.customer) if sale.customer else None,
        "name": sale.name,
        "phone": sale.phone,
        "document": sale.document,
        "note": sale.note,
    }


def without_people(row: dict[str, Any]) -> dict[str, Any]:
    """Return a kept sale that tells nobody's name, number or wishes; the record it is under stays, erased by itself."""
    return {**row, "name": "", "phone": "", "document": "", "note": ""}


def sale_from(row: dict[str, Any]) -> Sale:
    """Return the sale that a column holds."""
    discount = row["discount"]
    return Sale(
        goods=tuple(Goods(**one) for one in row["goods"]),
        visits=tuple(SeatedVisit(UUID(one)) for one in row["visits"]),
        walk_ins=tuple(
            WalkIn(
                services=tuple((sku, UUID(who) if who else None) for sku, who in one["services"]), force=one["force"]
            )
            for one in row["walk_ins"]
        ),
        discount=Discount(**{**discount, "value": Decimal(discount["value"])}) if discount else None,
        customer=UUID(row["customer"]) if row["customer"] else None,
        name=row["name"],
        phone=row["phone"],
        document=row["document"],
        note=row["note"],
    )
