"""What an order line keeps of a choice and of a visit: one JSON column each, written here and read back as values.

Nobody else knows how they are spelled, so answers, pages and seals may change theirs and the rows stay as they are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from cart.pricing import Visit, VisitService

Choices = tuple[tuple[str, str], ...]


def keep_choices(choices: Choices) -> list[dict[str, str]]:
    """Return chosen options, name and value, as a line keeps them."""
    return [{"name": name, "value": value} for name, value in choices]


def choices_of(kept: Sequence[Mapping[str, Any]]) -> Choices:
    """Return the chosen options that a line keeps."""
    return tuple((str(choice["name"]), str(choice["value"])) for choice in kept)


def keep_visit(visit: Visit | None) -> dict[str, Any] | None:
    """Return a visit as a line keeps it; a line of goods keeps none."""
    if visit is None:
        return None
    return {
        "id": str(visit.appointment),
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "timezone": visit.timezone,
        "professional": {"id": str(visit.professional_id), "name": visit.professional},
        "services": [
            {"sku": one.sku, "name": one.name, "price": str(one.price), "duration_minutes": one.duration_minutes}
            for one in visit.services
        ],
    }


def visit_of(kept: Mapping[str, Any] | None) -> Visit | None:
    """Return the visit that a line keeps; None for goods."""
    if kept is None:
        return None
    return Visit(
        appointment=UUID(kept["id"]),
        starts_at=datetime.fromisoformat(kept["starts_at"]),
        ends_at=datetime.fromisoformat(kept["ends_at"]),
        timezone=kept["timezone"],
        professional_id=UUID(kept["professional"]["id"]),
        professional=kept["professional"]["name"],
        services=tuple(
            VisitService(
                sku=one["sku"],
                name=one["name"],
                price=Decimal(one["price"]),
                duration_minutes=one["duration_minutes"],
            )
            for one in kept["services"]
        ),
    )
