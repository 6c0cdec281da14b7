"""Money that goes back: decided by staff or owed by the shop, sent through the gateway it came by, or given by hand.

A refund is written down before anybody is asked to make it, and no two can take the same money: the order's row is
locked, and the database adds up once more. A gateway that refuses leaves the refund owed and in the inbox, until it is
tried again or settled by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, InvalidTransition, Malformed, NotFound
from common.transactions import locked, run_unit_of_work, within_unit_of_work
from common.use_cases import use_case
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from orders.services import Handover
from payments import selectors
from payments.errors import RefundExceedsPaid
from payments.gateways import calls, registry
from payments.gateways.protocol import Declined, PaymentGateway, RefundFact, Returning, Unreachable
from payments.lifecycle import REFUND_STEPS
from payments.models import GatewayEvent, MoneyCase, Payment, Refund
from payments.services import history
from payments.services.cases import open_case
from payments.services.inbox import close_event
from payments.services.limits import judge_refund
from payments.services.owing import handed_back_as, spread, write_debt
from till import services as till

HANDED = {"cash": "cash", "card": "card", "pix": "pix", "transfer": ""}
"""How money is given back by hand, and as what it leaves the drawer; a transfer leaves none."""


@dataclass(frozen=True)
class GivenBack:
    """Money given back at once: one refund, or several where it came by several payments. The first stands for all."""

    refunds: tuple[Refund, ...]

    @property
    def first(self) -> Refund:
        """The refund that stands for all."""
        return self.refunds[0]

    @property
    def amount(self) -> Decimal:
        """What goes back in all."""
        return sum((refund.amount for refund in self.refunds), Decimal("0.00"))

    @property
    def status(self) -> str:
        """How far it is: succeeded once all of it is."""
        waiting = (refund.status for refund in self.refunds if refund.status != Refund.Status.SUCCEEDED)
        return str(next(waiting, Refund.Status.SUCCEEDED))


@use_case()
def refund_order(
    *,
    number: str,
    amount: Decimal | None,
    handed_back: Sequence[Handover],
    restock: bool,
    reason: str,
    access: Access,
    actor: Actor,
    now: datetime,
    by_hand: bool = False,
    handed: str = "",
) -> GivenBack:
    """Give money of an order back, and return what that takes.

    What came by a gateway goes back through it, as soon as this is committed; the rest, and with `by_hand` all of it,
    staff has given back.

    `handed`: as what it is given back by hand (cash, card, pix or transfer); without it as it came. Without `amount`:
    the price of the units handed back, or all that can be refunded. `restock` puts the units handed
    back on the shelf again.

    Raises NotFound, RefundExceedsPaid, TooManyUnits, Malformed (an unknown line), RefundAboveLimit, RefundsAboveDay.
    """
    order = orders.locked_order(number=number, access=access)
    about = uuid4()
    value = orders.take_back(
        order=order, handed_back=handed_back, restock=restock, reference=str(about), actor=actor, now=now
    )
    most = selectors.refundable(order=order)
    wanted = amount if amount is not None else (min(value, most) if handed_back else most)
    if wanted <= 0 or wanted > most:
        raise RefundExceedsPaid(refundable=str(most))
    return give_back(
        order=order, amount=wanted, reason=reason, actor=actor, now=now, by_hand=by_hand, handed=handed, about=about
    )


@within_unit_of_work
def give_back(
    *,
    order: Order,
    amount: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    by_hand: bool = False,
    handed: str = "",
    about: UUID | None = None,
) -> GivenBack:
    """Give an amount of a locked order back, each part the way it came, and return what that takes.

    `about`: the id of the first refund. No more than can be refunded. Raises RefundAboveLimit, RefundsAboveDay.
    """
    judge_refund(amount=amount, actor=actor, now=now)
    made: list[Refund] = []
    for payment, share in spread(order=order, amount=amount):
        through = not by_hand and payment is not None and registry.is_remote(payment.gateway)
        begin = write_debt if through else partial(_by_hand, handed=handed)
        made.append(
            begin(
                order=order,
                payment=payment,
                amount=share,
                reason=reason,
                actor=actor,
                now=now,
                public_id=uuid4() if made or about is None else about,
            )
        )
    return GivenBack(refunds=tuple(made))


@use_case()
def settle_refund(*, refund_id: UUID, actor: Actor, now: datetime, handed: str = "") -> Refund:
    """Record that an owed refund has been given back by hand, `handed` as `refund_order` says. Again changes nothing.

    Raises NotFound, InvalidTransition (a gateway has been asked for it and has not said the last word),
    RefundAboveLimit, RefundsAboveDay.
    """
    refund = _locked(refund_id=refund_id)
    if refund.status == Refund.Status.SENT:
        raise InvalidTransition.of(refund.status, allowed=[])
    if refund.status != Refund.Status.SUCCEEDED:
        judge_refund(amount=refund.amount, actor=actor, now=now, refund=refund)
        drawer = _from_drawer(refund=refund, handed=handed, actor=actor, now=now)
        _succeed(refund=refund, actor=actor, now=now, **drawer)
    return refund


def try_refund_again(*, refund_id: UUID, actor: Actor, now: datetime) -> Refund:
    """Ask the gateway anew for a refund that it refused, and return the refund.

    Raises NotFound, InvalidTransition (it was not refused, or came by no gateway that is configured).
    """
    refund = _sent_anew(refund_id=refund_id, actor=actor, now=now)
    send(refund_id=refund_id, now=now)
    refund.refresh_from_db()
    return refund


@use_case()
def _sent_anew(*, refund_id: UUID, actor: Actor, now: datetime) -> Refund:
    """Write down that the gateway is asked once more, and return the refund."""
    refund = _locked(refund_id=refund_id)
    if refund.status != Refund.Status.REFUSED or _gateway_of(refund=refund) is None:
        raise InvalidTransition.of(refund.status, allowed=[])
    changes: dict[str, Any] = {
        "attempts": refund.attempts + 1,
        "gateway_reference": "",
        "failure": "",
        "looked_at": None,
    }
    history.move(row=refund, target=Refund.Status.SENT.value, actor=actor, now=now, **changes)
    return refund


def send_refund(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Give an owed refund back through its gateway. Called by the outbox; safe to repeat."""
    send(refund_id=UUID(payload["refund"]), now=now)


