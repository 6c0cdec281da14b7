"""The starter sets, read from `sets/` beside this file: plain data, in the language of the shop."""

import tomllib
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from catalog.services import ProductSheet, VariantSheet
from shop.policy import OpenHours

HERE = Path(__file__).parent / "sets"
KEYS = ("bakery", "barbershop", "salon", "clinic")
"""In the order in which they are offered."""


@dataclass(frozen=True)
class Example:
    """A product or a service of a set; `minutes` is how long a service takes, 0 for goods."""

    sku: str
    name: str
    category: str
    price: str
    description: str
    minutes: int = 0
    unit: str = "piece"
    price_per: int = 1

    def product(self) -> ProductSheet:
        """Return the product's sheet."""
        return ProductSheet(name=self.name, category_id=None, new_category=self.category, description=self.description)

    def variant(self) -> VariantSheet:
        """Return the sheet of its only variant."""
        return VariantSheet(sku=self.sku, price=Decimal(self.price), unit=self.unit, price_per=self.price_per)


@dataclass(frozen=True)
class StarterSet:
    """What one kind of shop begins with."""

    key: str
    name: str
    about: str
    hours: tuple[OpenHours, ...]
    goods: tuple[Example, ...]
    services: tuple[Example, ...]

    @property
    def skus(self) -> list[str]:
        """Every SKU of the set."""
        return [one.sku for one in (*self.goods, *self.services)]

    @property
    def milestone(self) -> str:
        """Where it is written down when the set was taken first."""
        return f"starter.{self.key}"


def _set(key: str) -> StarterSet:
    read: dict[str, Any] = tomllib.loads((HERE / f"{key}.toml").read_text(encoding="utf-8"))
    hours = [
        OpenHours(weekday=day, opens=time.fromisoformat(row["opens"]), closes=time.fromisoformat(row["closes"]))
        for row in read["hours"]
        for day in row["weekdays"]
    ]
    return StarterSet(
        key=key,
        name=read["name"],
        about=read["about"],
        hours=tuple(sorted(hours, key=lambda row: (row.weekday, row.opens))),
        goods=tuple(Example(**one) for one in read["products"]),
        services=tuple(Example(**one) for one in read["services"]),
    )


SETS = MappingProxyType({key: _set(key) for key in KEYS})
