"""What is said of an order before a customer decides about it."""

from decimal import Decimal

from api.answers import Answer, InstantText, instant, instant_if
from cart.answers import WindowResponse
from orders.services import Cancellation, PickupChoices
from shop.policy import Policy


class CancellationResponse(Answer, frozen=True, kw_only=True):
    """What cancelling does now: `refund` is given back of what was paid; from `until` on it is too late."""

    refund: Decimal
    currency: str
    until: InstantText | None


class PickupChoicesResponse(Answer, frozen=True, kw_only=True):
    """Where a pickup stands, and the windows into which it may be moved; each is half-open."""

    pickup_at: InstantText | None
    timezone: str
    windows: list[WindowResponse]


def cancellation_answer(found: Cancellation) -> CancellationResponse:
    """Say what cancelling does."""
    return CancellationResponse(refund=found.refund, currency=found.currency, until=instant_if(found.until))


def pickup_choices_answer(found: PickupChoices, *, policy: Policy) -> PickupChoicesResponse:
    """Say where a pickup may be moved."""
    return PickupChoicesResponse(
        pickup_at=instant_if(found.order.pickup_starts_at),
        timezone=policy.timezone,
        windows=[
            WindowResponse(starts_at=instant(one.starts_at), ends_at=instant(one.ends_at)) for one in found.windows
        ],
    )
