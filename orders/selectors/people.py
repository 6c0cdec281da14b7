"""Who orders: how many unpaid orders they have, and whether they are known."""

from datetime import datetime
from functools import cache

from django.db.models import Q

from accounts.selectors import BLOCKED, has_login
from cart.models import Cart
from common import sql
from common.identity import mailbox_of
from orders.amounts import AMOUNT_DUE
from orders.models import Order, OrderContact

_OPEN = f"""(o.status = 'confirmed' AND o.payment_method = 'on_site' OR o.status = 'pending' AND o.expires_at > %(now)s)
      AND {AMOUNT_DUE} > 0"""
_KNOWN_BY = {
    "mailbox": "SELECT order_id FROM orders_ordercontact WHERE mailbox = %(mailbox)s AND mailbox <> ''",
    "phone": "SELECT order_id FROM orders_ordercontact WHERE phone = %(phone)s AND phone <> ''",
    "customer": "SELECT id FROM orders_order WHERE customer_id = %(customer)s::bigint",
}
"""The orders of somebody, by what is known of them."""


@cache
def _standing(*known: str) -> str:
    """Return the statement for somebody of whom only `known` is known: what is not asked costs no planning.

    Their orders are found first, each by its index, and then looked at: a condition over both tables would have the
    database go through everybody's open orders.
    """
    theirs = " UNION ALL ".join(_KNOWN_BY[name] for name in known if name in _KNOWN_BY) or "SELECT NULL::bigint"
    logins = "o.customer_id IS NOT NULL" if "customer" in known else "true"
    here = "cart.address = %(address)s AND cart.address <> '' AND cart.status = 'ordered'"
    return f"""
SELECT {BLOCKED}, (
    SELECT count(*) FROM orders_order o WHERE o.id = ANY (ARRAY({theirs})) AND {logins} AND {_OPEN}
), (
    SELECT count(*) FROM cart_cart cart JOIN orders_order o ON o.cart_id = cart.id
    WHERE {here if "address" in known else "false"} AND {_OPEN}
)
"""  # noqa: S608 - expressions of our own, no values


def standing(
    *, email: str, phone: str, document: str, customer_id: int | None, address: str, now: datetime
) -> tuple[bool, int, int]:
    """Say whether the shop has blocked whoever orders, and for how many unpaid orders it keeps things.

    Theirs, who are known by mailbox, phone and login; and those from their internet address. Orders that guests placed
    in their name do not count against somebody who signed in. An order that has expired keeps nothing any more.
    """
    person = {"mailbox": mailbox_of(email), "phone": phone, "customer": customer_id, "address": address}
    statement = _standing(*(name for name, value in person.items() if value))
    blocked, kept, kept_here = sql.rows(statement, person | {"document": document, "now": now})[0]
    return bool(blocked), int(kept), int(kept_here)


def asked_from(*, order: Order) -> str:
    """Return the internet address an order was asked for from; empty for one of the shop's own."""
    return Cart.objects.values_list("address", flat=True).get(pk=order.cart_id)


def is_known_reader(*, contact: OrderContact) -> bool:
    """Say whether somebody is known to read the mailbox of an order: a login proved it, or an order came to an end."""
    if has_login(email=contact.email):
        return True
    ended = Q(order__paid__gt=0) | Q(order__status=Order.Status.COMPLETED)
    return OrderContact.objects.filter(ended, mailbox=mailbox_of(contact.email)).exclude(mailbox="").exists()
