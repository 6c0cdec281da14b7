"""Files that were chosen on a page of the desk and could not be saved yet."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptFile(models.Model):
    """A file chosen on a form that came back with an error; kept for a while, so that nobody chooses it twice."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the file on its form.")
    )
    name = models.CharField(_("name"), max_length=255, help_text=_("What its file was called."))
    content_type = models.CharField(_("type"), max_length=100, blank=True, help_text=_("As the browser called it."))
    content = models.BinaryField(_("content"), help_text=_("The file itself, as it was sent."))
    kept_at = models.DateTimeField(_("kept at"), help_text=_("Since when it is kept."))

    class Meta:
        verbose_name = _("kept file")
        verbose_name_plural = _("kept files")
        indexes = [models.Index(fields=["kept_at"], name="keptfile_age")]

    def __str__(self) -> str:
        return self.name
