"""How a verb of an order is asked about and done at the desk: a question first, or a button that acts."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext

from backoffice import order_desk
from backoffice.order_desk import OrderDesk
from common import clock
from common.errors import Refusal
from desk.pages import PageAdmin, Question, ask
from desk.refusals import refused


class VerbPages(PageAdmin):
    """What the pages of an order's verbs share."""

    def _asked(
        self,
        request: HttpRequest,
        desk: OrderDesk,
        verb: str,
        question: Question,
        form: Any,
        work: Callable[[], str | None],
        *,
        done: str,
    ) -> HttpResponse:
        """Show the question, or do the work and go back; a refusal comes back with the form as it was filled in.

        `work` may return what to say instead of `done`, as a warning.
        """
        if request.method != "POST" and verb not in {found.name for found in order_desk.verbs(desk=desk, may=_anybody)}:
            messages.warning(request, gettext("The order is no longer in a state that allows this."))
            return HttpResponseRedirect(question.back)
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                instead = work()
            except Refusal as raised:
                refusal = raised
            else:
                tell = messages.warning if instead else messages.success
                tell(request, (instead or done) % {"number": desk.order.number})
                return HttpResponseRedirect(question.back)
        return ask(request, admin=self, question=question, form=form, obj=desk.order, refusal=refusal)

    def _acted(self, request: HttpRequest, desk: OrderDesk, work: Callable[[], None], *, done: str) -> HttpResponse:
        """Do the work of a button and go back; a refusal becomes a message."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        back = self._url(desk.order.pk)
        try:
            work()
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=back)
        messages.success(request, done % {"number": desk.order.number})
        return HttpResponseRedirect(back)

    def _desk(self, request: HttpRequest, pk: int) -> OrderDesk:
        return order_desk.read(order=get_object_or_404(self.get_queryset(request), pk=pk), now=clock.now())

    def _url(self, pk: int) -> str:
        return reverse("admin:orders_order_change", args=[pk])


def _anybody(permission: str) -> bool:
    return True
