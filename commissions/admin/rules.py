"""Rules at the desk: a list of sentences, a short page for a new one, and the last day of one."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from commissions import selectors
from commissions import services as commissions
from commissions.forms import EndForm, RuleForm
from commissions.models import CommissionRule
from commissions.wording import rule_words
from common import clock
from common.errors import Refusal
from desk.admin import DeskAdmin, desk_actor
from desk.pages import FramedPages, Question, ask, posted, require
from desk.shown import name_actors, shown_instant
from scheduling.models import Professional

CHANGE = "commissions.change_commissionrule"
STATES = {"now": "success", "later": "info", "over": ""}


class InForceFilter(admin.SimpleListFilter):
    """Whether a rule counts now."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what counts, or will, and what is over."""
        return [("yes", _("Now or later")), ("no", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CommissionRule]) -> QuerySet[CommissionRule]:
        """Keep the rules that are so at this moment."""
        living = Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now())
        return {"yes": queryset.filter(living), "no": queryset.exclude(living)}.get(self.value() or "", queryset)


@admin.register(CommissionRule)
class CommissionRuleAdmin(FramedPages, DeskAdmin):
    """Rules, professional by professional."""

    list_display = ("words", "professional", "shown_from", "shown_end", "state")
    list_display_links = ("words",)
    list_filter = (InForceFilter, "professional")
    list_select_related = selectors.RULE
    search_fields = ("professional__name", "product__search_key", "category__name")
    search_key_field = "product__search_key"
    search_words = ("professional__name", "category__name")
    ordering = ("professional__position", "professional__sort_key", "-pk")
    list_per_page = 50
    actions = ()
    actions_detail = ("end",)
    autocomplete_fields = ("product",)
    fields = (
        "professional",
        "target",
        "product",
        "share",
        "discount_borne_by",
        "consumables",
        "fee_borne_by",
        ("card_fee", "pix_fee"),
        "valid_from",
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody edit a rule: give it a last day and write another."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody delete what something was earned by."""
        return False

    def has_end_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Say whether the user may give a rule its last day."""
        return bool(request.user.has_perm(CHANGE))

    def missing(self, request: HttpRequest, obj: Any) -> list[tuple[Any, str]]:
        """Lead to the professionals while there is none to earn anything."""
        if obj is not None or Professional.objects.exists():
            return []
        told = _("There is no professional yet who could earn a commission.")
        return [(told, reverse("admin:scheduling_professional_add"))]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the short form of a new rule."""
        form = {"form": RuleForm} if obj is None else {}
        return super().get_form(request, obj, change=change, **form, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is typed of a new rule, and what is read of one that stands."""
        return self.fields if obj is None else ("words", "professional", "shown_from", "shown_end", "written")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let a rule that stands only be read."""
        return () if obj is None else ("words", "shown_from", "shown_end", "written")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin today."""
        today = timezone.localtime(clock.now()).date()
        return {"valid_from": today, "target": "visit", **super().get_changeform_initial_data(request)}

    @display(description=_("rule"))
    def words(self, rule: CommissionRule) -> str:
        """Say the rule."""
        return rule_words(rule)

    @display(description=_("valid from"), ordering="valid_from")
    def shown_from(self, rule: CommissionRule) -> str:
        """Show the first day on which it counts."""
        return date_format(rule.valid_from, "SHORT_DATE_FORMAT")

    @display(description=_("last day"), ordering="ends_at")
    def shown_end(self, rule: CommissionRule) -> str:
        """Show the last day on which it counts."""
        return _day_before(rule) if rule.ends_at else "-"

    @display(description=_("state"), label=STATES)
    def state(self, rule: CommissionRule) -> tuple[str, Any]:
        """Show whether it counts."""
        now = clock.now()
        if rule.ends_at is not None and rule.ends_at <= now:
            return "over", _("Over")
        return ("later", _("Later")) if rule.starts_at > now else ("now", _("In force"))

    @display(description=_("written"))
    def written(self, rule: Any) -> str:
        """Show when it was written, and by whom."""
        name_actors([rule])
        return f"{shown_instant(rule.created_at)} · {rule.actor_name}"

    def save_model(self, request: HttpRequest, obj: CommissionRule, form: Any, change: bool) -> None:
        """Write the new rule."""
        written = commissions.add_rule(rule=form.rule(), actor=desk_actor(request), now=clock.now())
        for field in written._meta.concrete_fields:
            setattr(obj, field.attname, getattr(written, field.attname))

    @action(description=_("Give it a last day"), icon="event_busy", url_path="end", permissions=["end"])
    def end(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the last day."""
        require(request, CHANGE)
        rule = self.get_object(request, unquote(object_id))
        if rule is None:
            raise Http404
        today = timezone.localtime(clock.now()).date()
        form = EndForm(posted(request), initial={"last_day": max(today, rule.valid_from).isoformat()})
        back = reverse("admin:commissions_commissionrule_change", args=[rule.pk])
        refusal = None
        if request.method == "POST" and form.is_valid():
            day = form.cleaned_data["last_day"]
            try:
                commissions.end_rule(rule_id=rule.public_id, last_day=day, now=clock.now())
            except Refusal as refused:
                refusal = refused
            else:
                messages.success(request, gettext("The rule has its last day. What was earned by it stays."))
                return HttpResponseRedirect(back)
        question = Question(
            title=gettext("Give it a last day"),
            intro=gettext("What is paid after that day earns nothing by this rule. What was earned stays."),
            submit=gettext("Save"),
            back=back,
            facts=[(gettext("Professional"), str(rule.professional)), (gettext("Rule"), rule_words(rule))],
        )
        return ask(request, admin=self, question=question, form=form, obj=rule, refusal=refusal)


def _day_before(rule: CommissionRule) -> str:
    """Return the day before the midnight at which a rule ends."""
    last = timezone.localtime(rule.ends_at) - timedelta(minutes=1)
    return date_format(last.date(), "SHORT_DATE_FORMAT")
