"""The sentences and figures of an order, in the language in force. Which are said is decided in `messages`."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.dates import when, written_out
from common.money import format_amount
from common.text import chat_url
from orders.access import pay_token_of
from orders.amounts import amount_due, current_total, payable_by, shown_total
from orders.messages import LIVE, OrderFacts, sentences
from orders.models import Order, OrderLine

SUBJECTS: Mapping[str, Promise] = {
    "placed": _("We have your order %(number)s"),
    "payment_received": _("Payment received: order %(number)s is confirmed"),
    "confirmed": _("Order %(number)s is confirmed"),
    "line_cancelled": _("Order %(number)s has changed"),
    "pickup_moved": _("Order %(number)s has a new pickup time"),
    "ready": _("Order %(number)s is ready for pickup"),
    "shipped": _("Order %(number)s is on its way"),
    "cancelled": _("Order %(number)s was cancelled"),
    "cancelled_by_customer": _("You cancelled order %(number)s"),
    "fee_waived": _("We waive the fee for order %(number)s"),
    "expired_unpaid": _("Order %(number)s has expired"),
    "expired_unanswered": _("We did not confirm order %(number)s in time"),
    "paid_too_late": _("The payment of order %(number)s came too late"),
    "link_renewed": _("A new link to order %(number)s"),
}

SENTENCES: Mapping[str, Promise] = {
    "placed": _("We have your order %(number)s."),
    "payment_received": _("We have received %(kept)s, and order %(number)s is confirmed."),
    "confirmed": _("Order %(number)s is confirmed."),
    "line_cancelled": _("A part of order %(number)s was called off: %(gone)s."),
    "pickup_moved": _("Order %(number)s has a new pickup time: %(pickup)s."),
    "ready": _("Order %(number)s is ready. Come and collect it!"),
    "shipped": _("Order %(number)s is on its way to you."),
    "cancelled": _("Order %(number)s was cancelled."),
    "cancelled_by_customer": _("As you asked, order %(number)s is cancelled."),
    "fee_waived": _("We waive the fee for order %(number)s."),
    "expired_unpaid": _("We did not receive the payment of order %(number)s in time, so it has expired."),
    "expired_unanswered": _("We are sorry: we did not confirm order %(number)s in time, so it has expired."),
    "paid_too_late": _(
        "Your payment of order %(number)s arrived after its deadline, when not everything you ordered was to be had "
        "any more. We are sorry."
    ),
    "link_renewed": _("Here is a new link to order %(number)s. The links we sent you before no longer open it."),
    "is_pending": _("Order %(number)s is waiting."),
    "is_confirmed": _("Order %(number)s is confirmed."),
    "is_completed": _("Order %(number)s is complete. Thank you!"),
    "transfer": _("Please transfer %(first)s by %(until)s; until then we keep everything for you."),
    "pay_first": _("Please pay %(first)s by %(until)s; until then we keep everything for you."),
    "transfer_by": _("Please transfer %(first)s by %(until)s."),
    "pay_first_by": _("Please pay %(first)s by %(until)s."),
    "awaits_shop": _("We still have to confirm the time you asked for, and will write to you."),
    "awaits_us": _("We will confirm it shortly."),
    "is_kept": _("Everything is kept for you."),
    "pay_collect": _("You pay %(rest)s when you collect it."),
    "pay_come": _("You pay %(rest)s when you come."),
    "pay_counter": _("You pay %(rest)s at the counter."),
    "rest_collect": _("The rest, %(rest)s, you pay when you collect it."),
    "rest_come": _("The rest, %(rest)s, you pay when you come."),
    "rest_counter": _("The rest, %(rest)s, you pay at the counter."),
    "all_paid": _("Everything is paid."),
    "nothing_to_pay": _("There is nothing to pay."),
    "money_back": _("We will give you back the %(back)s that you have paid."),
    "fee_free": _(
        "You can cancel free of charge until %(free_until)s. After that, or if you do not come, "
        "we keep %(at_stake)s of what you have paid."
    ),
    "fee_late": _("If you ask us to cancel now, or do not come, we keep %(at_stake)s of what you have paid."),
    "fee_kept": _(
        "As agreed when you ordered, we keep %(fee)s of what you have paid, "
        "because it was called off late or nobody came."
    ),
    "rest_back": _("The rest, %(back)s, we will give you back."),
    "money_returned": _("We have given you back %(refunded)s."),
    "paid_meanwhile": _("If you have paid meanwhile, please write to us."),
}

REASONS: Mapping[str, Promise] = {
    "appointment.cancelled": _("A visit of it was cancelled"),
    "appointment.expired": _("The time asked for was not confirmed"),
    "order.repriced": _("A visit of it has another price"),
    "order.fee_waived": _("The fee was waived"),
    "appointment.no_show": _("Nobody came to a visit of it"),
    "order.discounted": _("Discount"),
    "order.undone": _("The sale was undone"),
}
"""Why something happened, where an event of the shop is the reason and left its name."""


def reason_text(*, reason: str) -> str:
    """Return why something happened to an order, in words; an event of the shop may have somebody's own after it."""
    name, colon, own = reason.partition(": ")
    if name not in REASONS:
        return reason
    return f"{REASONS[name]}{colon}{own}"


