"""How a verb of an order is asked about and done at the desk: a question first, or a button that acts."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from backoffice import order_desk
from backoffice.order_desk import OrderDesk
from common import clock
from common.errors import Refusal
from desk.pages import PageAdmin, Question, ask
from orders import services as orders
from orders.models import Order


class VerbPages(PageAdmin):
    """What the pages of an order's verbs share."""

    def _ask(
        self,
        request: HttpRequest,
        desk: OrderDesk,
        verb: str,
        question: Question,
        form: Any,
        refusal: Refusal | None = None,
    ) -> HttpResponse:
        """Show the question; after a refusal with the form as it was filled in, and without it if it asks too late."""
        if request.method != "POST" and verb not in {found.name for found in order_desk.verbs(desk=desk, may=_anybody)}:
            messages.warning(request, gettext("The order is no longer in a state that allows this."))
            return HttpResponseRedirect(question.back)
        return ask(request, admin=self, question=question, form=form, obj=desk.order, refusal=refusal)

    def _done(self, request: HttpRequest, desk: OrderDesk, text: str) -> HttpResponse:
        """Say what was done and go back to the order."""
        messages.success(request, text % {"number": desk.order.number})
        return HttpResponseRedirect(self._url(desk.order.pk))

    def _desk(self, request: HttpRequest, pk: int) -> OrderDesk:
        return order_desk.read(order=get_object_or_404(self.get_queryset(request), pk=pk), now=clock.now())

    def _url(self, pk: int) -> str:
        return reverse("admin:orders_order_change", args=[pk])


def told(*, order: Order, event: str) -> str:
    """Say whether the customer hears of an event ("order.cancelled", ...) by letter, or has to be told."""
    if orders.is_written_to(order=order, name=event):
        return gettext("The customer is written to.")
    return gettext("Nobody is written to: tell the customer.")


def is_filled_in(request: HttpRequest, form: Any) -> bool:
    """Whether the form of a question was sent, and holds what can be done."""
    return request.method == "POST" and bool(form.is_valid())


def _anybody(permission: str) -> bool:
    return True
