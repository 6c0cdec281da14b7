"""Statements at the desk: what everybody earned in a period, one professional's statement, and its payout."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from commissions import selectors
from commissions import services as commissions
from commissions.forms import PayoutForm, PeriodForm
from commissions.models import CommissionEntry, CommissionPayout
from commissions.wording import entry_words, rule_words
from common import clock
from common.dates import midnight
from common.errors import Refusal
from common.money import format_brl
from common.use_cases import only_once
from desk.admin import desk_actor
from desk.pages import PageAdmin, Question, ask, posted, require
from desk.shown import name_actors, shown_instant
from scheduling.models import Professional
from spreadsheets.files import write_csv

PAYS = "commissions.pay_commission"
SEES = "commissions.view_commissionentry"
SEES_OWN = "commissions.view_own_commission"
MOST_SHOWN = 300
LAST_PAYOUTS = 12
COLOURS = {"payment": "success", "refund": "danger", "called_off": "danger", "changed": "info"}


@admin.register(CommissionEntry)
class CommissionEntryAdmin(PageAdmin):
    """What everybody earned; behind each name the statement."""

    page_template = "commissions/desk/entry.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the statements."""
        view = self.admin_site.admin_view
        return [
            path("own/", view(self.own), name="commissions_commissionentry_own"),
            path("own/csv/", view(self.own_csv), name="commissions_commissionentry_own_csv"),
            path("of/<int:pk>/", view(self.statement), name="commissions_commissionentry_statement"),
            path("of/<int:pk>/csv/", view(self.csv), name="commissions_commissionentry_csv"),
            path("of/<int:pk>/pay/", view(self.pay), name="commissions_commissionentry_pay"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show what everybody earned in a period, and what is to be paid."""
        require(request, SEES)
        period = Period(request)
        rows = selectors.figures(first=period.begins, until=period.ends) if period.is_valid else []
        context = {
            "title": gettext("Commissions"),
            "period": period,
            "rows": [(row.professional, _shown(row)) for row in rows],
            "payable": format_brl(sum((row.payable for row in rows), Decimal("0.00"))),
            "can_see_rules": request.user.has_perm("commissions.view_commissionrule"),
            "can_see_payouts": request.user.has_perm("commissions.view_commissionpayout"),
        }
        status = 200 if period.is_valid else 400
        return self.page(request, template="commissions/desk/overview.html", obj=None, context=context, status=status)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return how one entry was worked out."""
        return {
            "title": entry_words(obj),
            "row": entry_row(obj),
            "can_open": request.user.has_perm("orders.view_order"),
        }

    def statement(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a professional's statement."""
        require(request, SEES)
        return self._statement(request, get_object_or_404(Professional, pk=pk), own=False)

    def own(self, request: HttpRequest) -> HttpResponse:
        """Show whoever looks their own statement, and nobody else's."""
        require(request, SEES_OWN)
        person = Professional.objects.filter(user=request.user.pk).first()
        if person is None:
            context = {"title": gettext("My commissions"), "is_nobody": True}
            return self.page(request, template="commissions/desk/statement.html", obj=None, context=context)
        return self._statement(request, person, own=True)

    def csv(self, request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
        """Hand out a professional's statement as a table."""
        require(request, SEES)
        return self._csv(request, get_object_or_404(Professional, pk=pk))

    def own_csv(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Hand out to whoever looks their own statement as a table."""
        require(request, SEES_OWN)
        return self._csv(request, get_object_or_404(Professional, user=request.user.pk))

    def _statement(self, request: HttpRequest, person: Professional, *, own: bool) -> HttpResponse:
        period = Period(request)
        context: dict[str, Any] = {"title": person.name, "period": period, "person": person, "own": own}
        if period.is_valid:
            [figures] = selectors.figures(first=period.begins, until=period.ends, people=[person])
            found = selectors.entries(professional=person, first=period.begins, until=period.ends)
            rows = list(found[: MOST_SHOWN + 1])
            tips = selectors.tips(professional=person, first=period.begins, until=period.ends)
            given = list(tips[: MOST_SHOWN + 1])
            payouts = list(CommissionPayout.objects.filter(professional=person)[:LAST_PAYOUTS])
            name_actors(payouts)
            pays = not own and request.user.has_perm(PAYS) and figures.payable > 0
            name, args = ("own_csv", []) if own else ("csv", [person.pk])
            context |= {
                "figures": _shown(figures),
                "rows": [entry_row(entry) for entry in rows[:MOST_SHOWN]],
                "more": len(rows) > MOST_SHOWN,
                "tips": [tip_row(tip) for tip in given[:MOST_SHOWN]],
                "more_tips": len(given) > MOST_SHOWN,
                "payouts": [(payout, format_brl(payout.amount)) for payout in payouts],
                "can_open": request.user.has_perm("orders.view_order"),
                "can_open_payouts": request.user.has_perm("commissions.view_commissionpayout"),
                "pay_url": self._at("pay", person.pk) + f"?{period.query}" if pays else "",
                "csv_url": self._at(name, *args) + f"?{period.query}",
            }
        status = 200 if period.is_valid else 400
        return self.page(request, template="commissions/desk/statement.html", obj=None, context=context, status=status)

    def _csv(self, request: HttpRequest, person: Professional) -> HttpResponse | StreamingHttpResponse:
        period = Period(request)
        if not period.is_valid:
            return HttpResponse(gettext("The last day comes before the first."), status=400, content_type="text/plain")
        found = selectors.entries(professional=person, first=period.begins, until=period.ends)
        given = selectors.tips(professional=person, first=period.begins, until=period.ends)
        table = _table(found.iterator(500), given.iterator(500))
        answer = StreamingHttpResponse(write_csv(table), content_type="text/csv; charset=utf-8")
        name = f"comissoes-{person.pk}-{period.first:%Y-%m-%d}-{period.last:%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def pay(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask how what is to be paid is paid, and write it down."""
        require(request, SEES, PAYS)
        person, period = get_object_or_404(Professional, pk=pk), Period(request)
        if not period.is_valid:
            return HttpResponseRedirect(self._at("statement", pk))
        back = self._at("statement", pk) + f"?{period.query}"
        form, refusal = PayoutForm(posted(request)), None
        if request.method == "POST" and form.is_valid():
            typed = form.cleaned_data
            try:
                only_once(form.once(request=request, scope=f"payout:{pk}"), commissions.pay_out)(
                    professional=person.public_id,
                    until=typed["until"],
                    expected=typed["amount"],
                    method=typed["method"],
                    note=typed["note"],
                    actor=desk_actor(request),
                    now=clock.now(),
                )
            except Refusal as refused:
                refusal = refused
            else:
                messages.success(request, gettext("Paid and written down."))
                return HttpResponseRedirect(back)
        [figures] = selectors.figures(first=period.begins, until=period.ends, people=[person])
        if not form.is_bound:
            form = PayoutForm(initial={"amount": figures.payable, "until": period.last})
        question = Question(
            title=gettext("Pay commissions"),
            intro=gettext("Whatever is not paid yet until that day is closed with it, tips too, once. This is final."),
            submit=gettext("Pay %(amount)s") % {"amount": format_brl(figures.payable)},
            back=back,
            facts=[
                (gettext("Professional"), person.name),
                (gettext("Until"), date_format(period.last, "SHORT_DATE_FORMAT")),
                (gettext("To be paid"), format_brl(figures.payable)),
            ],
        )
        return ask(request, admin=self, question=question, form=form, refusal=refusal)

    def _at(self, name: str, *args: int) -> str:
        return reverse(f"admin:commissions_commissionentry_{name}", args=args)


class Period:
    """The days a page is about: those asked for, or this month until today."""

    def __init__(self, request: HttpRequest) -> None:
        today = timezone.localtime(clock.now()).date()
        month = today.replace(day=1)
        days = {"first": month.isoformat(), "last": today.isoformat()}
        asked = {name: request.GET[name] for name in days if request.GET.get(name)}
        self.form = PeriodForm(days | asked)
        self.is_valid = self.form.is_valid()
        self.first: date = self.form.cleaned_data.get("first", month)
        self.last: date = self.form.cleaned_data.get("last", today)
        before = month - timedelta(days=1)
        self.choices = [
            (gettext("This month"), _query(month, today)),
            (gettext("Last month"), _query(before.replace(day=1), before)),
        ]

    @property
    def query(self) -> str:
        """How a link says it."""
        return _query(self.first, self.last)

    @property
    def begins(self) -> datetime:
        """When the first day begins."""
        return midnight(self.first, zone=timezone.get_current_timezone())

    @property
    def ends(self) -> datetime:
        """When the day after the last one begins."""
        return midnight(self.last + timedelta(days=1), zone=timezone.get_current_timezone())


def _query(first: date, last: date) -> str:
    return urlencode({"first": first.isoformat(), "last": last.isoformat()})


def _shown(figures: selectors.Figures) -> dict[str, str]:
    """Return the figures as they are read."""
    return {name: format_brl(getattr(figures, name)) for name in ("earned", "tips", "paid", "carried", "payable")}


def entry_row(entry: Any) -> dict[str, Any]:
    """Return an entry as the pages show it."""
    return {
        "entry": entry,
        "at": shown_instant(entry.at),
        "what": entry_words(entry),
        "words": rule_words(entry.rule),
        "colour": COLOURS[entry.kind],
        "base": format_brl(entry.base),
        "amount": format_brl(entry.amount),
    }


def tip_row(tip: Any) -> dict[str, Any]:
    """Return a tip as the pages show it."""
    return {"tip": tip, "at": shown_instant(tip.at), "what": tip_words(tip), "amount": format_brl(tip.amount)}


def tip_words(tip: Any) -> str:
    """Say what a tip is."""
    return gettext("Tip given back") if tip.of_id else gettext("Tip")


def _table(found: Iterator[Any], tips: Iterator[Any]) -> Iterator[list[object]]:
    yield [
        gettext("Day"), gettext("Order"), gettext("What"), gettext("Reason"), gettext("Rule"), gettext("Base"),
        gettext("Commission"), gettext("Paid"),
    ]  # fmt: skip
    total = Decimal("0.00")
    for entry in found:
        total += entry.amount
        paid = gettext("yes") if entry.is_paid else gettext("no")
        yield [
            timezone.localtime(entry.at).replace(tzinfo=None), entry.line.order.number, entry_words(entry),
            entry.get_kind_display(), rule_words(entry.rule), entry.base, entry.amount, paid,
        ]  # fmt: skip
    for tip in tips:
        total += tip.amount
        paid = gettext("yes") if tip.is_paid else gettext("no")
        yield [
            timezone.localtime(tip.at).replace(tzinfo=None), tip.order.number, tip_words(tip),
            tip.get_tender_display(), "", "", tip.amount, paid,
        ]  # fmt: skip
    yield [gettext("Total"), "", "", "", "", "", total, ""]
