"""The page of the starter sets, and the button beside each: one service call, and a message about it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from backoffice.first_steps.steps import MAY
from backoffice.starters import taking
from backoffice.starters.content import SETS
from backoffice.starters.taking import Removed
from common import clock
from common.errors import Refusal
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import refused


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the sets."""
    require(request, *MAY)
    context = {"title": gettext("Example shops"), "offered": taking.offered()}
    return page_response(request, "backoffice/starters.html", context)


@require_POST
def act(request: HttpRequest, key: str) -> HttpResponse:
    """Take a set, or put it away."""
    require(request, *MAY)
    wanted = request.POST.get("act")
    if key not in SETS or wanted not in ("take", "remove"):
        raise Http404
    by, now = desk_actor(request), clock.now()
    back = reverse("starters:page")
    try:
        if wanted == "take":
            person = getattr(request.user, "name", "") or SETS[key].name
            count = taking.take(key=key, person=person, actor=by, now=now)
            text = ngettext("%(count)d example is in the shop.", "%(count)d examples are in the shop.", count)
            messages.success(request, text % {"count": count})
            back = reverse("admin:index")
        else:
            _tell(request, taking.remove(key=key, actor=by, now=now))
    except Refusal as refusal:
        return refused(request, refusal=refusal, back=back)
    return HttpResponseRedirect(back)


def _tell(request: HttpRequest, removed: Removed) -> None:
    """Say what went, and what stays and why."""
    text = ngettext("%(count)d example was put away.", "%(count)d examples were put away.", removed.gone)
    told = text % {"count": removed.gone}
    if removed.gone:
        told += " " + gettext("Their categories stay, as do the people who do the services.")
    messages.success(request, told)
    if removed.stays:
        named = "; ".join(f"{name} ({why})" for name, why in removed.stays)
        messages.warning(request, gettext("These stay: %(names)s.") % {"names": named})
