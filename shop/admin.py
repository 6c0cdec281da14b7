"""The desk's list of what was decided about the shop."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from desk.pages import ReadOnlyAdmin
from shop.models import PolicyChange


@admin.register(PolicyChange)
class PolicyChangeAdmin(ReadOnlyAdmin):
    """What was decided about the shop, when and by whom; only to read."""

    list_display = ("at", "key", "old", "new", "who", "door")
    list_filter = ("key",)
    ordering = ("-pk",)

    @admin.display(description=_("By"))
    def who(self, change: PolicyChange) -> str:
        """Name who decided."""
        return str(getattr(change, "actor_name", change.actor_kind))
