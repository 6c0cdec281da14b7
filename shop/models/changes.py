"""What was decided about the shop's settings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import HistoryStep


class PolicyChange(HistoryStep):
    """One change of one setting: who decided what, when. Append-only: the database refuses to edit or delete it."""

    key = models.CharField(_("setting"), max_length=64, help_text=_("Name of the setting."))
    old = models.TextField(_("before"), blank=True, help_text=_("The value before, as text."))
    new = models.TextField(_("after"), blank=True, help_text=_("The value after, as text."))

    class Meta:
        verbose_name = _("policy change")
        verbose_name_plural = _("policy changes")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.key
