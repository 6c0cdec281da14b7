"""How customers are shown what to pay with."""

import io
from collections.abc import Mapping

import segno
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order

PAY_TITLES: Mapping[str, Promise] = {
    "pay": _("Pay order %(number)s"),
    "paid": _("Order %(number)s is paid"),
    "counter": _("Order %(number)s"),
    "expired": _("Order %(number)s has expired"),
    "cancelled": _("Order %(number)s was cancelled"),
    "refunded": _("Order %(number)s was refunded"),
}
"""What the pay page is headed by, by how the order stands."""


def method_names() -> dict[str, str]:
    """Return the ways to pay as customers call them."""
    return {str(value): str(label) for value, label in Order.PaymentMethod.choices}


def qr_svg(*, text: str, sized: bool = True) -> str:
    """Return the QR code of a text as an SVG of its own, large enough for any camera, or as large as its place."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", scale=6, border=4, xmldecl=False, svgns=True, omitsize=not sized)
    return out.getvalue().decode()