def send(*, refund_id: UUID, now: datetime) -> bool:
    """Ask the gateway for a refund, under its own key; returns whether the gateway has answered.

    One that the gateway has refused waits for somebody to try it again or to settle it by hand.
    """
    found = run_unit_of_work(_take_up, refund_id=refund_id, now=now)
    if found is None:
        return True
    gateway, returning = found
    try:
        fact = calls.call(gateway, lambda: gateway.refund(returning))
    except Unreachable:
        return False  # whether it was made is unknown; the sweep asks again
    except Declined as declined:
        fact = RefundFact(
            reference=returning.reference,
            status="refused",
            amount=returning.amount,
            currency=returning.currency,
            failure=str(declined),
        )
    actor = Actor(kind="gateway", id=gateway.name, door="task")
    run_unit_of_work(_note, refund_id=refund_id, fact=fact, actor=actor, now=now)
    return True


@within_unit_of_work
def note_refund(*, refund: Refund, fact: RefundFact, actor: Actor, now: datetime) -> None:
    """Write down how a locked refund stands at its gateway; what is known already stays as it is."""
    if fact.reference and not refund.gateway_reference:
        refund.gateway_reference = fact.reference
        refund.save(update_fields=["gateway_reference"])
    elif fact.reference and refund.gateway_reference != fact.reference:
        return  # of an earlier attempt at it
    if refund.tender or fact.status not in REFUND_STEPS[refund.status]:
        return  # known, impossible, or given back by hand meanwhile
    if fact.status == "succeeded":
        _succeed(refund=refund, actor=actor, now=now)
    elif fact.status == "refused":
        _refuse(refund=refund, why=fact.failure, actor=actor, now=now)


@within_unit_of_work
def take_in_refund(
    *, payment: Payment, fact: RefundFact, event: GatewayEvent | None, actor: Actor, now: datetime
) -> None:
    """Do what follows from a refund that a gateway tells of: one of ours, or one made at the gateway itself."""
    order = locked(Order.objects.filter(pk=payment.order_id)).get()
    rows = list(locked(Refund.objects.filter(order=order, payment=payment)))
    for row in rows:
        row.order = order
    found = _known(rows=rows, fact=fact)
    if found is None and fact.status != "refused":
        if fact.amount > selectors.not_owed_back(order=order) or fact.currency != order.currency:
            detail = f"a refund of {fact.amount} {fact.currency} that is not ours"
            open_case(
                kind=MoneyCase.Kind.MISMATCH, about=f"{payment.gateway}:{fact.reference}", order=order, payment=payment,
                event=event, detail=detail, now=now,
            )  # fmt: skip
            close_event(event=event, payment=payment, status=GatewayEvent.Status.QUARANTINED, note=detail, now=now)
            return
        found = Refund(
            order=order,
            payment=payment,
            status=Refund.Status.SENT,
            amount=fact.amount,
            currency=order.currency,
            reason="at_gateway",
            gateway_reference=fact.reference,
            actor_kind=actor.kind,
            actor_id=actor.id,
            created_at=now,
        )
        history.write(row=found, actor=actor, now=now, reason=found.reason)
    if found is not None:
        note_refund(refund=found, fact=fact, actor=actor, now=now)
    close_event(event=event, payment=payment, now=now)


