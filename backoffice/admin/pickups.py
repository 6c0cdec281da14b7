"""The desk's pages of a pickup: handed over in one step, or moved to another window."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext

from backoffice import order_desk
from backoffice.admin.verbs import VerbPages
from backoffice.forms import HandOverForm, MovePickupForm
from common import clock
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import Question, posted, require
from orders import selectors as order_selectors
from orders import services as orders
from orders.models import Order
from orders.selectors import Access
from payments import services as payments
from shop import services as shop

STAFF = Access(staff=True)
MAY = "orders.fulfil_order"
TAKES_MONEY = "payments.record_payment"


class PickupPages(VerbPages):
    """Everything that is done to a pickup as a whole."""

    def hand_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand everything over at once; where money is due, ask whether and how it was paid."""
        require(request, MAY)
        desk = self._desk(request, pk)
        done = gettext("Order %(number)s was handed over.")
        asks = desk.due > 0 and request.user.has_perm(TAKES_MONEY)
        form = HandOverForm(posted(request) if asks else None)

        def work() -> None:
            tender = form.cleaned_data["tender"] if asks else ""
            once = form.once(request=request, scope=f"hand-over:{pk}") if asks else None
            only_once(once, payments.hand_over)(
                number=desk.order.number,
                tender=tender,
                expected=Decimal(form.cleaned_data["amount"]) if tender else None,
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )

        if not asks:
            return self._acted(request, desk, work, done=done)
        form.fields["amount"].initial = f"{desk.due:.2f}"
        question = Question(
            title=gettext("Hand over to the customer"),
            intro=gettext("Everything that is still here is handed over, and what was paid is written down with it."),
            submit=gettext("Hand over"),
            back=self._url(pk),
            facts=[*order_desk.facts(desk), (gettext("To be handed over"), order_desk.to_hand_over(desk))],
        )
        return self._asked(request, desk, "hand_over", question, form, work, done=done)

    def move_pickup(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for another window, and why, and move the pickup."""
        require(request, MAY)
        desk = self._desk(request, pk)
        form = MovePickupForm(posted(request), windows=_windows(order=desk.order))
        told = gettext("The customer is written to.") if desk.order.contact.email else gettext("Tell the customer.")
        question = Question(
            title=gettext("Move the pickup"),
            intro=told,
            submit=gettext("Move the pickup"),
            back=self._url(pk),
            facts=[*order_desk.facts(desk), (gettext("Pickup"), order_desk.pickup(desk.order))],
        )

        def work() -> None:
            orders.reschedule_pickup(
                number=desk.order.number,
                pickup_at=form.cleaned_data["pickup_at"],
                reason=form.cleaned_data["reason"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )

        done = gettext("The pickup of order %(number)s is moved.")
        return self._asked(request, desk, "move_pickup", question, form, work, done=done)


def _windows(*, order: Order) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the windows a pickup may go to, by day, as a choice shows them."""
    policy = shop.policy()
    zone = ZoneInfo(policy.timezone)
    days: dict[str, list[tuple[str, str]]] = {}
    for window in order_selectors.pickup_choices(order=order, desk=True, policy=policy, now=clock.now()):
        starts_at, ends_at = window.starts_at.astimezone(zone), window.ends_at.astimezone(zone)
        day = f"{date_format(starts_at, 'l')}, {date_format(starts_at, 'SHORT_DATE_FORMAT')}"
        days.setdefault(day, []).append((window.starts_at.isoformat(), f"{starts_at:%H:%M}–{ends_at:%H:%M}"))
    return list(days.items())
