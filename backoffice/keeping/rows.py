"""What is kept and not paid for at one moment, the longest kept first; one statement for each kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import Customer
from catalog.units import counted
from common import sql
from common.money import format_brl
from desk.shown import shown_instant, shown_phone
from orders.amounts import amount_due
from orders.models import Order
from orders.selectors import left_to_pay
from scheduling.models import Appointment

MOST = 100
"""Rows of each kind; who keeps more is looked for by name in the lists."""

_GOODS = """
SELECT line.public_id, line.held_since, kept.expires_at, kept.quantity, variant.unit,
       concat_ws(' · ', product.name, nullif(variant.name, '')), cart.id, cart.address,
       customer.name, customer.email, customer.phone, customer.document
FROM inventory_stockreservation kept JOIN cart_cartline line ON line.claim = kept.claim
JOIN cart_cart cart ON cart.id = line.cart_id AND cart.status = 'open'
JOIN catalog_variant variant ON variant.id = line.variant_id
JOIN catalog_product product ON product.id = variant.product_id
LEFT JOIN accounts_customer customer ON customer.id = cart.customer_id
WHERE NOT kept.allocated AND kept.expires_at > %(now)s ORDER BY line.held_since NULLS FIRST, line.id LIMIT %(most)s
"""

_LINES = """
SELECT line.claim, line.public_id, line.cart_id FROM cart_cartline line JOIN cart_cart cart ON cart.id = line.cart_id
WHERE cart.status = 'open' AND line.claim = ANY(%(claims)s)
"""


@dataclass(frozen=True)
class Kept:
    """One thing that somebody keeps: `kind` and `key` name it to the door that frees it; `until` None: no end."""

    kind: str
    key: str
    what: str
    since: datetime | None
    until: datetime | None
    name: str
    email: str
    phone: str
    document: str
    address: str
    link: str

    @property
    def shown_phone(self) -> str:
        """The phone number as people read it out."""
        return shown_phone(self.phone)

    @property
    def block_link(self) -> str:
        """Where whoever keeps it is blocked; nothing where nobody is known by more than an address."""
        known = {"email": self.email, "phone": self.phone, "document": self.document}
        given = {name: value for name, value in known.items() if value}
        return f"{reverse('admin:accounts_block_add')}?{urlencode(given)}" if given else ""


def goods_in_carts(*, now: datetime) -> list[Kept]:
    """Return the units that open carts keep."""
    found = []
    rows = sql.rows(_GOODS, {"now": now, "most": MOST})
    for key, since, until, quantity, unit, product, cart, address, *person in rows:
        name, email, phone, document = (value or "" for value in person)
        found.append(
            Kept(
                kind="line",
                key=str(key),
                what=counted(quantity=quantity, unit=unit, name=product, sign="×"),
                since=since,
                until=until,
                name=name,
                email=email,
                phone=phone,
                document=document,
                address=address,
                link=reverse("admin:cart_cart_change", args=[cart]),
            )
        )
    return found


def times_in_carts(*, now: datetime) -> list[Kept]:
    """Return the times that open carts hold."""
    held = Q(state="held", bearer__isnull=True, expires_at__gt=now)
    visits = list(_visits(held).order_by("created_at", "pk")[:MOST])
    claims = [visit.claim for visit in visits]
    lines = {claim: (key, cart) for claim, key, cart in sql.rows(_LINES, {"claims": claims})} if claims else {}
    return [
        _visit(
            visit=visit,
            kind="line",
            key=str(lines[visit.claim][0]),
            link=reverse("admin:cart_cart_change", args=[lines[visit.claim][1]]),
        )
        for visit in visits
        if visit.claim in lines
    ]


def visits_booked(*, now: datetime) -> list[Kept]:
    """Return the visits ahead that customers booked or asked for without ordering them."""
    ahead = Q(bearer__isnull=True, claim__isnull=True, starts_at__gt=now)
    live = Q(state="confirmed") | Q(state="requested", expires_at__gt=now)
    themselves = Q(events__seq=1, events__actor_kind__in=["guest", "customer"])
    return [
        _visit(
            visit=visit,
            kind="visit",
            key=str(visit.public_id),
            link=reverse("admin:scheduling_appointment_change", args=[visit.pk]),
        )
        for visit in _visits(ahead & live & themselves).order_by("created_at", "pk")[:MOST]
    ]


def orders_unpaid(*, now: datetime) -> list[Kept]:
    """Return the orders that keep goods or time for money that has not come."""
    waiting = Q(status="confirmed", payment_method="on_site") | Q(status="pending", expires_at__gt=now)
    orders = (
        Order.objects.filter(waiting)
        .annotate(due=left_to_pay())
        .filter(due__gt=0)
        .select_related("contact", "cart")
        .order_by("placed_at", "pk")
    )
    return [
        Kept(
            kind="order",
            key=order.number,
            what=f"{order.number} · {format_brl(amount_due(order=order))}",
            since=order.placed_at,
            until=order.expires_at,
            name=order.contact.name,
            email=order.contact.email,
            phone=order.contact.phone,
            document=order.contact.document,
            address=order.cart.address,
            link=reverse("admin:orders_order_change", args=[order.pk]),
        )
        for order in orders[:MOST]
    ]


def totals(rows: Sequence[Kept]) -> list[tuple[str, int]]:
    """Return who keeps the most, by mailbox, phone or address; only those who keep more than one thing."""
    counts: dict[str, int] = {}
    for row in rows:
        who = row.email or row.phone or row.address
        if who:
            counts[who] = counts.get(who, 0) + 1
    return sorted(((who, count) for who, count in counts.items() if count > 1), key=lambda one: (-one[1], one[0]))[:5]


def _visits(condition: Q) -> Any:
    return Appointment.objects.filter(condition).select_related("professional", "customer").prefetch_related("services")


def _visit(*, visit: Appointment, kind: str, key: str, link: str) -> Kept:
    customer: Customer | None = visit.customer
    known: Mapping[str, str] = {
        "name": visit.contact_name or (customer.name if customer else ""),
        "email": visit.contact_email or (customer.email if customer else ""),
        "phone": visit.contact_phone or (customer.phone if customer else ""),
        "document": customer.document if customer else "",
    }
    services = " + ".join(one.name for one in visit.services.all())
    return Kept(
        kind=kind,
        key=key,
        what=f"{services} · {visit.professional.name} · {shown_instant(visit.starts_at)}",
        since=visit.created_at,
        until=visit.expires_at,
        address=visit.address,
        link=link,
        **known,
    )


def age(*, since: datetime | None, now: datetime) -> str:
    """Return for how long something has been kept, in words."""
    if since is None:
        return ""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}
