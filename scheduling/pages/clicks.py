"""The page that the link in the letter of a stranger's visit opens: it asks, and the answer confirms the visit.

Its token stands in that letter alone and opens nothing else; following the link changes nothing.
"""

from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from common import clock
from common.access import access_token
from common.errors import Forbidden, InvalidTransition
from pages.links import opened_by_link, token_of
from pages.views import LANGUAGE, VISITOR, CustomerPage
from scheduling import selectors, wording
from scheduling import services as scheduling
from scheduling.messages import STANDS
from scheduling.wording import KIND, page_path, whatsapp_url
from shop import services as shop


@method_decorator(opened_by_link, name="dispatch")
class ConfirmVisitPage(CustomerPage):
    """Asks the reader of the letter whether the visit is theirs."""

    @property
    def token(self) -> str:
        """The token of the link, which the address has lost by now."""
        return token_of(self.request)

    def carried(self, *, language: str) -> str:
        """Return what an address of this page carries: never the token."""
        return urlencode({LANGUAGE: language}) if language else ""

    def get(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Ask, or say how the visit stands where there is nothing to confirm any more."""
        return self._ask(public_id=public_id)

    def post(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """Confirm the visit, or say how it stands."""
        try:
            scheduling.confirm_by_click(public_id=public_id, token=self.token, actor=VISITOR, now=clock.now())
        except InvalidTransition as refusal:
            return self._ask(public_id=public_id, status=refusal.status)
        except Forbidden as refusal:
            return self._ask(public_id=public_id, status=refusal.status, refused=str(refusal.title))
        return self.go(reverse("appointment-page-confirm", args=[public_id]))

    def _ask(self, *, public_id: UUID, status: int = 200, refused: str = "") -> HttpResponse:
        now, policy = clock.now(), shop.policy()
        visit = selectors.clicked(public_id=public_id, token=self.token, now=now)
        facts = selectors.facts_of(cause=STANDS, appointment=visit, policy=policy, now=now)
        asks = facts.awaits_click and facts.state == "requested"
        over = facts.state in ("cancelled", "expired")
        with self.speaking(language=visit.language, zone=policy.timezone):
            values = wording.values_of(appointment=visit, policy=policy)
            own = access_token(kind=KIND, public_id=visit.public_id, version=visit.link_version)
            question = [_("%(when)s, with %(who)s") % values, _("It is kept for you until %(until)s.") % values]
            context = {
                "title": _("Is this appointment yours?") if asks else _("Your appointment"),
                "said": question if asks else wording.written(facts=facts, values=values),
                "services": [one.name for one in visit.services.all()],
                "asks": asks,
                "refused": refused,
                "onward": reverse("home") if over else page_path(public_id=visit.public_id, token=own),
                "over": over,
                "shop": policy,
                "chat": whatsapp_url(number=policy.whatsapp, appointment=visit, zone=ZoneInfo(policy.timezone)),
            }
            return self.show("scheduling/pages/click.html", context, status=status)
