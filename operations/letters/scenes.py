"""A week of a shop that sells cakes and haircuts: each scene is something that happened, and so a letter.

Nothing here touches the database; orders and visits are only made up far enough to be written about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from orders.messages import OrderFacts, facts_from
from orders.models import Order, OrderContact, OrderLine, OrderLineCancellation
from payments.models import MoneyCase
from scheduling.messages import VisitFacts
from scheduling.models import Appointment, AppointmentService, Professional
from scheduling.selectors import ClaimedVisit
from shop.policy import Policy

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""Monday, nine in the morning in São Paulo."""

VISIT_AT = datetime(2026, 3, 7, 13, 0, tzinfo=UTC)
PICKUP_AT = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)
POLICY = Policy(
    name="Dois Irmãos",
    email="loja@dois-irmaos.example",
    address="Rua das Flores, 10",
    whatsapp="+5511987654321",
    payment_methods=("on_site", "transfer", "pix"),
    transfer_instructions="Chave Pix: loja@dois-irmaos.example",
)
NOTHING = Decimal("0.00")
VISIT_ID = UUID(int=2)
CAKE = ("goods", "Bolo de chocolate", 2, Decimal("60.00"))
CUT = ("visit", "Corte e barba", 1, Decimal("99.00"))
FREE = ("visit", "Primeira conversa", 1, NOTHING)
Item = tuple[str, str, int, Decimal]


@dataclass(frozen=True)
class OrderScene:
    """Something that happened to an order. `due_now`: what confirming it asked; `gone`: the items called off since.

    `at_stake`: what calling it off late would cost, `fee`: what is kept for that.
    """

    title: str
    cause: str
    items: Sequence[Item]
    method: str = "on_site"
    status: str = "confirmed"
    due_now: Decimal = NOTHING
    paid: Decimal = NOTHING
    refunded: Decimal = NOTHING
    fee: Decimal = NOTHING
    at_stake: Decimal = NOTHING
    gone: Sequence[Item] = field(default_factory=tuple)
    visit_state: str = "confirmed"
    by_customer: bool = False
    delivery: bool = False

    def order(self, *, language: str) -> Order:
        """Return the order as it stands after what happened."""
        goods = any(item[0] == "goods" for item in self.items)
        collected = goods and not self.delivery
        total = sum((price * quantity for _kind, _name, quantity, price in self.items), NOTHING)
        called_off = sum((price * quantity for _kind, _name, quantity, price in self.gone), NOTHING)
        return Order(
            pk=1,
            public_id=UUID(int=3),
            number="7K2MX4PQR",
            status=self.status,
            payment_method=self.method,
            currency="BRL",
            total=total,
            amount_due_now=self.due_now,
            cancelled=total if self.status == "cancelled" else called_off,
            late_fee=self.fee,
            paid=self.paid,
            refunded=self.refunded,
            fulfilment_method="pickup" if collected else "delivery" if goods else "",
            pickup_starts_at=PICKUP_AT if collected else None,
            pickup_ends_at=PICKUP_AT + timedelta(hours=1) if collected else None,
            language=language,
            placed_at=NOW,
            expires_at=NOW + timedelta(days=1) if self.status == "pending" else None,
        )

    def lines(self, *, order: Order) -> list[OrderLine]:
        """Return its lines, each with its cancellation if it was called off."""
        lines = []
        for place, item in enumerate(self.items):
            kind, name, quantity, price = item
            line = OrderLine(
                order=order, kind=kind, name=name, quantity=quantity, unit_price=price, claim=UUID(int=10 + place)
            )
            line.line_total = price * quantity
            if item in self.gone:
                line.cancellation = OrderLineCancellation(line=line, at=NOW)
            lines.append(line)
        return lines

    def visits(self, *, lines: Sequence[OrderLine]) -> dict[UUID, ClaimedVisit]:
        """Return what is kept of the professional's time, by the claim of its line."""
        return {
            line.claim: ClaimedVisit(
                claim=line.claim,
                appointment=VISIT_ID,
                state="cancelled" if line.name in [item[1] for item in self.gone] else self.visit_state,
                starts_at=VISIT_AT,
                ends_at=VISIT_AT + timedelta(hours=1),
                held_until=None,
                professional_id=UUID(int=4),
                professional="Ana",
                services=(),
                for_sale=True,
                requires_confirmation=False,
            )
            for line in lines
            if line.kind == "visit"
        }

    def facts(self, *, order: Order) -> OrderFacts:
        """Return what decides the letter."""
        living = [item for item in self.items if item not in self.gone]
        return facts_from(
            cause=self.cause,
            status=self.status,
            order=order,
            kinds=[item[0] for item in living],
            awaits_shop=self.visit_state == "requested" and any(item[0] == "visit" for item in living),
            by_customer=self.by_customer,
            at_stake=self.at_stake,
            free_until=VISIT_AT - timedelta(hours=1) if self.at_stake else None,
        )


