"""What the shop window shows of time: services, professionals, free times, as plain rows ready to be answered.

Statements stay constant: two for a list of services, four for free times with everything they need.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from scheduling.models import Professional
from scheduling.selectors.availability import free_starts, refused_starts, shown
from scheduling.selectors.offers import Offer, Visit, offers_by_name
from scheduling.slots import moment_of
from shop.policy import Policy


def service_list(*, policy: Policy, professional: UUID | None = None) -> list[dict[str, Any]]:
    """Return every service that somebody performs, by name; one statement."""
    found = offers_by_name()
    return [
        _service(offer=offer, policy=policy)
        for offer in found
        if any(professional in (None, performer.public_id) for performer in offer.performers)
    ]


def professional_list(*, policy: Policy, service: str | None = None) -> list[dict[str, Any]]:
    """Return the active professionals with what they perform, in the shop's order; two statements."""
    by_professional: dict[int, list[dict[str, Any]]] = {}
    for offer in offers_by_name():
        for performer in offer.performers:
            by_professional.setdefault(performer.pk, []).append(
                {
                    "sku": offer.sku,
                    "name": offer.name,
                    "price": str(performer.price),
                    "duration_minutes": offer.duration,
                }
            )
    rows = Professional.objects.filter(is_active=True).values("pk", "public_id", "name", "bio", "image")
    return [
        {
            "id": str(row["public_id"]),
            "name": row["name"],
            "bio": row["bio"],
            "image": f"/{settings.MEDIA_URL.strip('/')}/{row['image']}" if row["image"] else None,
            "currency": policy.currency,
            "services": by_professional.get(row["pk"], []),
        }
        for row in rows
        if service is None or any(one["sku"] == service for one in by_professional.get(row["pk"], []))
    ]


def slot_list(
    *, visit: Visit, policy: Policy, first: date, last: date, professional: UUID | None, desk: bool, now: datetime
) -> dict[str, Any]:
    """Return the free times of a visit between two days, with whoever is free then and what it costs."""
    zone = ZoneInfo(policy.timezone)
    length = visit.demand.duration
    free = free_starts(
        visit=visit, policy=policy, first=first, last=last, professional=professional, now=now, desk=desk
    )
    people = {one.pk: {"id": str(one.public_id), "price": str(one.price)} for one in visit.performers}
    return {
        "timezone": policy.timezone,
        "currency": policy.currency,
        "duration_minutes": visit.duration,
        "slots": [
            {
                "starts_at": _local(one.start, zone),
                "ends_at": _local(one.start + length, zone),
                "professionals": [people[performer.pk] for performer in one.performers],
            }
            for one in free
        ],
    }


def refused_list(
    *, visit: Visit, policy: Policy, first: date, last: date, professional: UUID, desk: bool, told: bool, now: datetime
) -> list[dict[str, Any]]:
    """Return every refused start of the grid with its reasons; `told`: the reader may know what occupies it."""
    zone = ZoneInfo(policy.timezone)
    found = refused_starts(
        visit=visit, policy=policy, first=first, last=last, professional=professional, now=now, desk=desk
    )
    return [{"starts_at": _local(one.start, zone), "reasons": shown(reasons=one.reasons, desk=told)} for one in found]


def _service(*, offer: Offer, policy: Policy) -> dict[str, Any]:
    return {
        "sku": offer.sku,
        "product": offer.product,
        "name": offer.name,
        "price_from": str(min(performer.price for performer in offer.performers)),
        "currency": policy.currency,
        "duration_minutes": offer.duration,
        "professionals": [{"id": str(one.public_id), "name": one.name} for one in offer.performers],
    }


def _local(instant: int, zone: ZoneInfo) -> str:
    return moment_of(instant).astimezone(zone).isoformat()
