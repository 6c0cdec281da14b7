"""One row for each change of a row that matters, written by triggers and by nothing else.

What is personal is never in it: of such a column stands that it changed, and not from what or into what. So nobody has
to be erased from here, and the database refuses to change or delete an entry, whoever asks.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """A change of one row: what it was, what it became, whence it came. Append-only, and chained by row."""

    class Action(models.TextChoices):
        INSERT = "insert", _("Row added")
        UPDATE = "update", _("Row changed")
        DELETE = "delete", _("Row removed")
        TRUNCATE = "truncate", _("All rows removed")

    at = models.DateTimeField(_("at"), help_text=_("When it was changed, by the database's own clock."))
    table_name = models.CharField(_("table"), max_length=63, help_text=_("The table of the row."))
    row_id = models.BigIntegerField(_("row"), help_text=_("The number of the row; 0 for a whole table."))
    seq = models.PositiveIntegerField(_("step"), help_text=_("Which of the row's entries it is, from 1."))
    subject = models.CharField(
        _("subject"), max_length=100, help_text=_("What the row is a part of, as table:number; else the row itself.")
    )
    action = models.CharField(_("action"), max_length=8, choices=Action.choices, help_text=_("What was done."))
    before = models.JSONField(_("before"), default=dict, help_text=_("How the columns were that changed."))
    after = models.JSONField(_("after"), default=dict, help_text=_("What they became."))
    unsaid = ArrayField(
        models.CharField(max_length=63),
        verbose_name=_("not kept"),
        default=list,
        help_text=_("Columns that changed and whose values are not kept, because they are personal or secret."),
    )
    actor = models.CharField(
        _("actor"), max_length=120, help_text=_("Who did it: login:7, guest, system, or role: and a database role.")
    )
    door = models.CharField(
        _("door"), max_length=120, help_text=_("The route, task or command; sql and a program where none of these.")
    )
    request_id = models.CharField(
        _("request"), max_length=64, blank=True, help_text=_("The request in which it was done, or that caused it.")
    )
    role = models.CharField(_("role"), max_length=63, help_text=_("The database role that was signed in."))
    by_hand = models.BooleanField(_("past the shop"), help_text=_("Whether it came as SQL, and not from the shop."))
    digest = models.BinaryField(
        _("digest"), max_length=32, help_text=_("SHA-256 over the entry and the digest of the row's entry before it.")
    )

    class Meta:
        verbose_name = _("change of a row")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["table_name", "row_id", "seq"], name="entry_step_once"),
            models.CheckConstraint(
                condition=Q(action__in=["insert", "update", "delete", "truncate"]), name="entry_action_known"
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="entry_subject"),
            models.Index(fields=["actor", "-id"], name="entry_actor"),
            models.Index(fields=["-id"], condition=Q(by_hand=True), name="entry_by_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.pk}"
