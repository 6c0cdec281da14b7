"""The desk's list of visits, and the page of each with its history. What is done to a visit is done in the agenda."""

from itertools import pairwise
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from common import clock
from common.access import access_token
from common.errors import Refusal
from common.money import format_brl
from desk.pages import PageAdmin, Question, asked_first, require, told_of_link, told_of_new_link
from desk.refusals import refused
from desk.shown import name_actors, shown_instant, shown_phone, shown_window
from scheduling import services as scheduling
from scheduling.lifecycle import CLOSED, effective_state
from scheduling.models import Appointment, AppointmentEvent
from scheduling.stranding import in_agenda
from scheduling.wording import KIND, page_path, reminder_url, state_name
from shop import services as shop

MANAGE = "scheduling.manage_appointment"
COLOURS = {
    "held": "warning",
    "requested": "warning",
    "confirmed": "info",
    "completed": "success",
    "no_show": "danger",
    "cancelled": "",
    "expired": "",
}


@admin.register(Appointment)
class AppointmentAdmin(PageAdmin):
    """Visits, the next first."""

    list_display = ("shown_when", "who", "professional", "shown_services", "shown_state", "shown_total")
    list_filter = ("state", "awaits_click", "professional")
    list_select_related = ("professional", "room")
    search_fields = ("search_key",)
    search_key_field = "search_key"
    search_help_text = _("Name, e-mail, phone, CPF or the number of its order")
    date_hierarchy = "starts_at"
    ordering = ("-starts_at", "-pk")
    actions_list = ("book_visit",)
    page_template = "scheduling/desk/appointment.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """Return the visits; a professional's login sees its own alone."""
        found: QuerySet[Appointment] = super().get_queryset(request)
        found = found.prefetch_related("services")
        if request.user.has_perm("scheduling.view_appointment"):
            return found
        return found.filter(professional__user=request.user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let the team look, and professionals at their own agenda."""
        if request.user.has_perm("scheduling.view_appointment"):
            return True
        own = request.user.has_perm("scheduling.view_own_agenda")
        return own and (obj is None or obj.professional.user_id == request.user.pk)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the page to whoever may look at some visit."""
        return self.has_view_permission(request)

    def has_manage_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may book, move and cancel."""
        return bool(request.user.has_perm(MANAGE))

    @display(description=_("when"), ordering="starts_at", header=True)
    def shown_when(self, visit: Appointment) -> list[str]:
        """Show day and time, and the room below."""
        return [shown_window(visit.starts_at, visit.ends_at), str(visit.room or "")]

    @display(description=_("customer"), header=True)
    def who(self, visit: Appointment) -> list[str]:
        """Show who comes."""
        return [visit.shown_name, shown_phone(visit.contact_phone)]

    @display(description=_("services"))
    def shown_services(self, visit: Appointment) -> str:
        """Show what is done."""
        return ", ".join(one.name for one in visit.services.all())

    @display(description=_("state"), ordering="state", label=COLOURS)
    def shown_state(self, visit: Appointment) -> tuple[str, Any]:
        """Show the state as it is now, swept or not."""
        now = clock.now()
        state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
        return state, state_name(appointment=visit, now=now)

    @display(description=_("total"), ordering="total")
    def shown_total(self, visit: Appointment) -> str:
        """Show what it costs."""
        return format_brl(visit.total)

    @action(description=_("Book a visit"), icon="event_available", url_path="book-visit", permissions=["manage"])
    def book_visit(self, request: HttpRequest) -> HttpResponse:
        """Lead to the agenda, ready to book."""
        return HttpResponseRedirect(in_agenda(new="1"))

    def get_urls(self) -> list[URLPattern]:
        """Add the page that asks before a visit gets a new link."""
        view = self.admin_site.admin_view(self.renew_link)
        return [path("<int:pk>/renew-link/", view, name="scheduling_appointment_renew_link"), *super().get_urls()]

    def renew_link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, and replace the link with which the customer opens the visit."""
        require(request, MANAGE)
        visit = get_object_or_404(self.get_queryset(request), pk=pk)
        intro = gettext("Every link to this visit stops working at once.")
        question = Question(
            title=gettext("Send a new link"),
            intro=f"{intro} {told_of_new_link(email=visit.contact_email)}",
            submit=gettext("Send a new link"),
            back=reverse("admin:scheduling_appointment_change", args=[visit.pk]),
        )
        if (asked := asked_first(request, admin=self, question=question, obj=visit)) is not None:
            return asked
        try:
            renewed = scheduling.renew_link(public_id=visit.public_id, now=clock.now())
        except Refusal as refusal:
            return refused(request, refusal=refusal, back=question.back)
        self.log_change(request, renewed, gettext("A new link was made."))
        token = access_token(kind=KIND, public_id=renewed.public_id, version=renewed.link_version)
        page = page_path(public_id=renewed.public_id, token=token)
        told_of_link(request, email=renewed.contact_email, path=page)
        return HttpResponseRedirect(question.back)

    def _renew_url(self, visit: Appointment) -> str:
        return reverse("admin:scheduling_appointment_renew_link", args=[visit.pk])

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the visit and its history, and where in the agenda it is changed."""
        now = clock.now()
        state = effective_state(state=obj.state, expires_at=obj.expires_at, now=now)
        steps = list(obj.events.select_related("professional"))
        name_actors(steps)
        return {
            "title": str(obj.shown_name),
            "when": shown_window(obj.starts_at, obj.ends_at),
            "state": state_name(appointment=obj, now=now),
            "colour": COLOURS[state],
            "total": format_brl(obj.total),
            "phone": shown_phone(obj.contact_phone),
            "services": [(one.name, one.duration_minutes, format_brl(one.price)) for one in obj.services.all()],
            "steps": [(step, step_text(step=step, before=before)) for before, step in pairwise([None, *steps])],
            "agenda": in_agenda(visit=str(obj.public_id)),
            "renew": self._renew_url(obj) if self.has_manage_permission(request) and state != "held" else None,
            "reminder": reminder_url(appointment=obj, policy=shop.policy()) if state == "confirmed" else None,
        }


def step_text(*, step: AppointmentEvent, before: AppointmentEvent | None) -> str:
    """Return in words what a step of a visit's life was, the step before it known."""
    if before is None:
        return {"held": gettext("Held in a cart"), "requested": gettext("Asked for")}.get(
            step.to_state, gettext("Booked")
        )
    if _is_click(step=step, before=before):
        return gettext("Confirmed by the link in the e-mail")
    if step.from_state == step.to_state:
        moved = {"when": shown_instant(step.starts_at), "professional": step.professional.name}
        if step.professional_id != before.professional_id:
            return gettext("Moved to %(when)s, with %(professional)s") % moved
        return gettext("Moved to %(when)s") % moved
    if step.from_state in CLOSED:
        return gettext("Undone: confirmed again")
    return {
        "confirmed": gettext("Accepted") if step.from_state == "requested" else gettext("Booked"),
        "requested": gettext("Asked for"),
        "held": gettext("Held in a cart"),
        "completed": gettext("It took place"),
        "no_show": gettext("Nobody came"),
        "expired": gettext("Ran out"),
        "cancelled": gettext("Cancelled"),
    }[step.to_state]


def _is_click(*, step: AppointmentEvent, before: AppointmentEvent) -> bool:
    """Say whether the customer followed the link of a letter: they alone leave a request where it is, or confirm it."""
    if step.actor_kind != "guest" or step.door != "page" or step.from_state != "requested":
        return False
    stays = (step.starts_at, step.professional_id) == (before.starts_at, before.professional_id)
    return step.to_state == "confirmed" or (step.to_state == "requested" and stays)
