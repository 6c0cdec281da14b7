"""How customers are shown what to pay with."""

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import segno
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models import MoneyCase

PAY_TITLES: Mapping[str, Promise] = {
    "pay": _("Pay order %(number)s"),
    "paid": _("Order %(number)s is paid"),
    "counter": _("Order %(number)s"),
    "expired": _("Order %(number)s has expired"),
    "cancelled": _("Order %(number)s was cancelled"),
    "refunded": _("Order %(number)s was refunded"),
}
"""What the pay page is headed by, by how the order stands."""


STORIES: Mapping[str, Promise] = {
    "revived": _("The money came after the deadline, but everything was still free: the order was taken up again."),
    "too_late": _("The money came too late for its order. It goes back to the customer."),
    "second": _("The order was paid already. This second payment goes back to the customer."),
    "too_much": _("More came than was due. What is too much goes back to the customer."),
    "mismatch": _("Money came that does not fit what was asked for. It pays nothing until you decide what it is."),
    "unknown": _(
        "Money came for no order we know. Take it for the order it belongs to, or give it back at the payment service "
        "and write that down."
    ),
    "refund_refused": _("The payment service refused to give the money back. It is still owed to the customer."),
    "dispute": _(
        "The customer disputes the payment with their bank. Answer at the payment service, before its deadline."
    ),
}
"""What happened, in the words of whoever has to decide."""

DETAILS: Sequence[tuple[re.Pattern[str], Promise]] = (
    (re.compile(r"amount: (?P<came>\S+) instead of (?P<due>\S+)"), _("%(came)s came instead of %(due)s")),
    (re.compile(r"amount: (?P<came>\S+)"), _("An amount of %(came)s")),
    (re.compile(r"currency: (?P<came>\S+) instead of (?P<due>\S+)"), _("In %(came)s instead of %(due)s")),
    (re.compile(r"mode: test instead of live"), _("Test money, not real")),
    (re.compile(r"mode: .*"), _("Real money, while the shop only tests")),
    (re.compile(r"another account of the gateway"), _("It came to another account of the payment service")),
    (re.compile(r"no order of ours"), _("It names no order of this shop")),
    (re.compile(r"a refund of (?P<came>\S+ \S+) that is not ours"), _("A refund of %(came)s that was not made here")),
)
"""What did not fit, by how the services write it down."""


def case_story(*, case: MoneyCase) -> str:
    """Return what happened, as the owner reads it."""
    return str(STORIES[case.kind])


def case_detail(*, detail: str) -> str:
    """Return what did not fit in words; what a gateway itself said stays as it is."""
    for pattern, text in DETAILS:
        found = pattern.fullmatch(detail)
        if found is not None:
            return str(text) % {name: _figure(value) for name, value in found.groupdict().items()}
    return detail


def _figure(value: str) -> str:
    """Return a number that was written for machines as people write it; anything else as it is."""
    return number_format(Decimal(value), decimal_pos=2) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) else value


def method_names() -> dict[str, str]:
    """Return the ways to pay as customers call them."""
    return {str(value): str(label) for value, label in Order.PaymentMethod.choices}


def qr_svg(*, text: str, sized: bool = True) -> str:
    """Return the QR code of a text as an SVG of its own, large enough for any camera, or as large as its place."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", scale=6, border=4, xmldecl=False, svgns=True, omitsize=not sized)
    return out.getvalue().decode()
