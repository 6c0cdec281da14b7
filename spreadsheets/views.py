"""Pages on which spreadsheets are saved and brought: the file, what it would change, one click, how far it is."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common import clock, workers
from common.errors import Refusal
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import explained
from spreadsheets import files, services
from spreadsheets.exports import EXPORTS, headings
from spreadsheets.forms import SheetForm
from spreadsheets.models import Import, ImportRow
from spreadsheets.shown import shown_row
from spreadsheets.tables import COLUMNS

IMPORT = "spreadsheets.import_sheet"
SMALL = 200 * 1024
"""Bytes of a file that is read while its sender waits for the page."""
FEW = 1_000
"""Rows that are taken in while somebody waits for the page."""
ASKED_FOR = 3600
"""Seconds within which a worker may begin."""
PREPARE, TAKE_IN = "spreadsheets.tasks.prepare", "spreadsheets.tasks.take_in"
LISTS = {
    Import.Kind.PRODUCTS: "admin:catalog_product_changelist",
    Import.Kind.SERVICES: "admin:scheduling_service_changelist",
    Import.Kind.CUSTOMERS: "admin:customers_customerrecord_changelist",
}
"""Where one sees what was taken in."""
ON_A_PAGE = 50
LAST = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show what can be saved and brought, and what was brought last."""
    may = [name for name, export in EXPORTS.items() if request.user.has_perm(export.permission)]
    if not may:
        require(request, IMPORT)
    return page_response(request, "spreadsheets/page.html", _whole(request))


@require_POST
def bring(request: HttpRequest, kind: str) -> HttpResponse:
    """Take a file; a small one is read at once."""
    require(request, IMPORT)
    _known(kind)
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return page_response(request, "spreadsheets/page.html", _whole(request, kind=kind, form=form), status=400)
    upload = form.cleaned_data["file"]
    now = clock.now()
    run = services.begin(
        kind=kind,
        name=upload.name or "",
        content=upload.read(),
        language=get_language() or "",
        actor=desk_actor(request),
        now=now,
    )
    if upload.size <= SMALL or not workers.ask(PREPARE, str(run.public_id), expires=ASKED_FOR):
        run = services.prepare(public_id=run.public_id, now=now)
    if run.state == Import.State.REFUSED:
        services.discard(public_id=run.public_id)
        form.add_error("file", run.problem)
        return page_response(request, "spreadsheets/page.html", _whole(request, kind=kind, form=form), status=400)
    return HttpResponseRedirect(reverse("spreadsheets:look", args=[run.public_id]))


@require_GET
def look(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show how far a spreadsheet is: a bar, a preview, or what it did."""
    require(request, IMPORT)
    run = Import.objects.defer("content").filter(public_id=public_id).first()
    if run is None:
        messages.info(request, _("This spreadsheet is no longer kept. Choose the file again."))
        return HttpResponseRedirect(reverse("spreadsheets:page"))
    context: dict[str, Any] = {"title": run.name, "run": run, "goes_to": reverse(LISTS[Import.Kind(run.kind)])}
    if run.state in (Import.State.WAITING, Import.State.CONFIRMED):
        told = services.told(public_id=run.public_id)
        context |= {"told": told, "percent": _percent(told)}
        return page_response(request, "spreadsheets/waiting.html", context)
    if run.state == Import.State.READY:
        context |= _preview(request, run)
    return page_response(request, "spreadsheets/look.html", context)


@require_POST
def take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take in what the preview showed; a small one while its sender waits for the page."""
    require(request, IMPORT)
    back = HttpResponseRedirect(reverse("spreadsheets:look", args=[public_id]))
    try:
        run = services.confirm(public_id=public_id, seal=request.POST.get("seal", ""))
        if run.rows <= FEW or not workers.ask(TAKE_IN, str(public_id), expires=ASKED_FOR):
            services.take_in(public_id=public_id, now=clock.now())
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    return back


@require_POST
def again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Do at once what no worker has taken up."""
    require(request, IMPORT)
    now = clock.now()
    try:
        run = services.prepare(public_id=public_id, now=now)
        if run.state == Import.State.CONFIRMED:
            services.take_in(public_id=public_id, now=now)
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    return HttpResponseRedirect(reverse("spreadsheets:look", args=[public_id]))


@require_POST
def discard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Throw a preview away."""
    require(request, IMPORT)
    try:
        services.discard(public_id=public_id)
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    return HttpResponseRedirect(reverse("spreadsheets:page"))


@require_GET
def template(request: HttpRequest, kind: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """Give an empty spreadsheet with the headings of a kind."""
    require(request, IMPORT)
    _known(kind)
    name = f"{slugify(Import.Kind(kind).label)}.{form}"
    if form == "xlsx":
        widths = [column.width for column in COLUMNS[kind]]
        content = files.write_xlsx([headings(kind)], widths=widths)
        return HttpResponse(
            content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )
    if form != "csv":
        raise Http404
    return _download(files.write_csv([headings(kind)]), name=name)


@require_GET
def export(request: HttpRequest, name: str) -> HttpResponse | StreamingHttpResponse:
    """Give a table as it is now, written while it is read."""
    if name not in EXPORTS:
        raise Http404
    require(request, EXPORTS[name].permission)
    day = timezone.localtime(clock.now()).date()
    return _download(
        files.write_csv(EXPORTS[name].rows_for(may=request.user.has_perm)),
        name=f"{slugify(str(EXPORTS[name].title))}-{day}.csv",
    )


def _known(kind: str) -> None:
    if kind not in COLUMNS:
        raise Http404


def _download(lines: Iterator[str], *, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _whole(request: HttpRequest, *, kind: str = "", form: SheetForm | None = None) -> dict[str, Any]:
    exports = [(name, export.title) for name, export in EXPORTS.items() if request.user.has_perm(export.permission)]
    kinds: list[dict[str, Any]] = []
    if request.user.has_perm(IMPORT):
        kinds = [
            {
                "kind": one,
                "title": Import.Kind(one).label,
                "columns": columns,
                "form": form if one == kind and form else SheetForm(auto_id=f"id_{one}_%s"),
            }
            for one, columns in COLUMNS.items()
        ]
    last = Import.objects.defer("content").order_by("-pk")[:LAST] if kinds else ()
    return {"title": _("Spreadsheets"), "exports": exports, "kinds": kinds, "last": last}


def _preview(request: HttpRequest, run: Import) -> dict[str, Any]:
    """Return a page of the rows of one sort, what is wrong first."""
    counts = {"wrong": run.wrong, "changed": run.changed, "new": run.fresh, "same": run.same}
    asked = request.GET.get("show", "")
    show = asked if counts.get(asked) else next((what for what, count in counts.items() if count), "new")
    rows = ImportRow.objects.filter(run=run, what=show).order_by("number")
    pages = Paginator(rows, ON_A_PAGE)
    pages.count = counts[show]  # counted when it was compared
    found = pages.get_page(request.GET.get("page"))
    tabs = [(what, ImportRow.What(what).label, count, what == show) for what, count in counts.items()]
    return {"tabs": tabs, "show": show, "found": found, "rows": [shown_row(kind=run.kind, row=row) for row in found]}


def _percent(told: tuple[int, int] | None) -> int | None:
    return min(100, told[0] * 100 // told[1]) if told and told[1] else None
