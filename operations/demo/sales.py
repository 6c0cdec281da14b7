"""What the demonstration has sold: a handful of orders in every state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from cart import services as carts
from cart.pricing import FilledCart
from cart.services import Units
from common.actors import Actor
from inventory import services as inventory
from inventory.errors import OutOfStock
from operations.demo import people
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.services import Contact, Handover, Pickup, Placement
from payments import services as payments

STAFF = Access(staff=True)
GUEST = Actor(kind="guest", id="", door="command")
DOMAIN = "clientes.example"


@dataclass(frozen=True)
class Sale:
    """One order to place: `ago` before now, and what is to become of it."""

    email: str
    name: str
    units: dict[str, int]
    ago: timedelta
    fate: str
    note: str = ""
    known: bool = False

    @property
    def payment_method(self) -> str:
        """How it is paid."""
        return "transfer" if self.fate in ("transferred", "unpaid", "waiting") else "on_site"


EXAMPLES = (
    Sale("rita", "Rita Camargo", {"PAO-FRANCES-10": 1, "CAFE-250-COADO": 1}, timedelta(days=3), "unpaid"),
    Sale("cliente", "", {"BOLO-FUBA-INT": 1, "PAO-QUEIJO-G": 4}, timedelta(days=2), "completed", known=True),
    Sale("sergio", "Sérgio Matos", {"CESTA-CAFE-2": 1}, timedelta(days=1), "transferred", "É para presente."),
    Sale("helena", "Helena Prado", {"COXINHA-CATU": 6, "MATE-NAT": 2}, timedelta(hours=20), "cancelled"),
    Sale("tiago", "Tiago Rocha", {"PAO-ITALIANO-G": 1, "BRIGADEIRO-TRAD": 6}, timedelta(hours=3), "ready"),
    Sale("paula", "Paula Neves", {"POMADA-MATTE-80": 1, "OLEO-BARBA-MAD": 1}, timedelta(hours=1), "picked"),
    Sale("cliente", "", {"CROISSANT-TRAD": 2, "CAPPUCCINO-G": 2}, timedelta(minutes=40), "confirmed", known=True),
    Sale("davi", "Davi Moreira", {"BOLO-CHOC-P": 1}, timedelta(minutes=15), "waiting", "Escrever: Feliz dia, mãe!"),
)


def missing_orders() -> int:
    """Count the example orders; a shop that has sold anything needs none."""
    return 0 if Order.objects.exists() else len(EXAMPLES)


def make_orders(*, now: datetime) -> None:
    """Place the example orders, and let become of each what it is to show."""
    for sale in EXAMPLES:
        _make(sale=sale, now=now)


def _make(*, sale: Sale, now: datetime) -> None:
    then = now - sale.ago
    cart = _filled_cart(sale=sale, now=then)
    buyer = people.customer() if sale.known else None
    contact = Contact(
        name=buyer.name if buyer else sale.name,
        email=buyer.email if buyer else f"{sale.email}@{DOMAIN}",
        phone=buyer.phone if buyer else "",
    )
    answer = orders.place_order(
        placement=Placement(
            cart=cart.public_id,
            expected_total=cart.prices.total,
            contact=contact,
            payment_method=sale.payment_method,
            fulfilment=Pickup(),
            note=sale.note,
        ),
        customer_id=buyer.pk if buyer else None,
        actor=Actor(kind="customer", id=str(buyer.user_id), door="command") if buyer else GUEST,
        now=then,
    )
    order = Order.objects.get(number=answer.body["number"])
    _let_become(order=order, fate=sale.fate, then=then + timedelta(minutes=10), now=now)


def _filled_cart(*, sale: Sale, now: datetime) -> FilledCart:
    """Return a cart with the sale's units; what is sold out is received first."""
    units = [Units(sku=sku, quantity=quantity) for sku, quantity in sale.units.items()]
    buyer = people.customer().pk if sale.known else None
    for _attempt in units:
        try:
            return carts.open_cart(units=units, customer_id=buyer, now=now)
        except OutOfStock as refusal:
            inventory.adjust_stock(
                sku=str(refusal.data["sku"]),
                operation="add",
                quantity=200,
                reason=_("Received from the supplier"),
                actor=people.counter(),
                now=now,
            )
    return carts.open_cart(units=units, customer_id=buyer, now=now)


def _let_become(*, order: Order, fate: str, then: datetime, now: datetime) -> None:
    staff = people.counter()
    if fate == "cancelled":
        orders.cancel_order(number=order.number, reason=_("Changed plans"), access=STAFF, actor=staff, now=then)
    elif fate == "transferred":
        payments.confirm_order(
            number=order.number, amount=order.total, reference="Pix", access=STAFF, actor=staff, now=then
        )
    elif fate in STEPS:
        _hand_over(order=order, verbs=STEPS[fate], staff=staff, then=then)
        if fate == "completed":
            collected = then + timedelta(minutes=5)
            payments.take_payment(
                number=order.number, method="on_site", access=STAFF, actor=staff, now=collected, once=None
            )
            orders.complete_order(number=order.number, access=STAFF, actor=staff, now=collected)
    elif fate == "unpaid" and order.expires_at is not None and order.expires_at <= now:
        orders.expire_due_orders(now=order.expires_at)


STEPS = {"picked": ("pick",), "ready": ("pick", "ready"), "completed": ("pick", "ready", "deliver")}


def _hand_over(*, order: Order, verbs: Sequence[str], staff: Actor, then: datetime) -> None:
    handovers = [Handover(line=line.public_id, quantity=line.quantity) for line in order.lines.all()]
    begun = orders.begin_fulfilment(number=order.number, handovers=handovers, tracking="", access=STAFF, now=then)
    for verb in verbs:
        orders.advance_fulfilment(
            number=order.number, fulfilment_id=UUID(begun["id"]), verb=verb, access=STAFF, actor=staff, now=then
        )