CONTACT = OrderContact(name="Maria Souza", email="maria@cliente.example", phone="+5511912345678", note="Sem nozes")

ORDERS: Sequence[OrderScene] = (
    OrderScene("Goods ordered, paid at the counter", "placed", [CAKE]),
    OrderScene(
        "Goods ordered, by transfer", "placed", [CAKE], method="transfer", status="pending", due_now=Decimal("120.00")
    ),
    OrderScene("Goods ordered, by Pix", "placed", [CAKE], method="pix", status="pending", due_now=Decimal("120.00")),
    OrderScene(
        "A visit with a deposit ordered, by transfer",
        "placed",
        [CUT],
        method="transfer",
        status="pending",
        due_now=Decimal("29.70"),
        visit_state="held",
    ),
    OrderScene(
        "A visit that the shop must confirm, paid on the spot",
        "placed",
        [CUT],
        status="pending",
        visit_state="requested",
    ),
    OrderScene(
        "Goods and a visit that the shop must confirm, by transfer",
        "placed",
        [CAKE, CUT],
        method="transfer",
        status="pending",
        due_now=Decimal("219.00"),
        visit_state="requested",
    ),
    OrderScene("A visit that costs nothing", "placed", [FREE], method="transfer"),
    OrderScene(
        "The whole payment arrived",
        "confirmed",
        [CAKE],
        method="transfer",
        due_now=Decimal("120.00"),
        paid=Decimal("120.00"),
    ),
    OrderScene(
        "The deposit arrived; calling off late costs it",
        "confirmed",
        [CUT],
        method="transfer",
        due_now=Decimal("29.70"),
        paid=Decimal("29.70"),
        at_stake=Decimal("29.70"),
    ),
    OrderScene("The shop accepted the visit, paid on the spot", "confirmed", [CUT]),
    OrderScene(
        "The visit of a paid order was called off",
        "line_cancelled",
        [CAKE, CUT],
        method="transfer",
        due_now=Decimal("219.00"),
        paid=Decimal("219.00"),
        gone=[CUT],
    ),
    OrderScene(
        "The visit of an order to be paid at the counter was called off", "line_cancelled", [CAKE, CUT], gone=[CUT]
    ),
    OrderScene("The pickup was moved", "pickup_moved", [CAKE]),
    OrderScene("The shop sent a new link", "link_renewed", [CAKE]),
    OrderScene("Ready, to be paid at the counter", "ready", [CAKE]),
    OrderScene("Ready, paid", "ready", [CAKE], method="transfer", due_now=Decimal("120.00"), paid=Decimal("120.00")),
    OrderScene(
        "Sent off",
        "shipped",
        [CAKE],
        method="transfer",
        due_now=Decimal("120.00"),
        paid=Decimal("120.00"),
        delivery=True,
    ),
    OrderScene("The customer cancelled, nothing was paid", "cancelled", [CAKE], status="cancelled", by_customer=True),
    OrderScene(
        "The shop cancelled, after the payment",
        "cancelled",
        [CAKE],
        method="transfer",
        status="cancelled",
        due_now=Decimal("120.00"),
        paid=Decimal("120.00"),
    ),
    OrderScene(
        "The shop cancelled while waiting for the transfer",
        "cancelled",
        [CAKE],
        method="transfer",
        status="cancelled",
        due_now=Decimal("120.00"),
    ),
    OrderScene(
        "Called off late at the customer's wish, and the deposit is kept",
        "cancelled",
        [CUT],
        method="pix",
        status="cancelled",
        due_now=Decimal("29.70"),
        paid=Decimal("29.70"),
        fee=Decimal("29.70"),
        visit_state="cancelled",
    ),
    OrderScene(
        "Nobody came to a visit that was paid whole, and a share is kept",
        "cancelled",
        [CUT],
        method="pix",
        status="cancelled",
        due_now=Decimal("99.00"),
        paid=Decimal("99.00"),
        fee=Decimal("49.50"),
        visit_state="no_show",
    ),
    OrderScene(
        "The shop waived the fee",
        "fee_waived",
        [CUT],
        method="pix",
        status="cancelled",
        visit_state="cancelled",
        due_now=Decimal("29.70"),
        paid=Decimal("29.70"),
    ),
    OrderScene(
        "Nobody paid in time", "expired", [CAKE], method="transfer", status="expired", due_now=Decimal("120.00")
    ),
    OrderScene("The shop did not answer in time", "expired", [CUT], status="expired", visit_state="expired"),
    OrderScene(
        "The money came too late",
        "paid_too_late",
        [CAKE],
        method="transfer",
        status="expired",
        due_now=Decimal("120.00"),
        paid=Decimal("120.00"),
    ),
)


