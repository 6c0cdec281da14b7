"""The desk's pages of a pickup: handed over in one step, or moved to another window."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.formats import date_format
from django.utils.translation import gettext

from backoffice import order_desk
from backoffice.admin.verbs import VerbPages, is_filled_in, told
from backoffice.forms import HandOverForm, MovePickupForm
from backoffice.order_desk import OrderDesk
from common import clock
from common.errors import Refusal
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import Question, posted, require
from desk.refusals import refused
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
        if desk.due <= 0 or not request.user.has_perm(TAKES_MONEY):
            return self._hand_over_unasked(request, desk)
        form = HandOverForm(posted(request))
        form.fields["amount"].initial = f"{desk.due:.2f}"
        question = Question(
            title=gettext("Hand over to the customer"),
            intro=gettext("Everything that is still here is handed over, and what was paid is written down with it."),
            submit=gettext("Hand over"),
            back=self._url(pk),
            facts=[*order_desk.facts(desk), (gettext("To be handed over"), order_desk.to_hand_over(desk))],
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "hand_over", question, form)
        tender = form.cleaned_data["tender"]
        try:
            only_once(form.once(request=request, scope=f"hand-over:{pk}"), payments.hand_over)(
                number=desk.order.number,
                tender=tender,
                expected=Decimal(form.cleaned_data["amount"]) if tender else None,
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "hand_over", question, form, refusal)
        return self._done(request, desk, gettext("Order %(number)s was handed over."))

    def _hand_over_unasked(self, request: HttpRequest, desk: OrderDesk) -> HttpResponse:
        """Hand over what is paid, or what somebody who takes no money may hand over."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            payments.hand_over(
                number=desk.order.number,
                tender="",
                expected=None,
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=self._url(desk.order.pk))
        return self._done(request, desk, gettext("Order %(number)s was handed over."))

    def move_pickup(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for another window, and why, and move the pickup."""
        require(request, MAY)
        desk = self._desk(request, pk)
        form = MovePickupForm(posted(request), windows=_windows(order=desk.order))
        question = Question(
            title=gettext("Move the pickup"),
            intro=told(order=desk.order, event="order.pickup_moved"),
            submit=gettext("Move the pickup"),
            back=self._url(pk),
            facts=[*order_desk.facts(desk), (gettext("Pickup"), order_desk.pickup(desk.order))],
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "move_pickup", question, form)
        try:
            orders.reschedule_pickup(
                number=desk.order.number,
                pickup_at=form.cleaned_data["pickup_at"],
                reason=form.cleaned_data["reason"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "move_pickup", question, form, refusal)
        return self._done(request, desk, gettext("The pickup of order %(number)s is moved."))


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
