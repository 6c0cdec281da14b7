"""The shop in which people walk: a bakery that cuts hair, on a Monday at nine, with something of every kind to do."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from accounts.models import User
from backoffice.tests.desk import member
from catalog.models import Category, Product
from catalog.services.variants import index
from catalog.tests import factories as catalog
from common.transactions import run_unit_of_work
from counter import services as counter
from counter.services import Goods, Sale, Tendered
from inventory.tests.factories import MONDAY, receive
from orders import tasks
from orders.models import Order
from orders.tests.factories import STAFF, ordered
from scheduling.models import Appointment, Professional
from scheduling.tests import factories as agenda
from scheduling.tests.factories import at
from shop import services as shop


@dataclass(frozen=True)
class Premises:
    """Who is at the desk, and what waits for them."""

    owner: User
    visit: Appointment
    due: Appointment
    asked: Appointment
    pickup: Order
    transfer: Order
    sold: str


def furnish() -> Premises:
    """Fill an empty database."""
    shop.open_settings()
    shop.set_policy(key="pix_key", value="loja@example.com", actor=STAFF, now=MONDAY)
    owner = member(role="owner")
    _shelves()
    people = _salon()
    visit = agenda.booked(at(11, day=0), "CORTE", name="Maria Souza", phone="+5511987654321", actor=STAFF)
    due = agenda.booked(
        at(9, day=0), "CORTE", name="Pedro Lima", phone="+5511955554444", email="pedro@example.com",
        who=people["Bia"].public_id, actor=STAFF,
    )  # fmt: skip
    asked = agenda.booked(
        at(15, day=1), "COLORACAO", name="Carla Dias", phone="+5511933332222", email="carla@example.com"
    )
    pickup = ordered(units={"PAO": 10})
    transfer = ordered(units={"BOLO": 1}, payment_method="transfer")
    sold = counter.sell(
        sale=Sale(
            goods=(Goods(sku="BOLO", quantity=1),), name="Maria Souza", phone="+5511987654321",
            payments=(Tendered(tender="cash", amount=Decimal("32.00")),),
        ),
        key=uuid4(), actor=STAFF, now=MONDAY,
    )  # fmt: skip
    tasks.know_customers()
    return Premises(
        owner=owner, visit=visit, due=due, asked=asked, pickup=pickup, transfer=transfer, sold=sold.numbers[0]
    )


def _shelves() -> None:
    category = Category.objects.create(slug="padaria", name="Padaria")
    for name, sku, price, units, sold in (
        ("Pão francês", "PAO", "0.90", 200, {}),
        ("Bolo de fubá", "BOLO", "32.00", 6, {}),
        ("Queijo meia cura", "QUEIJO", "62.90", 9000, {"unit": "g", "price_per": 1000}),
    ):
        product = catalog.product(name=name, slug=sku.lower(), category=category)
        catalog.variant(product=product, sku=sku, price=Decimal(price), **sold)
        receive(sku=sku, units=units)
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)


def _salon() -> dict[str, Professional]:
    cut = agenda.service(price="60.00")
    colour = agenda.service(sku="COLORACAO", price="180.00", minutes=90, requires_confirmation=True)
    people = {name: agenda.professional(name=name, performs=[cut, colour]) for name in ("Ana", "Bia")}
    for product in Product.objects.filter(kind="service"):
        run_unit_of_work(index, product=product, now=MONDAY)
    return people