@dataclass(frozen=True)
class MoneyScene:
    """Something that is the matter with money. `known`: whether it is of an order of the shop."""

    title: str
    kind: str
    amount: Decimal = Decimal("120.00")
    detail: str = ""
    known: bool = True

    def case(self) -> MoneyCase:
        """Return the case as the money inbox shows it."""
        order = None
        if self.known:
            order = OrderScene("", "placed", [CAKE], method="card").order(language="pt-br")
            order.contact = CONTACT
        return MoneyCase(
            pk=1, kind=self.kind, order=order, amount=self.amount, currency="BRL", detail=self.detail, opened_at=NOW
        )


MONEY: Sequence[MoneyScene] = (
    MoneyScene("Money came late, and the order was taken up again", "revived"),
    MoneyScene("Money came too late", "too_late"),
    MoneyScene("An order was paid twice", "second"),
    MoneyScene("More came than was due", "too_much", amount=Decimal("2.00")),
    MoneyScene("Another amount came", "mismatch", amount=Decimal("12.00"), detail="amount: 12.00 instead of 120.00"),
    MoneyScene("Money of no order", "unknown", detail="no order of ours", known=False),
    MoneyScene("A refund was refused", "refund_refused", detail="charge_expired"),
    MoneyScene("A payment is disputed", "dispute", detail="needs_response"),
)


@dataclass(frozen=True)
class VisitScene:
    """Something that happened to a visit."""

    title: str
    cause: str
    state: str = "confirmed"
    was: str = ""
    by_customer: bool = False
    same_time: bool = False
    in_order: bool = False
    price: Decimal = Decimal("99.00")
    changeable: bool = True
    awaits_click: bool = False

    def visit(self, *, language: str) -> Appointment:
        """Return the visit as it stands after what happened."""
        visit = Appointment(
            pk=1,
            public_id=VISIT_ID,
            state=self.state,
            starts_at=VISIT_AT,
            ends_at=VISIT_AT + timedelta(hours=1),
            contact_name="Maria Souza",
            contact_email="maria@cliente.example",
            contact_phone="+5511912345678",
            language=language,
            total=self.price,
            currency="BRL",
            version=2,
            expires_at=NOW + timedelta(days=1) if self.state == "requested" else None,
            awaits_click=self.awaits_click,
        )
        visit.professional = Professional(name="Ana")
        return visit

    @property
    def services(self) -> list[AppointmentService]:
        """What is done at the visit."""
        return [AppointmentService(name="Corte e barba", price=self.price)]

    @property
    def facts(self) -> VisitFacts:
        """What decides the letter."""
        return VisitFacts(
            cause=self.cause,
            state=self.state,
            was=self.was,
            by_customer=self.by_customer,
            same_time=self.same_time,
            in_order=self.in_order,
            total=self.price,
            changeable=self.changeable,
            awaits_click=self.awaits_click,
        )


VISITS: Sequence[VisitScene] = (
    VisitScene("Booked, paid on the spot", "confirmation"),
    VisitScene("Booked, at no cost", "confirmation", price=NOTHING),
    VisitScene("Confirmed as a part of an order", "confirmation", in_order=True),
    VisitScene("Asked for, to be confirmed by the shop", "request", state="requested"),
    VisitScene("Asked for by a stranger, to be confirmed by a click", "request", state="requested", awaits_click=True),
    VisitScene("Moved", "moved"),
    VisitScene("A request was moved", "moved", state="requested"),
    VisitScene("Another professional, same time", "moved", same_time=True),
    VisitScene("A request for another professional, same time", "moved", state="requested", same_time=True),
    VisitScene("Cancelled by the shop", "cancellation", state="cancelled", was="confirmed"),
    VisitScene("Cancelled by the customer", "cancellation", state="cancelled", was="confirmed", by_customer=True),
    VisitScene(
        "Cancelled by the shop, part of an order", "cancellation", state="cancelled", was="confirmed", in_order=True
    ),
    VisitScene("The shop declined the request", "cancellation", state="cancelled", was="requested"),
    VisitScene(
        "The customer withdrew the request", "cancellation", state="cancelled", was="requested", by_customer=True
    ),
    VisitScene("Nobody answered the request", "cancellation", state="expired", was="requested"),
    VisitScene("The order it was kept for ran out", "cancellation", state="expired", was="held", in_order=True),
    VisitScene("The shop sent a new link", "link"),
    VisitScene("The day before", "reminder"),
    VisitScene("The day before, past the time for changes", "reminder", changeable=False),
)
