"""The desk's page of an order, from the money to the handing over.

Every button ends in one call of `orders.services` or `payments.services`, the same that the API makes.
There is no form that saves an order. Its columns change by verbs, and only those its state allows are shown.
"""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice import order_desk
from backoffice.admin.filters import DeliveredFilter, PickupDayFilter, PickupFilter, PlacedFilter, StatusFilter
from backoffice.admin.order_money import MoneyPages
from backoffice.admin.pickups import PickupPages
from backoffice.admin.verbs import is_filled_in, told
from backoffice.forms import CancelForm
from backoffice.order_desk import MONEY_COLOURS, MONEY_TEXTS, STATUS_COLOURS
from common import clock
from common.errors import Refusal
from common.identity import shown_document
from common.money import format_brl
from common.text import chat_url
from desk.admin import desk_actor
from desk.pages import Question, asked_first, posted, require, told_of_link, told_of_new_link
from desk.refusals import refused
from desk.shown import shown_instant, shown_phone, shown_window
from orders import services as orders
from orders.access import CONTACTS, token_of
from orders.amounts import current_total, payment_status, shown_total
from orders.lifecycle import effective_status
from orders.models import Order
from orders.selectors import Access, costs_now, search
from orders.services import Handover
from orders.wording import page_path
from payments import services as payments
from payments.forms import reason_text

STAFF = Access(staff=True)


