"""What the shop window shows of time: services, and professionals with what they perform.

Statements stay constant: one for a list of services, two for professionals.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from scheduling.models import Professional
from scheduling.selectors.offers import Offer, offers_by_name


@dataclass(frozen=True)
class Performed:
    """A service as one professional performs it."""

    sku: str
    name: str
    price: Decimal
    duration: int


@dataclass(frozen=True)
class OnShow:
    """A professional as customers see them; `image` is the address of a picture, or empty."""

    public_id: UUID
    name: str
    bio: str
    image: str
    services: tuple[Performed, ...]


def service_list(*, professional: UUID | None = None) -> list[Offer]:
    """Return every service that somebody performs, by name; one statement."""
    return [
        offer
        for offer in offers_by_name()
        if any(professional in (None, performer.public_id) for performer in offer.performers)
    ]


def professional_list(*, service: str | None = None) -> list[OnShow]:
    """Return the active professionals with what they perform, in the shop's order; two statements."""
    performed: dict[int, list[Performed]] = {}
    for offer in offers_by_name():
        for performer in offer.performers:
            performed.setdefault(performer.pk, []).append(
                Performed(sku=offer.sku, name=offer.name, price=performer.price, duration=offer.duration)
            )
    rows = Professional.objects.filter(is_active=True).values("pk", "public_id", "name", "bio", "image")
    return [
        OnShow(
            public_id=row["public_id"],
            name=row["name"],
            bio=row["bio"],
            image=f"/{settings.MEDIA_URL.strip('/')}/{row['image']}" if row["image"] else "",
            services=tuple(performed.get(row["pk"], [])),
        )
        for row in rows
        if service is None or any(one.sku == service for one in performed.get(row["pk"], []))
    ]
