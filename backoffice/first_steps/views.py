"""The pages of the first steps: the list, a short form for each, and putting the list away.

A form that was saved leads back to the first page, where the next step stands; products and services also lead to one
more of their kind.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_GET, require_POST

from backoffice.first_steps import adding
from backoffice.first_steps import forms as typed
from backoffice.first_steps.steps import HOURS_SEEN, LINK_SHARED, MAY, PUT_AWAY, first_steps
from catalog.models import Category
from common import clock, milestones
from common.errors import Conflict, Refusal
from common.locks import lease
from common.locks import page as page_lease
from common.text import chat_url
from desk.admin import PATIENCE, desk_actor
from desk.pages import page_response, posted, require
from desk.refusals import problems_of, refused
from desk.versions import Seen
from orders import services as orders
from scheduling.models import Professional
from shop import services as shop
from shop.services import ShopSheet


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the list, also one that was put away."""
    require(request, *MAY)
    found = first_steps()
    return page_response(request, "backoffice/first_steps_page.html", {"title": gettext("First steps"), "found": found})


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """Take the list off the first page."""
    require(request, *MAY)
    milestones.reach(name=PUT_AWAY, now=clock.now())
    messages.success(request, gettext("The first steps are put away; they stay in the menu, under Shop."))
    return HttpResponseRedirect(reverse("admin:index"))


class StepPage(View):
    """A step, for those who may do all of them."""

    title: str | Promise

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Let nobody in who may not do all of the steps."""
        require(request, *MAY)
        return super().dispatch(request, *args, **kwargs)


class FormStep(ABC, StepPage):
    """A step with a short form, and what is done with what was typed."""

    intro: str | Promise = ""
    whole_form: tuple[str | Promise, str] | None = None
    """Where everything else about it is typed: words and page."""
    again: str | Promise = ""
    """The button that saves and asks for one more of its kind; empty where there is one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return self.shown(request, self.form(request, None))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save what was typed and go on, or show what is wrong with it, everything typed still there."""
        form = self.form(request, request.POST)
        if not form.is_valid():
            return self.shown(request, form, status=400)
        try:
            self.save(request, form)
        except Refusal as refusal:
            for name, text in problems_of(refusal):
                form.add_error(name if name in form.fields else None, text)
            return self.shown(request, form, status=refusal.status)
        messages.success(request, self.told(form))
        more = self.again and "again" in request.POST
        return HttpResponseRedirect(request.path if more else reverse("admin:index"))

    def shown(
        self, request: HttpRequest, form: forms.BaseForm, *, seen: Seen | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page; `seen`: what it showed, where it shows what is stored."""
        categories = Category.objects.order_by("position", "pk").values_list("name", flat=True)
        people = Professional.objects.filter(is_active=True).order_by("position", "pk").values_list("name", flat=True)
        context = {
            "title": self.title,
            "form": form,
            "page_seen": seen,
            "intro": self.intro,
            "again": self.again,
            "whole_form": self.whole_form and (self.whole_form[0], reverse(self.whole_form[1])),
            "lists": [(typed.CATEGORIES, categories), (typed.PEOPLE, people)] if self.again else [],
        }
        return page_response(request, "backoffice/first_step.html", context, status=status)

    @abstractmethod
    def form(self, request: HttpRequest, sent: QueryDict | None) -> Any:
        """Return the form of what was sent; of nothing, with good defaults."""

    @abstractmethod
    def save(self, request: HttpRequest, form: Any) -> None:
        """Write down what was typed. Raises what the services raise."""

    def told(self, form: Any) -> str:
        """Return what is said once it is saved."""
        return gettext("Saved.")


class StoredStep(FormStep):
    """A step that shows what the shop has stored. What somebody else saved meanwhile is shown before it is replaced."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save what was typed as the shop's own page would, one at a time; first show what changed under it."""
        try:
            with lease([page_lease(table="shop.shopsettings", pk=shop.open_settings().pk)], wait=PATIENCE):
                seen = self._seen(request)
                return self._too_late(request, seen) if seen.changed else super().post(request)
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=request.path)

    def shown(
        self, request: HttpRequest, form: forms.BaseForm, *, seen: Seen | None = None, status: int = 200
    ) -> HttpResponse:
        """Return the page, carrying what it showed."""
        return super().shown(request, form, seen=seen or self._seen(request), status=status)

    def _seen(self, request: HttpRequest) -> Seen:
        return Seen(sent=posted(request), fresh=self.form(request, None))

    def _too_late(self, request: HttpRequest, seen: Seen) -> HttpResponse:
        form = self.form(request, seen.sent)
        seen.refuse(form)
        return self.shown(request, form, seen=seen, status=Conflict.status)


