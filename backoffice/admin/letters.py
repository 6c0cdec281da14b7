"""The desk's list of e-mails: what was sent about what, and what was held back because it was too much."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.models import SentLetter
from desk.pages import ReadOnlyAdmin
from desk.shown import shown_instant


@admin.register(SentLetter)
class SentLetterAdmin(ReadOnlyAdmin):
    """Letters of the last month, newest first."""

    list_display = ("shown_at", "subject", "outcome")
    list_filter = ("held_back",)
    search_fields = ("subject",)
    search_words = ("subject",)
    ordering = ("-at", "-pk")
    fields = ("shown_at", "subject", "outcome_in_words")
    readonly_fields = fields

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list under the name people know it by."""
        return super().changelist_view(request, {"title": _("E-mails"), **(extra_context or {})})

    @display(description=_("at"), ordering="at")
    def shown_at(self, letter: SentLetter) -> str:
        """Show when."""
        return shown_instant(letter.at)

    @display(description=_("outcome"), ordering="held_back", label={"sent": "success", "held_back": "warning"})
    def outcome(self, letter: SentLetter) -> tuple[str, Any]:
        """Show whether it was sent, and why not."""
        if not letter.held_back:
            return "sent", gettext("Sent")
        return "held_back", gettext("Not sent: %(why)s") % {"why": letter.get_held_back_display()}

    @display(description=_("outcome"))
    def outcome_in_words(self, letter: SentLetter) -> str:
        """Show the same on the letter's own page."""
        return str(self.outcome(letter)[1])