def written(*, facts: OrderFacts, values: Mapping[str, str]) -> list[str]:
    """Return the sentences of `facts`, filled with `values_of`."""
    return [str(SENTENCES[name]) % values for name in sentences(facts=facts)]


def subject(*, facts: OrderFacts, values: Mapping[str, str]) -> str:
    """Return the subject of a message of `facts`: its first sentence, in short."""
    return str(SUBJECTS[sentences(facts=facts)[0]]) % values


def values_of(*, order: Order, facts: OrderFacts, zone: ZoneInfo, gone: str = "") -> dict[str, str]:
    """Return what the sentences are filled with; `gone` names the line that was called off."""
    amounts = {name: getattr(facts, name) for name in ("first", "kept", "refunded", "rest", "back", "fee", "at_stake")}
    return {
        "number": order.number,
        "gone": gone,
        "pickup": pickup(order=order, zone=zone),
        "until": when(moment=order.expires_at, zone=zone) if order.expires_at else "",
        "free_until": when(moment=facts.free_until, zone=zone) if facts.free_until else "",
        **{name: format_amount(amount, currency=order.currency) for name, amount in amounts.items()},
    }


def figures(*, order: Order) -> list[tuple[str, str]]:
    """Return the order's figures with their names: what was agreed, what changed since, what was paid."""
    rows = [(_("Total"), order.total)]
    if 0 < order.cancelled < order.total:
        rows += [(_("Called off"), order.cancelled), (_("Total now"), current_total(order=order))]
    if order.paid > 0:
        rows.append((_("Paid"), order.paid))
    if order.late_fee > 0:
        rows.append((_("Kept as a fee"), order.late_fee))
    if order.refunded > 0:
        rows.append((_("Given back"), order.refunded))
    if order.paid > 0 and order.status in LIVE and amount_due(order=order) > 0:
        rows.append((_("Still to be paid"), amount_due(order=order)))
    return [(str(name), format_amount(amount, currency=order.currency)) for name, amount in rows]


def pickup(*, order: Order, zone: ZoneInfo) -> str:
    """Return the pickup window as people say it; empty without one."""
    if order.pickup_starts_at is None or order.pickup_ends_at is None:
        return ""
    starts_at, ends_at = order.pickup_starts_at.astimezone(zone), order.pickup_ends_at.astimezone(zone)
    return gettext("%(day)s, from %(start)s to %(end)s") % {
        "day": written_out(day=starts_at.date()),
        "start": f"{starts_at:%H:%M}",
        "end": f"{ends_at:%H:%M}",
    }


def page_path(*, number: str, token: str) -> str:
    """Return the path of the page on which a person sees the order, opened by its token."""
    return f"/orders/{number}/?access_token={token}"


def pay_url(*, order: Order, status: str, offered: Sequence[str]) -> str | None:
    """Return the address of the page on which anybody who has it pays the order; None where nothing is to be paid."""
    return pay_address(order=order) if payable_by(order=order, status=status, offered=offered) else None


def pay_address(*, order: Order) -> str:
    """Return the address of the order's pay page, with the token that opens nothing else."""
    return f"{settings.PUBLIC_URL}/orders/{order.number}/pay/?access_token={pay_token_of(order=order)}"


def whatsapp_url(*, number: str, order: Order, lines: Sequence[OrderLine]) -> str | None:
    """Return a link that opens a chat with the shop, the order written out in its customer's language.

    None where the shop has no number. Lines called off are left out of an order that still counts.
    """
    if not number:
        return None
    lines_told = [line for line in lines if not line.called_off] or lines
    with translation.override(order.language):
        text = gettext("Order %(number)s: %(items)s. Total %(total)s") % {
            "number": order.number,
            "items": ", ".join(str(line) for line in lines_told),
            "total": format_amount(shown_total(order=order), currency=order.currency),
        }
    return chat_url(phone=number, text=text)
