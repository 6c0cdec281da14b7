"""A Pix of which a gateway tells by itself, as the counter's page shows it and asks about it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.answers import Answer, InstantText, instant, respond_private
from api.bodies import Nothing
from api.conditional import own
from api.kinds import Amount
from api.requests import actor_of, read, read_query
from backoffice.counter.answers import SoldAnswer, pix_image, sold_answer
from backoffice.counter.bodies import SellRequest
from backoffice.counter.views import DOOR, Door, key_of
from common import clock
from counter import selectors
from counter import services as counter
from counter.services import Awaited, Taking

CANCELLED = "pix.cancelled"


class AwaitRequest(SellRequest, frozen=True, kw_only=True):
    """A sale of which a part, or all, is paid by a Pix that a gateway tells of; its payments are the other parts."""

    awaited: Annotated[Decimal, Amount(positive=True)]


class AwaitedAnswer(Answer, frozen=True, kw_only=True):
    """How the sale stands: waiting, with the Pix once the gateway gave it; sold; or given up."""

    status: str
    number: str
    amount: Decimal
    until: InstantText
    text: str
    image: str | None
    sold: SoldAnswer | None


def awaited_answer(awaited: Awaited) -> AwaitedAnswer:
    """Say how a sale stands that waits for its Pix."""
    sold = awaited.sold
    return AwaitedAnswer(
        status=awaited.status,
        number=awaited.number,
        amount=awaited.amount,
        until=_local(awaited.until),
        text=awaited.text,
        image=pix_image(awaited.text) if awaited.text else None,
        sold=sold_answer(sold, whatsapp=selectors.receipt_link(number=sold.numbers[0])) if sold else None,
    )


def _local(moment: datetime) -> str:
    return instant(timezone.localtime(moment))


class AwaitView(Door):
    """Beginning."""

    def post(self, request: Request) -> HttpResponse:
        """Order a sale and show its Pix, once for each key."""
        key = key_of(request)
        asked = read(AwaitRequest, request.data)
        awaited = counter.await_pix(
            sale=asked.sale(),
            awaited=asked.awaited,
            taking=Taking(parked=asked.parked.id, version=asked.parked.version) if asked.parked else None,
            key=key,
            actor=actor_of(request, door=DOOR),
            now=clock.now(),
        )
        return respond_private(awaited_answer(awaited))


class AwaitedView(Door):
    """Waiting."""

    def get(self, request: Request, key: UUID) -> HttpResponse:
        """Return how it stands, or 304 where that is known; it is sold if the money is there."""
        read_query(Nothing, request)
        return own(request, awaited_answer(counter.look_awaited(key=key, now=clock.now())))

    def delete(self, request: Request, key: UUID) -> HttpResponse:
        """Wait no more, unless the money is there."""
        actor = actor_of(request, door=DOOR)
        awaited = counter.cancel_awaited(key=key, reason=CANCELLED, actor=actor, now=clock.now())
        return respond_private(awaited_answer(awaited))
