"""The content of the demonstration shop, read from `demo.toml` and `pictures/` beside this file.

Plain data, in the language of the shop. Amounts are text here, because they are turned into money by
the same service that reads what the owner types.
"""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog.deposits import NO_DEPOSIT, Deposit

HERE = Path(__file__).parent


@dataclass(frozen=True)
class DemoHours:
    """When the shop is open on some weekdays, as wall clock times."""

    weekdays: list[int]
    opens: str
    closes: str


@dataclass(frozen=True)
class DemoCategory:
    """A branch of the tree; `parent` is the slug of the branch it grows from."""

    slug: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class DemoVariant:
    """One SKU: price in reais for `price_per` units, option name -> value, and the units the shop opens with."""

    sku: str
    name: str
    price: str
    stock: int = 0
    unit: str = "piece"
    price_per: int = 1
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoProduct:
    """One product. `lead` is its notice for pickup in minutes."""

    slug: str
    name: str
    category: str
    description: str
    variants: list[DemoVariant]
    kind: str = "goods"
    lead: int | None = None
    deposit: Deposit = NO_DEPOSIT

    def picture(self) -> bytes:
        """Return its picture, a WebP."""
        return (HERE / "pictures" / f"{self.slug}.webp").read_bytes()


@dataclass(frozen=True)
class DemoService:
    """How long a service of the catalogue takes, and where."""

    sku: str
    minutes: int
    rooms: list[str]
    after: int = 0
    places: int = 1
    confirm: bool = False
    deposit: Deposit = NO_DEPOSIT


@dataclass(frozen=True)
class DemoCombination:
    """Services, by SKU, that have a price in reais and a length of their own together."""

    services: list[str]
    price: str
    minutes: int


@dataclass(frozen=True)
class DemoShift:
    """When somebody works on some weekdays, in whole hours."""

    weekdays: list[int]
    opens: int
    closes: int


@dataclass(frozen=True)
class DemoProfessional:
    """Somebody who works: SKUs they perform, and shifts. `key` stays when they are renamed."""

    key: str
    name: str
    bio: str
    performs: list[str]
    shifts: list[DemoShift]
    login: bool = False


@dataclass(frozen=True)
class DemoOrder:
    """One order: placed `minutes_ago` before the demonstration began, and what became of it. Known: the customer's."""

    units: dict[str, int]
    minutes_ago: int
    fate: str
    buyer: str = ""
    email: str = ""
    note: str = ""
    known: bool = False

    @property
    def payment_method(self) -> str:
        """How it is paid."""
        return "transfer" if self.fate in ("transferred", "unpaid", "waiting") else "on_site"


@dataclass(frozen=True)
class DemoRegular:
    """Somebody who comes again and again, and what the shop has written down about them."""

    name: str
    phone: str
    birthday: str = ""
    tags: list[str] = field(default_factory=list)
    notes: str = ""


@dataclass(frozen=True)
class DemoCommission:
    """What a professional earns: a share of all services, or an amount for one; `fee` is the card's, borne by both."""

    professional: str
    percent: str = ""
    service: str = ""
    amount: str = ""
    fee: str = ""


def _product(*, variants: list[dict[str, Any]], deposit: dict[str, Any] | None = None, **values: Any) -> DemoProduct:
    return DemoProduct(variants=[DemoVariant(**variant) for variant in variants], deposit=_deposit(deposit), **values)


def _service(*, deposit: dict[str, Any] | None = None, **values: Any) -> DemoService:
    return DemoService(deposit=_deposit(deposit), **values)


def _deposit(content: dict[str, Any] | None) -> Deposit:
    asked = content or {}
    return Deposit(percent=asked.get("percent", 0), amount=Decimal(asked.get("amount", "0.00")))


def _professional(*, shifts: list[dict[str, Any]], **values: Any) -> DemoProfessional:
    return DemoProfessional(shifts=[DemoShift(**shift) for shift in shifts], **values)


_CONTENT = tomllib.loads((HERE / "demo.toml").read_text())

SHOP: dict[str, object] = _CONTENT["shop"]
HOURS = [DemoHours(**hours) for hours in _CONTENT["hours"]]
LOGIN_NAMES: dict[str, str] = _CONTENT["logins"]
CUSTOMER: dict[str, Any] = _CONTENT["customer"]
CATEGORIES = [DemoCategory(**category) for category in _CONTENT["categories"]]
PRODUCTS = [_product(**product) for product in _CONTENT["products"]]
ROOMS: list[str] = _CONTENT["agenda"]["rooms"]
BUSY: list[float] = _CONTENT["agenda"]["busy"]
MENU: list[list[str]] = _CONTENT["agenda"]["menu"]
SERVICES = {service["sku"]: _service(**service) for service in _CONTENT["services"]}
COMBINATIONS = [DemoCombination(**combination) for combination in _CONTENT["combinations"]]
PROFESSIONALS = [_professional(**person) for person in _CONTENT["professionals"]]
BASKETS: list[dict[str, int]] = _CONTENT["takings"]["baskets"]
REGULARS = [DemoRegular(**regular) for regular in _CONTENT["takings"]["regulars"]]
COMMISSIONS = [DemoCommission(**commission) for commission in _CONTENT["commissions"]]
ORDERS = [DemoOrder(**order) for order in _CONTENT["orders"]]
FIRST_NAMES: list[str] = _CONTENT["people"]["first"]
LAST_NAMES: list[str] = _CONTENT["people"]["last"]
VISIT_NOTES: list[str] = _CONTENT["people"]["visit_notes"]
ORDER_NOTES: list[str] = _CONTENT["people"]["order_notes"]
