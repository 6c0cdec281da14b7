"""The desk's pages of visits: booking one at a free time, moving, accepting, cancelling and closing it.

A state is never typed; each button is one service call. The free times offered here come from the same
computation as the public list, only without notice and horizon, which protect the shop from customers.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from common import clock
from common.errors import Refusal
from common.money import format_brl
from desk.admin import desk_actor
from desk.pages import PageAdmin, Question, ask, posted, require
from desk.refusals import explained
from desk.shown import shown_instant, shown_phone, shown_window
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.documents import reminder_url
from scheduling.forms import BookForm, MoveForm, ReasonForm, WhenForm
from scheduling.lifecycle import MOVABLE, TRANSITIONS, effective_state
from scheduling.models import Appointment, Professional
from scheduling.selectors import Visit
from scheduling.services import Booker, Wish
from scheduling.slots import moment_of
from shop import services as shop
from shop.policy import Policy

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
STEPS = {
    "accept": ("confirmed", _("Accept the request"), "check_circle"),
    "complete": ("completed", _("It took place"), "task_alt"),
    "no-show": ("no_show", _("Nobody came"), "person_off"),
}


@admin.register(Appointment)
class AppointmentAdmin(PageAdmin):
    """Visits, the next first."""

    list_display = ("shown_when", "who", "professional", "shown_services", "shown_state", "shown_total")
    list_filter = ("state", "professional")
    list_select_related = ("professional", "room")
    search_fields = ("contact_name", "contact_email", "contact_phone")
    search_help_text = _("Name, e-mail or phone")
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

    @display(description=_("customer"), ordering="contact_name", header=True)
    def who(self, visit: Appointment) -> list[str]:
        """Show who comes."""
        return [visit.contact_name or gettext("In a cart"), shown_phone(visit.contact_phone)]

    @display(description=_("services"))
    def shown_services(self, visit: Appointment) -> str:
        """Show what is done."""
        return ", ".join(one.name for one in visit.services.all())

    @display(description=_("state"), ordering="state", label=COLOURS)
    def shown_state(self, visit: Appointment) -> tuple[str, Any]:
        """Show the state as it is now, swept or not."""
        state = effective_state(state=visit.state, expires_at=visit.expires_at, now=clock.now())
        return state, Appointment.State(state).label

    @display(description=_("total"), ordering="total")
    def shown_total(self, visit: Appointment) -> str:
        """Show what it costs."""
        return format_brl(visit.total)

    @action(description=_("Book a visit"), icon="event_available", url_path="book-visit", permissions=["manage"])
    def book_visit(self, request: HttpRequest) -> HttpResponse:
        """Lead to the page where a visit is booked."""
        return HttpResponseRedirect(reverse("admin:scheduling_appointment_book"))

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that change visits."""
        view = self.admin_site.admin_view
        return [
            path("book/", view(self.book), name="scheduling_appointment_book"),
            path("<int:pk>/move/", view(self.move), name="scheduling_appointment_move"),
            path("<int:pk>/cancel/", view(self.cancel), name="scheduling_appointment_cancel"),
            *(
                path(f"<int:pk>/{name}/", view(self.step), {"name": name}, name=f"scheduling_appointment_{name}")
                for name in STEPS
            ),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the visit, its history, and the buttons that lead somewhere from here."""
        now = clock.now()
        state = effective_state(state=obj.state, expires_at=obj.expires_at, now=now)
        manages = self.has_manage_permission(request)
        closes = manages or request.user.has_perm("scheduling.view_own_agenda")
        steps = [
            (name, label, icon)
            for name, (target, label, icon) in STEPS.items()
            if target in TRANSITIONS[state] and state != "held" and (manages if name == "accept" else closes)
            if name == "accept" or obj.starts_at <= now
        ]
        return {
            "title": str(obj.contact_name or gettext("In a cart")),
            "when": shown_window(obj.starts_at, obj.ends_at),
            "state": Appointment.State(state).label,
            "colour": COLOURS[state],
            "total": format_brl(obj.total),
            "phone": shown_phone(obj.contact_phone),
            "services": [(one.name, one.duration_minutes, format_brl(one.price)) for one in obj.services.all()],
            "events": [
                (shown_instant(step.at), Appointment.State(step.to_state).label, shown_instant(step.starts_at), step)
                for step in obj.events.all()
            ],
            "steps": [step for step in steps if not (step[0] == "accept" and state != "requested")],
            "can_move": manages and state in MOVABLE,
            "can_cancel": manages and "cancelled" in TRANSITIONS[state],
            "reminder": reminder_url(appointment=obj, policy=shop.policy()) if state == "confirmed" else None,
        }

    def step(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Accept, complete or mark a visit as missed."""
        visit = self._visit(request, pk)
        back = reverse("admin:scheduling_appointment_change", args=[pk])
        if name == "accept" or not self._is_own(request, visit):
            require(request, MANAGE)
        if request.method == "POST":
            verb = {"accept": scheduling.accept, "complete": scheduling.complete, "no-show": scheduling.mark_no_show}
            try:
                verb[name](public_id=visit.public_id, actor=desk_actor(request), now=clock.now())
            except Refusal as refusal:
                messages.error(request, explained(refusal))
        return HttpResponseRedirect(back)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask why, and cancel."""
        require(request, MANAGE)
        visit = self._visit(request, pk)
        back = reverse("admin:scheduling_appointment_change", args=[pk])
        form = ReasonForm(posted(request))
        refused = None
        if request.method == "POST" and form.is_valid():
            try:
                scheduling.cancel(
                    public_id=visit.public_id,
                    reason=form.cleaned_data["reason"],
                    actor=desk_actor(request),
                    now=clock.now(),
                )
            except Refusal as refusal:
                refused = refusal
            else:
                messages.success(request, gettext("The visit is cancelled."))
                return HttpResponseRedirect(back)
        question = Question(
            title=gettext("Cancel the visit"),
            intro=gettext("The time becomes free at once, and the customer is written to."),
            submit=gettext("Cancel the visit"),
            back=back,
            danger=True,
            facts=_facts(visit),
        )
        return ask(request, admin=self, question=question, form=form, obj=visit, refusal=refused)

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the free times of a day, and move the visit to one of them."""
        require(request, MANAGE)
        visit = self._visit(request, pk)
        policy = shop.policy()
        back = reverse("admin:scheduling_appointment_change", args=[pk])
        wanted = scheduling.booked_visit(appointment=visit, policy=policy)
        looked_up = WhenForm(
            request.GET or {"day": visit.starts_at.astimezone(ZoneInfo(policy.timezone)).date().isoformat()},
            services=(),
            people=_people(),
        )
        times = _times(visit=wanted, policy=policy, looked_up=looked_up, besides=visit)
        form = MoveForm(posted(request), times=times)
        refused = None
        if request.method == "POST" and form.is_valid():
            starts_at, professional = _chosen(form.cleaned_data["time"])
            try:
                scheduling.reschedule(
                    public_id=visit.public_id,
                    starts_at=starts_at,
                    professional=professional,
                    reason=form.cleaned_data["reason"],
                    actor=desk_actor(request),
                    now=clock.now(),
                )
            except Refusal as refusal:
                refused = refusal
            else:
                messages.success(request, gettext("The visit is moved, and the customer is written to."))
                return HttpResponseRedirect(back)
        title = gettext("Move the visit")
        context = {"title": title, "looked_up": looked_up, "times": times, "back": back, "facts": _facts(visit)}
        return self._times_page(request, form=form, refused=refused, context=context)

    def book(self, request: HttpRequest) -> HttpResponse:
        """Show the free times for some services on a day, and book one of them."""
        require(request, MANAGE)
        policy = shop.policy()
        back = reverse("admin:scheduling_appointment_changelist")
        offered = sorted(selectors.offers().values(), key=lambda offer: offer.name)
        looked_up = WhenForm(
            request.GET or None,
            services=[
                (offer.sku, f"{offer.name} · {offer.duration} min · {format_brl(offer.price)}") for offer in offered
            ],
            people=_people(),
        )
        times: list[tuple[str, str]] = []
        if looked_up.is_bound and looked_up.is_valid():
            wanted = selectors.visit_of(skus=looked_up.cleaned_data["services"], policy=policy)
            times = _times(visit=wanted, policy=policy, looked_up=looked_up)
        form = BookForm(posted(request), times=times)
        refused = None
        if request.method == "POST" and looked_up.is_valid() and form.is_valid():
            try:
                answer = self._book(request, skus=tuple(looked_up.cleaned_data["services"]), form=form)
            except Refusal as refusal:
                refused = refusal
            else:
                messages.success(request, gettext("The visit is booked."))
                return HttpResponseRedirect(reverse("admin:scheduling_appointment_change", args=[answer]))
        title = gettext("Book a visit")
        context = {"title": title, "looked_up": looked_up, "times": times, "back": back}
        return self._times_page(request, form=form, refused=refused, context=context)

    def _book(self, request: HttpRequest, *, skus: tuple[str, ...], form: BookForm) -> int:
        starts_at, professional = _chosen(form.cleaned_data["time"])
        data = form.cleaned_data
        answer = scheduling.book(
            wish=Wish(services=skus, starts_at=starts_at, professional=professional),
            booker=Booker(name=data["name"], email=data["email"], phone=data["phone"], note=data["note"]),
            actor=desk_actor(request),
            now=clock.now(),
            once=form.once(request=request, scope="visit:book"),
        )
        return Appointment.objects.values_list("pk", flat=True).get(public_id=answer.body["id"])

    def _times_page(
        self, request: HttpRequest, *, form: Any, refused: Refusal | None, context: dict[str, Any]
    ) -> HttpResponse:
        status = 200
        if refused is not None:
            form.add_error(None, explained(refused))
            status = refused.status
        elif form.is_bound and not form.is_valid():
            status = 400
        template = "scheduling/desk/times.html"
        return self.page(request, template=template, obj=None, context={"form": form, **context}, status=status)

    def _visit(self, request: HttpRequest, pk: int) -> Appointment:
        found = self.get_queryset(request).select_related("professional", "room")
        return get_object_or_404(found, pk=pk)

    def _is_own(self, request: HttpRequest, visit: Appointment) -> bool:
        may = request.user.has_perm("scheduling.view_own_agenda")
        return bool(may and visit.professional.user_id == request.user.pk)


def _people() -> list[tuple[str, str]]:
    rows = Professional.objects.filter(is_active=True).values_list("public_id", "name")
    return [(str(public_id), name) for public_id, name in rows]


def _times(
    *, visit: Visit, policy: Policy, looked_up: WhenForm, besides: Appointment | None = None
) -> list[tuple[str, str]]:
    """Return the free times of the day looked up, as choices; the time of the visit itself counts as free."""
    if not looked_up.is_valid():
        return []
    day: date = looked_up.cleaned_data["day"]
    chosen = looked_up.cleaned_data["professional"]
    zone = ZoneInfo(policy.timezone)
    found = selectors.free_starts(
        visit=visit,
        policy=policy,
        first=day,
        last=day,
        professional=UUID(chosen) if chosen else None,
        now=clock.now(),
        desk=True,
        except_ids=[besides.pk] if besides else (),
    )
    return [
        (
            f"{moment_of(one.start).isoformat()}|{who.public_id}",
            f"{moment_of(one.start).astimezone(zone):%H:%M} · {who.name}",
        )
        for one in found
        for who in one.performers
    ]


def _chosen(choice: str) -> tuple[datetime, UUID]:
    start, _bar, professional = choice.partition("|")
    return datetime.fromisoformat(start), UUID(professional)


def _facts(visit: Appointment) -> list[tuple[str, str]]:
    return [
        (gettext("When"), shown_window(visit.starts_at, visit.ends_at)),
        (gettext("Customer"), visit.contact_name or "-"),
        (gettext("Professional"), str(visit.professional)),
    ]