class SettingsStep(StoredStep):
    """A step that fills in a few of the shop's settings."""

    form_class: Callable[..., Any]
    whole_form = (_("All details and rules"), "admin:shop_shopsettings_changelist")

    def form(self, request: HttpRequest, sent: QueryDict | None) -> Any:
        """Return the form of the one row."""
        return self.form_class(sent, instance=shop.open_settings())

    def save(self, request: HttpRequest, form: Any) -> None:
        """Write what was typed differently."""
        values = {key: form.cleaned_data[key] for key in form.changed_data}
        orders.change_shop(sheet=ShopSheet(values=values), actor=desk_actor(request), now=clock.now())


class ShopStep(SettingsStep):
    """What the shop is called, and who it is."""

    title = _("Name and CNPJ or CPF")
    intro = _("What customers read on their orders, and what the law asks a shop to say.")
    form_class = typed.ShopForm


class PaymentStep(SettingsStep):
    """How customers pay."""

    title = _("How customers pay")
    intro = _("Choose what you take; it can be changed at any time.")
    form_class = typed.PaymentForm


class HoursStep(StoredStep):
    """When the shop is open."""

    title = _("Opening hours")
    intro = _("One line a day. With a lunch break: 9h-12h, 13h-18h. An empty line is a day on which you are closed.")
    whole_form = (_("Days off and everything else"), "admin:shop_shopsettings_changelist")

    def form(self, request: HttpRequest, sent: QueryDict | None) -> Any:
        """Return the week as it is, to be changed or simply saved."""
        return typed.HoursForm(sent, hours=shop.policy().opening_hours)

    def save(self, request: HttpRequest, form: Any) -> None:
        """Write the week, and that somebody looked at it."""
        now = clock.now()
        orders.change_shop(sheet=ShopSheet(opening_hours=form.hours()), actor=desk_actor(request), now=now)
        milestones.reach(name=HOURS_SEEN, now=now)


class ProductStep(FormStep):
    """Something to sell."""

    title = _("A product")
    intro = _("The rest can wait: pictures, sizes and descriptions are added on its own page.")
    whole_form = (_("By weight, in sizes, with pictures: the whole form"), "admin:catalog_product_add")
    again = _("Save and add another")

    def form(self, request: HttpRequest, sent: QueryDict | None) -> Any:
        """Return an empty form; the category is that of the latest product."""
        return typed.ProductForm(sent, initial={"category": _latest_category(kind="goods")})

    def save(self, request: HttpRequest, form: Any) -> None:
        """Put it on show with what there is of it."""
        adding.add_product(
            sheet=form.product(),
            variant=form.variant(),
            quantity=form.cleaned_data["quantity"] or 0,
            once=form.once(request=request, scope="first-product"),
            actor=desk_actor(request),
            now=clock.now(),
        )

    def told(self, form: Any) -> str:
        """Name it."""
        return gettext("%(name)s is in the shop.") % {"name": form.cleaned_data["name"]}


class ServiceStep(FormStep):
    """Something that takes time, and who does it."""

    title = _("A service")
    intro = _("The rest can wait: rooms, pauses and deposits are set on its own page.")
    whole_form = (_("With everything: the whole form"), "admin:scheduling_service_add")
    again = _("Save and add another")

    def form(self, request: HttpRequest, sent: QueryDict | None) -> Any:
        """Return an empty form; who does it is who did the latest, or whoever sits here."""
        latest = Professional.objects.filter(is_active=True).order_by("-pk").values_list("name", flat=True).first()
        known = {"category": _latest_category(kind="service"), "person": latest or getattr(request.user, "name", "")}
        return typed.ServiceForm(sent, initial=known)

    def save(self, request: HttpRequest, form: Any) -> None:
        """Put it on show with the person who does it."""
        adding.add_service(
            sheet=form.product(),
            variant=form.variant(),
            minutes=form.cleaned_data["minutes"],
            person=form.cleaned_data["person"],
            policy=shop.policy(),
            once=form.once(request=request, scope="first-service"),
            actor=desk_actor(request),
            now=clock.now(),
        )

    def told(self, form: Any) -> str:
        """Name it and who does it."""
        named = {"name": form.cleaned_data["name"], "person": form.cleaned_data["person"]}
        return gettext("%(name)s can be booked with %(person)s.") % named


class ShareStep(StepPage):
    """The address of the shop, to be sent to customers."""

    title = _("Link to share")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the address."""
        address = f"{settings.PUBLIC_URL}/"
        text = gettext("%(name)s: where we are, when we are open, and how to reach us: %(address)s")
        message = text % {"name": shop.policy().name, "address": address}
        chat = chat_url(phone="", text=message)
        context = {"title": self.title, "address": address, "chat": chat}
        return page_response(request, "backoffice/first_step_share.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remember that it was passed on."""
        milestones.reach(name=LINK_SHARED, now=clock.now())
        return HttpResponseRedirect(reverse("admin:index"))


def _latest_category(*, kind: str) -> str:
    """Return the category of the latest product of that kind, to be proposed for the next."""
    found = Category.objects.filter(products__kind=kind).order_by("-products__pk")
    return found.values_list("name", flat=True).first() or ""
