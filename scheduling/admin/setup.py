"""The desk's pages of professionals with their hours, and of rooms; what the pages of the setup share.

A page saves everything on it by one service call. A change that would leave booked visits without working time is
shown with their names first, to be moved or to be left so on purpose.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from common import clock
from desk.admin import DeskInline
from desk.pages import FramedPages, Question, asked_first
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.forms import (
    OverrideForm,
    PerformedForm,
    ProfessionalForm,
    RuleForm,
    TimeOffForm,
)
from scheduling.models import (
    AvailabilityRule,
    DateOverride,
    Professional,
    ProfessionalService,
    Room,
    Service,
    TimeOff,
)
from scheduling.stranding import StrandingPage, tell_stranded, wanted_anyway

BY_NAME = ("variant__product__search_key", "variant__position", "pk")
"""The order of services, as people read them."""


class SetupAdmin(StrandingPage):
    """A page of the agenda's setup: one service call saves the whole of it."""

    show_full_result_count = False
    warn_unsaved_form = True
    tells_before = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never delete: what was booked points at it. It is switched off instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave the saving to `save_related`, which knows the whole page."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the row and everything on its page, and tell which visits it left without working time."""
        rows, gone = [form.instance], []
        for formset in formsets:
            rows += formset.save(commit=False)
            gone += formset.deleted_objects
        stranded = scheduling.keep_setup(
            rows=rows,
            gone=gone,
            rooms=form.cleaned_data.get("rooms"),
            now=clock.now(),
            anyway=wanted_anyway(request),
        )
        tell_stranded(request, stranded)


@admin.register(Room)
class RoomAdmin(SetupAdmin):
    """Rooms, chairs, cabins: places that one session uses at a time."""

    list_display = ("name", "is_active")
    search_fields = ("name",)
    search_words = ("name",)
    fields = ("name", "is_active")


class _HoursInline(DeskInline):
    extra = 0
    tab = True


class PerformedInline(_HoursInline):
    """What the professional performs."""

    model = ProfessionalService
    form = PerformedForm
    fields = ("service", "price")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the services by name."""
        if db_field.name == "service":
            kwargs["queryset"] = Service.objects.select_related("variant").order_by(*BY_NAME)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class RulesInline(_HoursInline):
    """The week."""

    model = AvailabilityRule
    form = RuleForm
    fields = ("weekday", "opens", "closes", "valid_from", "valid_until")


class OverridesInline(_HoursInline):
    """Days that differ from the week."""

    model = DateOverride
    form = OverrideForm
    fields = ("date", "opens", "closes")


class TimeOffInline(_HoursInline):
    """Absences."""

    model = TimeOff
    form = TimeOffForm
    fields = ("starts_at", "ends_at", "reason")


@admin.register(Professional)
class ProfessionalAdmin(FramedPages, SetupAdmin):
    """Whose time can be booked."""

    form = ProfessionalForm
    list_display = ("name", "is_active", "performs", "position")
    list_filter = ("is_active",)
    search_fields = ("name",)
    search_words = ("name",)
    fields = ("name", "bio", "image", "user", ("is_active", "position"), "feed")
    readonly_fields = ("feed",)
    inlines = (PerformedInline, RulesInline, OverridesInline, TimeOffInline)
    actions_detail = ("week", "renew_feed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Professional]:
        """Return the professionals with what they perform."""
        found: QuerySet[Professional] = super().get_queryset(request)
        return found.prefetch_related("services__variant__product")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the logins of the team."""
        if db_field.name == "user":
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(is_staff=True).order_by("sort_key", "pk")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def missing(self, request: HttpRequest, obj: Any) -> list[tuple[Any, str]]:
        """Lead to the services while there is none to perform."""
        if Service.objects.exists():
            return []
        return [(_("There is no service yet for anybody to perform."), reverse("admin:scheduling_service_add"))]

    @display(description=_("performs"))
    def performs(self, professional: Professional) -> str:
        """Show what the professional performs."""
        return ", ".join(str(one.variant.product.name) for one in professional.services.all()) or "-"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        """Return the fields; the secret address of the calendar is for those who may renew it."""
        shown = self.has_change_permission(request, obj)
        return tuple(one for one in self.fields if one != "feed" or shown)

    @display(description=_("calendar address"))
    def feed(self, professional: Professional) -> SafeString | str:
        """Show the secret address that calendars subscribe to."""
        if not professional.pk or not selectors.has_feed(professional=professional):
            return "-"
        return format_html(
            '<a href="{}">{}</a><br>{}',
            selectors.feed_path(professional=professional),
            _("Subscribe to this agenda"),
            _("For %(name)s alone. It ends when the person is switched off here or loses the login.")
            % {"name": professional.name},
        )

    @action(description=_("Weekly hours"), icon="schedule", url_path="week", permissions=["change"])
    def week(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the week, a row for each day."""
        professional = self.get_object(request, object_id)
        if professional is None:
            raise Http404
        return HttpResponseRedirect(reverse("hours:week", args=[professional.public_id]))

    @action(description=_("New calendar address"), icon="sync_lock", url_path="renew-feed", permissions=["change"])
    def renew_feed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, and make the old address of the calendar useless."""
        professional = self.get_object(request, object_id)
        if professional is None:
            raise Http404
        question = Question(
            title=gettext("New calendar address"),
            intro=gettext("The old address of %(name)s's calendar stops working at once.")
            % {"name": professional.name},
            submit=gettext("Make a new address"),
            back=reverse("admin:scheduling_professional_change", args=[professional.pk]),
        )
        if (asked := asked_first(request, admin=self, question=question, obj=professional)) is not None:
            return asked
        scheduling.renew_feed(professional_id=professional.pk)
        messages.success(request, gettext("The old calendar address no longer works."))
        return HttpResponseRedirect(question.back)