@admin.register(Order)
class OrderAdmin(MoneyPages, PickupPages):
    """Orders, the newest first."""

    list_display = (
        "shown_number", "customer_name", "shown_status", "shown_total", "shown_money", "pickup", "shown_placed",
    )  # fmt: skip
    list_filter = (
        StatusFilter,
        PlacedFilter,
        PickupFilter,
        ("pickup_starts_at", PickupDayFilter),
        DeliveredFilter,
        "channel",
        "payment_method",
    )
    list_filter_submit = True
    list_select_related = ("contact",)
    search_fields = ("number",)
    search_also = ("number",)
    search_help_text = _("Number, name, e-mail, phone or CPF")
    list_display_links = ("shown_number", "customer_name", "customer_alone", "shown_total", "pickup", "shown_placed")
    ordering = ("-placed_at", "-pk")
    page_template = "backoffice/order.html"
    asking: ClassVar[dict[str, str]] = {
        "confirm": "orders.confirm_order",
        "receive": "payments.record_payment",
        "cancel": "orders.cancel_order",
        "refund": "payments.refund_payment",
        "waive_fee": "orders.waive_fee",
        "hand_over": "orders.fulfil_order",
        "move_pickup": "orders.fulfil_order",
        "renew_link": "orders.fulfil_order",
    }
    acting: ClassVar[dict[str, str]] = {"prepare": "orders.fulfil_order", "complete": "orders.fulfil_order"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Return the orders with their contact and customer."""
        found: QuerySet[Order] = super().get_queryset(request).select_related("contact", "customer")
        return found

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Leave out how to reach the customers for those who only look after the books."""
        if request.user.has_perm(CONTACTS):
            return self.list_display
        return tuple("customer_alone" if name == "customer_name" else name for name in self.list_display)

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Find orders by number and by their people."""
        return search(text=text, names_only=not request.user.has_perm(CONTACTS))

    def search_help(self, request: HttpRequest) -> Any:
        """Name what whoever asks finds orders by."""
        return self.search_help_text if request.user.has_perm(CONTACTS) else _("Number or name")

    @display(description=_("number"), ordering="number", header=True)
    def shown_number(self, order: Order) -> list[str]:
        """Show the number, and where it was ordered unless on the web."""
        return [order.number, "" if order.channel == Order.Channel.WEB else order.get_channel_display()]

    @display(description=_("customer"), header=True)
    def customer_name(self, order: Order) -> list[str]:
        """Show who ordered."""
        return [order.contact.shown_name, order.contact.email]

    @display(description=_("customer"))
    def customer_alone(self, order: Order) -> str:
        """Show who ordered to somebody who does not write to them."""
        return order.contact.shown_name

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, order: Order) -> tuple[str, Any]:
        """Show the status as it is at this moment."""
        status = effective_status(status=order.status, expires_at=order.expires_at, now=clock.now())
        return status, Order.Status(status).label

    @display(description=_("total"), ordering=costs_now())
    def shown_total(self, order: Order) -> str:
        """Show what it costs now."""
        return format_brl(shown_total(order=order))

    @display(description=_("payment"), label=MONEY_COLOURS)
    def shown_money(self, order: Any) -> tuple[str, Any]:
        """Show how far it is paid."""
        status = payment_status(order=order)
        return status, MONEY_TEXTS[status]

    @display(description=_("pickup"), ordering="pickup_starts_at")
    def pickup(self, order: Order) -> str:
        """Show when it is collected."""
        return shown_window(order.pickup_starts_at, order.pickup_ends_at)

    @display(description=_("placed at"), ordering="placed_at")
    def shown_placed(self, order: Order) -> str:
        """Show when it was placed."""
        return shown_instant(order.placed_at)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the whole order and the verbs it allows."""
        desk = order_desk.read(order=obj, now=clock.now())
        contact = obj.contact
        reaches = request.user.has_perm(CONTACTS)
        may_fulfil = request.user.has_perm("orders.fulfil_order")
        gives_back = payments.gives_back(user=request.user, actor=desk_actor(request))
        return {
            "title": gettext("Order %(number)s") % {"number": obj.number},
            "desk": desk,
            "contact": contact,
            "reaches": reaches,
            "address": order_desk.address_lines(contact.address) if reaches else [],
            "document": shown_document(contact.document),
            "phone": shown_phone(contact.phone),
            "chat": chat_url(phone=contact.phone) if contact.phone else "",
            "status_colour": STATUS_COLOURS[desk.status],
            "money_colour": MONEY_COLOURS[desk.money_status],
            "money_text": MONEY_TEXTS[desk.money_status],
            "pickup": shown_window(obj.pickup_starts_at, obj.pickup_ends_at),
            "figures": order_desk.figures(desk),
            "total": format_brl(current_total(order=obj)),
            "paid": format_brl(obj.paid),
            "refunded": format_brl(obj.refunded),
            "due": format_brl(desk.due) if desk.due > 0 else "",
            "payments": [
                (row, format_brl(row.amount), row.get_tender_display() or row.get_method_display())
                for row in desk.payments
            ],
            "refunds": [(row, format_brl(row.amount), reason_text(reason=row.reason)) for row in desk.refunds],
            "verbs": order_desk.verbs(
                desk=desk, may=lambda name: gives_back if name == self.asking["refund"] else request.user.has_perm(name)
            ),
            "may_fulfil": may_fulfil,
            "sees_visits": request.user.has_perm("scheduling.view_appointment"),
            "may_settle": gives_back,
            "customer_url": _customer_url(request, obj),
            "link_renewed": shown_instant(obj.link_renewed_at) if obj.link_renewed_at else "",
        }

    def get_urls(self) -> list[URLPattern]:
        """Add a page for each verb that asks first, and an address for each that does not."""
        view = self.admin_site.admin_view
        asking = {name: getattr(self, name) for name in self.asking}
        acting = {name: getattr(self, name) for name in self.acting}
        return [
            *(
                path(f"<int:pk>/{name}/", view(page), name=f"orders_order_do_{name}")
                for name, page in (asking | acting).items()
            ),
            path("<int:pk>/refund/effect/", view(self.refund_effect), name="orders_order_refund_effect"),
            path("<int:pk>/fulfilments/<uuid:fulfilment>/<slug:verb>/", view(self.step), name="orders_order_step"),
            *super().get_urls(),
        ]

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why and cancel the order."""
        require(request, self.asking["cancel"])
        desk = self._desk(request, pk)
        form = CancelForm(posted(request), fee=format_brl(desk.fee_if_late) if desk.fee_if_late > 0 else "")
        intro = gettext("What it keeps becomes free. This cannot be undone.")
        intro = f"{intro} {told(order=desk.order, event='order.cancelled')}"
        if desk.refundable > 0:
            through = order_desk.came_through(desk)
            by_hand = gettext("%(amount)s was paid and will be listed under refunds, to be given back.")
            itself = gettext("%(amount)s was paid. What came by %(through)s goes back through it by itself.")
            owed = (itself if through else by_hand) % {"amount": format_brl(desk.refundable), "through": through}
            intro = f"{intro} {owed}"
        if desk.fee_if_late > 0:
            intro = f"{intro} {gettext('A fee that you keep is taken off that.')}"
        question = Question(
            title=gettext("Cancel the order"),
            intro=intro,
            submit=gettext("Cancel the order"),
            back=self._url(pk),
            danger=True,
            facts=order_desk.facts(desk),
            suggestions=[
                gettext("The customer asked for it"),
                gettext("We cannot make it"),
                gettext("Nobody collected it"),
            ],
        )
        if not is_filled_in(request, form):
            return self._ask(request, desk, "cancel", question, form)
        try:
            orders.cancel_order(
                number=desk.order.number,
                reason=form.cleaned_data["reason"],
                access=STAFF,
                actor=desk_actor(request),
                now=clock.now(),
                keeps_fee=bool(form.cleaned_data.get("keeps_fee")),
            )
        except Refusal as refusal:
            return self._ask(request, desk, "cancel", question, form, refusal)
        return self._done(request, desk, gettext("Order %(number)s is cancelled."))

    def renew_link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and replace the link with which the customer opens the order."""
        require(request, self.asking["renew_link"])
        order = get_object_or_404(self.get_queryset(request), pk=pk)
        intro = gettext("Every link to this order and its visits stops working at once.")
        question = Question(
            title=gettext("Send a new link"),
            intro=f"{intro} {told_of_new_link(email=order.contact.email)}",
            submit=gettext("Send a new link"),
            back=self._url(pk),
        )
        if (asked := asked_first(request, admin=self, question=question, obj=order)) is not None:
            return asked
        try:
            renewed = orders.renew_link(number=order.number, access=STAFF, now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=question.back)
        self.log_change(request, renewed, gettext("A new link was made."))
        page = page_path(number=renewed.number, token=token_of(order=renewed))
        told_of_link(request, email=renewed.contact.email, path=page)
        return HttpResponseRedirect(question.back)

    def prepare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin to hand over everything that is left, and mark it prepared."""
        require(request, self.acting["prepare"])
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        desk = self._desk(request, pk)
        handovers = [Handover(line=row.line.public_id, quantity=row.left) for row in desk.to_begin]
        try:
            if handovers:
                begun = orders.begin_fulfilment(
                    number=desk.order.number, handovers=handovers, tracking="", access=STAFF, now=clock.now()
                )
                self._advance(request, desk.order, begun.public_id, "pick")
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=self._url(pk))
        return self._done(request, desk, gettext("Everything of order %(number)s is prepared."))

    def complete(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close an order that is handed over and paid."""
        require(request, self.acting["complete"])
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        desk = self._desk(request, pk)
        try:
            orders.complete_order(number=desk.order.number, access=STAFF, actor=desk_actor(request), now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=self._url(pk))
        return self._done(request, desk, gettext("Order %(number)s is complete."))

    def step(self, request: HttpRequest, pk: int, fulfilment: UUID, verb: str) -> HttpResponse:
        """Take a fulfilment one step further."""
        require(request, "orders.fulfil_order")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        desk = self._desk(request, pk)
        ready, shipped = gettext("Order %(number)s is ready."), gettext("Order %(number)s is on its way.")
        texts = {
            "pick": gettext("Order %(number)s is prepared."),
            "ready": f"{ready} {told(order=desk.order, event='fulfilment.ready')}",
            "ship": f"{shipped} {told(order=desk.order, event='fulfilment.shipped')}",
            "deliver": gettext("Order %(number)s was handed over."),
            "return": gettext("What came back of order %(number)s is on the shelf again."),
        }
        try:
            self._advance(request, desk.order, fulfilment, verb)
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=self._url(pk))
        return self._done(request, desk, texts.get(verb, ""))

    def _advance(self, request: HttpRequest, order: Order, fulfilment: UUID, verb: str) -> None:
        orders.advance_fulfilment(
            number=order.number,
            fulfilment_id=fulfilment,
            verb=verb,
            access=STAFF,
            actor=desk_actor(request),
            now=clock.now(),
        )


def _customer_url(request: HttpRequest, order: Order) -> str:
    record = order.contact.record_id
    if record is None or not request.user.has_perm("customers.view_customerrecord"):
        return ""
    return reverse("admin:customers_customerrecord_change", args=[record])
