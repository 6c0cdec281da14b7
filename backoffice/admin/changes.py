"""The desk's list of everything that the database wrote down, newest first; only to read."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from audit.models import Entry
from audit.selectors import newest_about, newest_by
from backoffice.meant import actors_meant, subjects_meant
from desk.changes import Teller, where
from desk.pages import ReadOnlyAdmin
from desk.shown import shown_instant

MOST = 2_000
"""How many entries of what was searched for are looked through."""


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Who changed what, through which door; what came past the shop can be looked at by itself."""

    list_display = ("shown_at", "who", "through", "what")
    list_filter = ("by_hand",)
    search_fields = ("subject",)
    search_also = ("subject",)
    search_help_text = _("Order, product, SKU, name or e-mail; of who did it, too")
    ordering = ("-pk",)
    fields = ("shown_at", "who", "through", "about", "what", "request_id", "role")
    readonly_fields = fields

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the names of the whole page together."""
        changelist = super().get_changelist_instance(request)
        teller = Teller(changelist.result_list)
        for entry in changelist.result_list:
            entry.teller = teller
        return changelist

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Return what hangs on the things that a text means, and what people it means did: the newest of both."""
        about = newest_about(subjects_meant(text), most=MOST)
        by = newest_by(actors_meant(text), most=MOST)
        return Q(pk__in=sorted({*about, *by}, reverse=True)[:MOST])

    @display(description=_("at"), ordering="pk")
    def shown_at(self, entry: Entry) -> str:
        """Show when."""
        return shown_instant(entry.at)

    @display(description=_("who"))
    def who(self, entry: Entry) -> str:
        """Name who did it."""
        return _teller(entry).who(entry)

    @display(description=_("through"))
    def through(self, entry: Entry) -> str:
        """Show where it came in."""
        return where(entry)

    @display(description=_("about"))
    def about(self, entry: Entry) -> str:
        """Name what the row is a part of, and lead to everything that was written down of it."""
        link = f"{reverse('admin:audit_entry_changelist')}?{urlencode({SEARCH_VAR: entry.subject})}"
        return format_html('<a class="desk-link" href="{}">{}</a>', link, _teller(entry).subject(entry))

    @display(description=_("what"))
    def what(self, entry: Entry) -> str:
        """Show what was changed, before and after."""
        return format_html_join("", "<p>{}: <del>{}</del> → <strong>{}</strong></p>", _teller(entry).words(entry))


def _teller(entry: Any) -> Teller:
    found: Teller = getattr(entry, "teller", None) or Teller([entry])
    return found
