"""The desk's pages of an order's money: what arrived, what goes back, and a fee that is given up."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from backoffice import order_desk, order_refund
from backoffice.admin.verbs import VerbPages, is_filled_in, told
from backoffice.forms import ConfirmForm, ReceiveForm, RefundForm, WaiveFeeForm
from backoffice.order_desk import OrderDesk
from common import clock
from common.errors import Refusal
from common.money import format_brl
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import Question, posted, require
from orders import services as orders
from orders.amounts import asked_now
from orders.models import Order
from orders.selectors import Access
from orders.services import Handover
from payments import services as payments

STAFF = Access(staff=True)


def _refund_form(data: QueryDict | None, desk: OrderDesk) -> RefundForm:
    returnable = [row for row in desk.lines if row.out > 0]
    through = order_desk.came_through(desk)
    return RefundForm(data, returnable=returnable, refundable=desk.refundable, through=through)


class MoneyPages(VerbPages):
    """Everything that is done about the money of an order."""

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how much arrived and confirm the order."""
        require(request, self.asking["confirm"])
        desk = self._desk(request, pk)
        form = ConfirmForm(posted(request), initial={"amount": asked_now(order=desk.order)})
        intro = gettext("Look at the bank statement first. The order is confirmed.")
        question = Question(
            title=gettext("The money arrived"),
            intro=f"{intro} {told(order=desk.order, event='order.confirmed')}",
            submit=gettext("Confirm the order"),
            back=self._url(pk),
            facts=order_desk.facts(desk),
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "confirm", question, form)
        try:
            order = payments.confirm_order(
                number=desk.order.number,
                amount=form.cleaned_data["amount"],
                reference=form.cleaned_data["reference"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "confirm", question, form, refusal)
        if order.status != Order.Status.CONFIRMED:
            messages.warning(request, str(order_desk.TOO_LATE) % {"number": order.number})
            return HttpResponseRedirect(question.back)
        return self._done(request, desk, gettext("Order %(number)s is confirmed."))

    def receive(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether the money is in the till and write it down."""
        require(request, self.asking["receive"])
        desk = self._desk(request, pk)
        form = ReceiveForm(posted(request))
        due = format_brl(desk.due)
        question = Question(
            title=gettext("Receive at the counter"),
            intro=gettext("Write down that the customer paid here and now."),
            submit=gettext("Received %(amount)s") % {"amount": due},
            back=self._url(pk),
            facts=order_desk.facts(desk),
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "receive", question, form)
        try:
            only_once(form.once(request=request, scope=f"receive:{pk}"), payments.begin_payment)(
                number=desk.order.number,
                method="on_site",
                tender=form.cleaned_data["tender"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "receive", question, form, refusal)
        done = gettext("%(amount)s received for order %(number)s.") % {"amount": due, "number": "%(number)s"}
        return self._done(request, desk, done)

    def refund(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how much goes back and what came back for it, and write both down."""
        if not payments.gives_back(user=request.user, actor=desk_actor(request)):
            raise PermissionDenied
        desk = self._desk(request, pk)
        through = order_desk.came_through(desk)
        by_hand = gettext("Give it back first, by transfer or in cash, then write it down here.")
        itself = gettext("What came by %(through)s goes back through it by itself, as soon as this is written down.")
        form = _refund_form(posted(request), desk)
        question = Question(
            title=gettext("Give money back"),
            intro=itself % {"through": through} if through else by_hand,
            submit=gettext("Write it down"),
            back=self._url(pk),
            danger=True,
            facts=[*order_desk.facts(desk), (gettext("Can be given back"), format_brl(desk.refundable))],
            suggestions=[gettext("The customer was not satisfied"), gettext("Something was missing")],
            effect=reverse("admin:orders_order_refund_effect", args=[pk]),
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "refund", question, form)
        try:
            only_once(form.once(request=request, scope=f"refund:{pk}"), payments.refund_order)(
                number=desk.order.number,
                amount=form.cleaned_data["amount"],
                handed_back=[Handover(line=line, quantity=units) for line, units in form.handed_back()],
                restock=bool(form.cleaned_data.get("restock")),
                by_hand=bool(form.cleaned_data.get("by_hand")),
                handed=form.cleaned_data["handed"],
                reason=form.cleaned_data["reason"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "refund", question, form, refusal)
        return self._done(request, desk, gettext("The refund is written down."))

    @method_decorator(require_GET)
    def refund_effect(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tell what a refund as it is typed so far would take from each line."""
        if not payments.gives_back(user=request.user, actor=desk_actor(request)):
            raise PermissionDenied
        desk = self._desk(request, pk)
        form = _refund_form(request.GET, desk)
        form.is_valid()  # what is typed may not be whole yet
        handed = dict(form.handed_back())
        amount = form.cleaned_data.get("amount")
        if amount is None and "amount" not in form.errors:
            amount = order_refund.price_of_returned(desk, handed)
        context = {
            "amount": format_brl(amount) if amount else "",
            "too_much": bool(amount and amount > desk.refundable),
            "rows": order_refund.refund_effect(desk, amount=min(amount, desk.refundable)) if amount else (),
        }
        return TemplateResponse(request, "backoffice/refund_effect.html", context)

    def waive_fee(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and give up the fee that is kept."""
        require(request, self.asking["waive_fee"])
        desk = self._desk(request, pk)
        form = WaiveFeeForm(posted(request))
        intro = gettext("%(fee)s go back to the customer. This cannot be undone.")
        intro = intro % {"fee": format_brl(desk.order.late_fee)}
        question = Question(
            title=gettext("Waive the fee"),
            intro=f"{intro} {told(order=desk.order, event='order.fee_waived')}",
            submit=gettext("Waive the fee"),
            back=self._url(pk),
            facts=order_desk.facts(desk),
            suggestions=[gettext("A good customer"), gettext("An emergency"), gettext("It was our mistake")],
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "waive_fee", question, form)
        try:
            orders.waive_fee(
                number=desk.order.number,
                reason=form.cleaned_data["reason"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "waive_fee", question, form, refusal)
        return self._done(request, desk, gettext("The fee is waived."))
