"""The desk's page that reads a bank statement: what is in it first, then one click for what names its order.

The file itself is not kept. Between the preview and the click the page carries the lines that can be taken in, signed
for whoever chose the file; each click judges them anew, so that an old page or a second click does nothing twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from common import clock
from common.errors import Refusal
from common.money import format_brl
from desk.admin import desk_actor
from desk.pages import PageAdmin, require
from desk.refusals import explained
from payments import services as payments
from payments import statements
from payments.services import Judged
from payments.statements import Line, NotAStatementError
from payments.wording import LINES, statement_problem

RIGHTS = ("payments.view_payment", "payments.record_payment", "orders.confirm_order")
SALT = "payments.statement"
FOR_SECONDS = 60 * 60
MOST_SHOWN = 300
COLOURS = {
    "match": "success", "late": "warning", "surplus": "warning", "less": "warning", "by_hand": "info",
    "elsewhere": "info", "known": "info", "several": "warning", "proposed": "warning", "unmatched": "info",
}  # fmt: skip
LABELS = {
    "match": _("Pays"), "late": _("Late"), "surplus": _("Too much"), "less": _("Another amount"),
    "by_hand": _("Recorded already"), "elsewhere": _("Taken in"), "known": _("Taken in"),
    "several": _("Several orders"), "proposed": _("Perhaps"), "unmatched": _("No order"),
}  # fmt: skip
KEPT = (*payments.TAKEN, "known", "several", "proposed")
"""What the page carries on; of the rest it only says how much there is."""


class StatementForm(forms.Form):
    """The file of a bank."""

    file = forms.FileField(
        label=_("Statement of the bank"),
        help_text=_("OFX or CSV, up to 2 MB. The file itself is not kept."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".ofx,.csv,.txt"}),
        max_length=255,
        allow_empty_file=True,  # the reader says what is wrong with it
    )

    lines: Sequence[Line] = ()

    def clean_file(self) -> Any:
        """Read the lines. Raises ValidationError with the place of what cannot be read."""
        upload = self.cleaned_data["file"]
        try:
            self.lines = statements.read(upload.read(statements.MAX_BYTES + 1))
        except NotAStatementError as problem:
            raise forms.ValidationError(statement_problem(problem), code=problem.code) from problem
        return upload


class StatementPage(PageAdmin):
    """Adds the page to the list of payments."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page of statements."""
        statement = self.admin_site.admin_view(self.statement)
        return [path("statement/", statement, name="payments_payment_statement"), *super().get_urls()]

    def statement(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, show what is in it, or take in what somebody clicked."""
        require(request, *RIGHTS)
        if request.method == "POST" and "lines" in request.POST:
            return self._clicked(request)
        form = StatementForm(request.POST, request.FILES) if request.method == "POST" else StatementForm()
        if not form.is_bound or not form.is_valid():
            return self._shown(request, {"form": form}, status=400 if form.is_bound else 200)
        found = payments.judge_statement(lines=form.lines, now=clock.now())
        counted = Counter(one.what for one in found)
        rest = {what: counted[what] for what in ("unmatched", "ignored")}
        return self._judged(request, [one for one in found if one.what in KEPT], rest=rest)

    def _clicked(self, request: HttpRequest) -> HttpResponse:
        try:
            lines, rest = _carried(request)
        except signing.BadSignature:
            messages.error(request, gettext("This page is too old. Choose the file again; nothing counts twice."))
            return self._shown(request, {"form": StatementForm()}, status=400)
        verb, actor, now = request.POST.get("take", ""), desk_actor(request), clock.now()
        try:
            if verb == "all":
                found = payments.take_statement(lines=lines, actor=actor, now=now)
                _told(request, [one for one in found if one.what in payments.TAKEN])
            else:
                reference, _mark, number = verb.rpartition("|")
                line = next((one for one in lines if one.reference == reference), None)
                if line is not None:
                    _told(request, [payments.take_line(line=line, number=number, actor=actor, now=now)])
        except Refusal as refusal:
            messages.error(request, explained(refusal))
        return self._judged(request, payments.judge_statement(lines=lines, now=clock.now()), rest=rest)

    def _judged(self, request: HttpRequest, found: Sequence[Judged], *, rest: dict[str, int]) -> HttpResponse:
        carried = [_packed(one.line) for one in found]
        context = {
            "form": StatementForm(),
            "groups": _groups(found),
            "takes": sum(one.what in payments.TAKEN for one in found),
            "rest": rest,
            "is_judged": True,
            "lines": signing.dumps([request.user.pk, rest, carried], salt=SALT, compress=True),
            "can_open": request.user.has_perm("orders.view_order"),
        }
        return self._shown(request, context)

    def _shown(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {"title": gettext("Statement of the bank"), **context}
        return self.page(request, template="payments/desk/statement.html", obj=None, context=whole, status=status)


def _carried(request: HttpRequest) -> tuple[list[Line], dict[str, int]]:
    """Return the lines that the page carried, if it did so for this person within the hour. Raises BadSignature."""
    user, rest, packed = signing.loads(request.POST["lines"], salt=SALT, max_age=FOR_SECONDS)
    if user != request.user.pk:
        raise signing.BadSignature("somebody else's")
    return [_unpacked(line) for line in packed], rest


def _packed(line: Line) -> dict[str, Any]:
    return {name: str(value) if name in ("day", "amount") else value for name, value in asdict(line).items()}


def _unpacked(kept: dict[str, Any]) -> Line:
    return Line(**{**kept, "day": date.fromisoformat(kept["day"]), "amount": Decimal(kept["amount"])})


def _groups(found: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return what the page shows: what names its order, what may be of one, and what is settled."""
    titles = (
        (gettext("These name their order"), ("match", "late", "surplus", "less", "by_hand", "elsewhere")),
        (gettext("These name none: is it one of those?"), ("proposed",)),
        (gettext("These name several orders"), ("several",)),
        (gettext("Taken in already"), ("known",)),
    )
    groups = []
    for title, kinds in titles:
        rows = [one for one in found if one.what in kinds]
        if rows:
            groups.append({"title": title, "rows": [_row(one) for one in rows[:MOST_SHOWN]], "count": len(rows)})
    return groups


def _row(one: Judged) -> dict[str, Any]:
    return {
        "line": one.line,
        "amount": format_brl(one.line.amount),
        "label": LABELS[one.what],
        "colour": COLOURS[one.what],
        "text": LINES[one.what],
        "is_asked": one.what == "proposed",
        "orders": one.orders,
    }


def _told(request: HttpRequest, done: Sequence[Judged]) -> None:
    """Say what came of the click."""
    counted = Counter(one.what for one in done)
    moved = sum(counted[what] for what in ("match", "late", "surplus"))
    if moved:
        text = ngettext("%(n)d payment was taken in.", "%(n)d payments were taken in.", moved)
        messages.success(request, text % {"n": moved})
    if counted["less"]:
        text = ngettext("%(n)d went into the money inbox.", "%(n)d went into the money inbox.", counted["less"])
        messages.warning(request, text % {"n": counted["less"]})
    noted = counted["by_hand"] + counted["elsewhere"] + counted["known"]
    if noted:
        text = ngettext("%(n)d was there already.", "%(n)d were there already.", noted)
        messages.info(request, text % {"n": noted})
