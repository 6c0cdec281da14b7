"""What a page shows before it saves a change that would leave booked visits without their time.

The refusal names the visits; the page lists them with all that was typed, to be saved again once they are moved, or to
be saved anyway.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext

from common import clock
from common.errors import Refusal
from desk.admin import DeskAdmin
from desk.kept import kept_fields
from desk.pages import page_response
from desk.shown import shown_instant
from scheduling.errors import WouldStrand
from scheduling.models import Appointment

SHOWN = 5
ANYWAY = "strand_anyway"
OURS = (ANYWAY, "csrfmiddlewaretoken")


class StrandingPage(DeskAdmin):
    """A page whose saving may be refused for the sake of booked visits."""

    def refused(self, request: HttpRequest, refusal: Refusal, *, again: Callable[[], HttpResponse]) -> HttpResponse:
        """Name the visits that the change would strand before anything is saved; other refusals on the form."""
        if not isinstance(refusal, WouldStrand):
            return super().refused(request, refusal, again=again)
        return shown_first(request, refusal, pickups=self.pickups_in(refusal))

    def pickups_in(self, refusal: WouldStrand) -> list[dict[str, str]]:
        """Return the pickups that the change would strand, as the page lists them; none where only time is set up."""
        return []


def shown_first(
    request: HttpRequest, refusal: WouldStrand, *, pickups: Sequence[Mapping[str, str]] = ()
) -> HttpResponse:
    """Show whom a change would strand, with all that was typed, to be saved again or anyway."""
    named = cast("list[dict[str, str]]", refusal.data["appointments"])
    visits = Appointment.objects.filter(public_id__in=[one["id"] for one in named]).order_by("starts_at")
    context = {
        "title": refusal.title,
        "visits": [
            {
                "name": visit.shown_name,
                "when": shown_instant(visit.starts_at),
                "page": in_agenda(visit=str(visit.public_id)),
            }
            for visit in visits
        ],
        "pickups": pickups,
        "typed": [
            *((name, value) for name, values in request.POST.lists() for value in values if name not in OURS),
            *kept_fields(files=request.FILES, now=clock.now()),
        ],
        "anyway": ANYWAY,
        "back": request.get_full_path(),
    }
    return page_response(request, "scheduling/desk/stranded.html", context, status=refusal.status)


def in_agenda(**query: str) -> str:
    """Return the address of the agenda, opened at something; there visits are booked, moved and closed."""
    return f"{reverse('agenda:page')}?{urlencode(query)}"


def wanted_anyway(request: HttpRequest) -> bool:
    """Say whether whoever saves has seen the visits and wants the change all the same."""
    return ANYWAY in request.POST


def tell_stranded(request: HttpRequest, visits: list[Appointment]) -> None:
    """Warn about visits that the change left without working time or a place, and name the first of them."""
    if not visits:
        return
    names = "; ".join(f"{visit.shown_name} {shown_instant(visit.starts_at)}" for visit in visits[:SHOWN])
    text = ngettext(
        "%(count)s booked visit now has no working time or place: %(names)s. Move it, or tell the customer.",
        "%(count)s booked visits now have no working time or place: %(names)s. Move them, or tell the customers.",
        len(visits),
    )
    messages.warning(request, text % {"count": len(visits), "names": names})
