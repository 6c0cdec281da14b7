"""Spreadsheets that somebody brings in: the file until it is read, its rows until they are taken in or forgotten."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted


class Import(Acted):
    """One spreadsheet, from the moment it was chosen; what it did stays, its rows go after a while."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", _("Products and stock")
        SERVICES = "services", _("Services")
        CUSTOMERS = "customers", _("Customers")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being read")
        READY = "ready", _("Preview")
        CONFIRMED = "confirmed", _("Being taken in")
        DONE = "done", _("All taken in")
        REFUSED = "refused", _("Not taken in")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the import in addresses.")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, help_text=_("What its rows are about."))
    state = models.CharField(
        _("how far"), max_length=9, choices=State.choices, default=State.WAITING, help_text=_("How far it has come.")
    )
    name = models.CharField(_("file"), max_length=120, help_text=_("What the file is called."))
    content = models.BinaryField(_("content"), blank=True, default=b"", help_text=_("The file, until it is read."))
    language = models.CharField(_("language"), max_length=10, help_text=_("Of whoever brought it."))
    seal = models.CharField(_("seal"), max_length=80, blank=True, help_text=_("Of what the preview showed."))
    problem = models.CharField(_("problem"), max_length=300, blank=True, help_text=_("Why it was not taken in."))
    ignored = models.JSONField(_("ignored"), default=list, help_text=_("Headings that nobody knows."))
    fresh = models.PositiveIntegerField(_("new rows"), default=0, help_text=_("Rows that write something new down."))
    changed = models.PositiveIntegerField(_("changed rows"), default=0, help_text=_("Rows that change something."))
    same = models.PositiveIntegerField(_("unchanged"), default=0, help_text=_("Rows that change nothing."))
    wrong = models.PositiveIntegerField(_("wrong"), default=0, help_text=_("Rows that cannot be."))
    created_at = models.DateTimeField(_("chosen at"), help_text=_("When the file was chosen."))
    finished_at = models.DateTimeField(
        _("taken in at"), null=True, blank=True, help_text=_("When all of it was taken in.")
    )

    class Meta:
        verbose_name = _("spreadsheet")
        verbose_name_plural = _("spreadsheets")
        default_permissions = ()
        permissions = [
            ("import_sheet", _("Can take in spreadsheets")),
            ("export_sheet", _("Can save what the shop sells as a spreadsheet")),
            ("export_people", _("Can save the customers as a spreadsheet")),
            ("export_money", _("Can save orders and payments as a spreadsheet")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "ready", "confirmed", "done", "refused"]), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False) | ~Q(state="done") & Q(finished_at__isnull=True),
                name="import_done_has_an_instant",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "done"]) | Q(wrong=0), name="import_none_wrong"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="import_age")]

    def __str__(self) -> str:
        return self.name

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.fresh + self.changed + self.same + self.wrong


class ImportRow(models.Model):
    """One row of a spreadsheet, read and judged; `number` is how spreadsheet programs count it."""

    class What(models.TextChoices):
        NEW = "new", _("New row")
        CHANGED = "changed", _("Changed row")
        SAME = "same", _("Unchanged")
        WRONG = "wrong", _("Wrong")

    run = models.ForeignKey(
        Import,
        models.CASCADE,
        related_name="+",
        verbose_name=_("spreadsheet"),
        help_text=_("The spreadsheet it is of."),
        db_index=False,
    )
    number = models.PositiveIntegerField(_("row"), help_text=_("Its number in the file."))
    content = models.JSONField(_("content"), help_text=_("What it says, by column."))
    what = models.CharField(
        _("what"), max_length=7, choices=What.choices, default=What.NEW, help_text=_("What would become of it.")
    )
    changes = models.JSONField(_("changes"), default=list, help_text=_("Column, old and new value of each change."))
    errors = models.JSONField(_("errors"), default=list, help_text=_("Column of each error, and what is wrong."))

    class Meta:
        verbose_name = _("row of a spreadsheet")
        verbose_name_plural = _("rows of spreadsheets")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="importrow_once"),
            models.CheckConstraint(
                condition=Q(what__in=["new", "changed", "same", "wrong"]), name="importrow_what_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
