"""The drawer's pages: each button is one service call, whose refusal comes back as a sentence.

What should be in a drawer is on no page before somebody has said what is: it is read only once a count of this person
is there.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.drawer import rows
from backoffice.drawer.forms import CloseForm, CountForm, MoveForm, OpenForm, TillForm
from common import clock
from common.errors import Refusal
from common.text import plain_number
from common.use_cases import only_once
from counter import services as counter
from desk.admin import desk_actor
from desk.pages import page_response, posted, require
from desk.refusals import explained, refused
from payments import services as payments
from till import selectors
from till import services as till
from till.models import TillSession

USE, ANYBODYS = "till.use_drawer", "till.close_any_drawer"


@require_GET
def drawer_page(request: HttpRequest) -> HttpResponse:
    """Show one's own drawer, or offer to open it; to the owner everybody's."""
    require(request, USE)
    return _page(request)


@require_POST
def open_drawer(request: HttpRequest) -> HttpResponse:
    """Open one's own drawer with the cash that lies in it."""
    require(request, USE)
    form = OpenForm(request.POST, tills=selectors.tills())
    if not form.is_valid():
        return _page(request, open_form=form, status=400)
    try:
        till.open_session(
            till=form.cleaned_data.get("till"),
            opening_float=form.cleaned_data["opening_float"],
            actor=desk_actor(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=reverse("drawer:page"))
    messages.success(request, _("The drawer is open."))
    return HttpResponseRedirect(reverse("drawer:page"))


@require_POST
def move_cash(request: HttpRequest, session: UUID) -> HttpResponse:
    """Write down cash that goes into a drawer or out of it."""
    session_of(request, session)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _page(request, move_form=form, moved=session, status=400)
    said = form.cleaned_data
    try:
        only_once(form.once(request=request, scope=f"move-cash:{session}"), till.move_cash)(
            session=session,
            kind=said["kind"],
            amount=said["amount"],
            reason=said["reason"],
            anybodys=request.user.has_perm(ANYBODYS),
            actor=desk_actor(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=reverse("drawer:page"))
    messages.success(request, _("Written down."))
    return HttpResponseRedirect(reverse("drawer:page"))


def count(request: HttpRequest, session: UUID) -> HttpResponse:
    """Ask what is in a drawer, without saying what should be, and write the answer down."""
    drawer = session_of(request, session)
    form = CountForm(posted(request))
    if form.is_valid():
        return write_count(request, session=session, form=form, back="drawer:page", then="drawer:close")
    context = {"title": _("Count the drawer"), "form": form, "drawer": rows.shown(drawer)}
    return page_response(request, "backoffice/drawer/count.html", context, status=400 if form.is_bound else 200)


def write_count(request: HttpRequest, *, session: UUID, form: CountForm, back: str, then: str) -> HttpResponse:
    """Write down what was counted, once, and lead to the drawer's page `then`; what is refused is told on `back`."""
    try:
        only_once(form.once(request=request, scope=f"count:{session}"), payments.count_session)(
            session=session,
            counted=form.counted,
            anybodys=request.user.has_perm(ANYBODYS),
            actor=desk_actor(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=reverse(back))
    return HttpResponseRedirect(reverse(then, args=[session]))


def close(request: HttpRequest, session: UUID) -> HttpResponse:
    """Show the count beside what should be there, and close the drawer with it."""
    drawer = session_of(request, session)
    counted = rows.last_count(drawer)
    if counted is None:
        return HttpResponseRedirect(reverse("drawer:count", args=[session]))
    form = CloseForm(posted(request), initial={"count": counted.pk})
    status = 200
    if form.is_valid():
        try:
            counter.close_drawer(
                session=session,
                count=form.cleaned_data["count"],
                note=form.cleaned_data["note"].strip(),
                anybodys=request.user.has_perm(ANYBODYS),
                actor=desk_actor(request),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.add_error(None, explained(refusal))
            status = refusal.status
        else:
            messages.success(request, _("The drawer is closed."))
            return HttpResponseRedirect(reverse("drawer:page"))
    context = {
        "title": _("Close the drawer"),
        "form": form,
        "drawer": rows.shown(drawer),
        "count": counted,
        "tenders": rows.tenders(counted),
        "counts": drawer.counts.count(),
    }
    return page_response(request, "backoffice/drawer/close.html", context, status=status)


@require_POST
def tills(request: HttpRequest) -> HttpResponse:
    """Add a till, or take one out of use or into it again."""
    require(request, ANYBODYS)
    form = TillForm(request.POST)
    if "switch" in request.POST:
        till.switch_till(till=plain_number(request.POST["switch"], digits=9) or 0)
    elif form.is_valid():
        till.add_till(name=form.cleaned_data["name"])
    else:
        return _page(request, till_form=form, status=400)
    return HttpResponseRedirect(reverse("drawer:page"))


def session_of(request: HttpRequest, session: UUID) -> TillSession:
    """Return a drawer that this person may move cash in and close, or end in a 404."""
    require(request, USE)
    found = selectors.session(public_id=session)
    if found is None or not (request.user.has_perm(ANYBODYS) or rows.is_own(found, desk_actor(request))):
        raise Http404
    return found


def _page(
    request: HttpRequest,
    *,
    open_form: OpenForm | None = None,
    move_form: MoveForm | None = None,
    till_form: TillForm | None = None,
    moved: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, everybodys = desk_actor(request), request.user.has_perm(ANYBODYS)
    own = selectors.open_session_of(actor=actor)
    places = selectors.tills()
    context: dict[str, Any] = {
        "title": _("Drawer"),
        "own": rows.shown(own) if own else None,
        "open_form": open_form or OpenForm(tills=places),
        "move_form": move_form or MoveForm(),
        "moved": moved,
        "others": rows.open_ones(but=own) if everybodys else (),
        "closed": rows.closed(of=None if everybodys else actor),
        "tills": rows.tills() if everybodys else (),
        "till_form": till_form or TillForm(),
    }
    return page_response(request, "backoffice/drawer/drawer.html", context, status=status)