def _known(*, rows: Sequence[Refund], fact: RefundFact) -> Refund | None:
    """Return the refund a gateway tells of: by its word for it, by ours, or the one of that amount it was asked for."""
    for row in rows:
        if fact.reference and row.gateway_reference == fact.reference:
            return row
    for row in rows:
        if fact.refund == row.public_id:
            return row
    asked = (row for row in rows if row.status == Refund.Status.SENT and not row.gateway_reference)
    return next((row for row in asked if fact.refund is None and row.amount == fact.amount), None)


@within_unit_of_work
def _take_up(*, refund_id: UUID, now: datetime) -> tuple[PaymentGateway, Returning] | None:
    """Return what to ask which gateway, the refund written down as sent; None where nobody is to be asked."""
    refund = _locked(refund_id=refund_id)
    gateway, payment = _gateway_of(refund=refund), refund.payment
    if gateway is None or payment is None or refund.status not in (Refund.Status.DUE, Refund.Status.SENT):
        return None
    if refund.status == Refund.Status.DUE:
        actor = Actor.system(door="task")
        history.move(row=refund, target=Refund.Status.SENT.value, actor=actor, now=now, looked_at=now)
    else:
        Refund.objects.filter(pk=refund.pk).update(looked_at=now)
    return gateway, Returning(
        id=refund.public_id,
        key=refund.key,
        payment=payment.gateway_reference,
        amount=refund.amount,
        currency=refund.currency,
        reason=refund.reason,
        reference=refund.gateway_reference,
    )


def _gateway_of(*, refund: Refund) -> PaymentGateway | None:
    return registry.remote(refund.payment.gateway) if refund.payment is not None else None


@within_unit_of_work
def _note(*, refund_id: UUID, fact: RefundFact, actor: Actor, now: datetime) -> None:
    note_refund(refund=_locked(refund_id=refund_id), fact=fact, actor=actor, now=now)


@within_unit_of_work
def _locked(*, refund_id: UUID) -> Refund:
    """Return a refund, its order locked first. Raises NotFound."""
    owed = Refund.objects.filter(public_id=refund_id).values_list("order", flat=True).first()
    if owed is None:
        raise NotFound()
    order = locked(Order.objects.filter(pk=owed)).get()
    refund = locked(Refund.objects.filter(public_id=refund_id)).get()
    refund.order = order
    return refund


@within_unit_of_work
def _by_hand(
    *,
    order: Order,
    payment: Payment | None,
    amount: Decimal,
    reason: str,
    actor: Actor,
    now: datetime,
    public_id: UUID,
    handed: str = "",
) -> Refund:
    refund = Refund(
        public_id=public_id,
        order=order,
        payment=payment,
        status=Refund.Status.SUCCEEDED,
        amount=amount,
        currency=order.currency,
        reason=reason,
        actor_kind=actor.kind,
        actor_id=actor.id,
        created_at=now,
        returned_at=now,
    )
    for name, value in _from_drawer(refund=refund, handed=handed, actor=actor, now=now).items():
        setattr(refund, name, value)
    history.write(row=refund, actor=actor, now=now, reason=reason)
    orders.record_money(order=order, returned=amount)
    return refund


def _from_drawer(*, refund: Refund, handed: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return as what, and from which drawer, a refund is handed back; nothing for what goes over the bank."""
    if handed and handed not in HANDED:
        raise Malformed(errors=[FieldError("/handed", "invalid_choice", _("Choose how it is given back."))])
    came = handed_back_as(order=refund.order, payment=refund.payment)
    tender = HANDED[handed] if handed else came
    if came and not tender:
        told = _("What came over the counter goes back over it: in cash, by card or by Pix.")
        raise Malformed(errors=[FieldError("/handed", "invalid_choice", told)])
    return {"tender": tender, "session": till.session_for(actor=actor, now=now)} if tender else {}


@within_unit_of_work
def _succeed(*, refund: Refund, actor: Actor, now: datetime, **drawer: Any) -> None:
    who = {"actor_kind": actor.kind, "actor_id": actor.id}
    done = Refund.Status.SUCCEEDED.value
    history.move(row=refund, target=done, actor=actor, now=now, returned_at=now, failure="", **who, **drawer)
    orders.record_money(order=refund.order, returned=refund.amount)


@within_unit_of_work
def _refuse(*, refund: Refund, why: str, actor: Actor, now: datetime) -> None:
    """Write down that a refund was refused, also after it had been made, and put it into the inbox."""
    if refund.status == Refund.Status.SUCCEEDED:
        orders.record_money(order=refund.order, returned=-refund.amount)
    refused = Refund.Status.REFUSED.value
    history.move(row=refund, target=refused, actor=actor, now=now, reason=why, failure=why[:200])
    open_case(
        kind=MoneyCase.Kind.REFUND_REFUSED,
        about=f"refund:{refund.public_id}:{refund.attempts}",
        order=refund.order,
        payment=refund.payment,
        refund=refund,
        amount=refund.amount,
        detail=why,
        now=now,
    )
