"""The shop's own record of a customer, and its history.

An account (`accounts.Customer`) belongs to whoever opened it and opens what they ordered. A record is the shop's:
it exists for people who never had an account, it holds what the team knows of them, and it opens nothing to anybody.
Orders and visits point at the record under which their people were found. Records that turn out to be of one person
are merged by pointing at the one that stays, so that nothing has to be moved and nothing can be lost; whatever points
at a merged record belongs to the one it was merged into.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Right
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Customer
from common.models import Acted, HistoryStep
from common.search import digits_of_phone, folded, lowered, mailbox_key_of, search_key_of, sort_key_of

MAX_TAGS = 20
MAX_TAG = 30
LIVING = Q(merged_into__isnull=True, anonymised_at__isnull=True)
"""Records that are lists' and searches' business: neither merged into another one nor erased."""


class CustomerRecord(models.Model):
    """What the shop knows of somebody who buys or comes, with an account or without."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the record outside.")
    )
    account = models.OneToOneField(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="record",
        verbose_name=_("account"),
        help_text=_("Their account, if they have one."),
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("What the customer is called."))
    phone = models.CharField(_("phone"), max_length=16, blank=True, help_text=_("With area code, as (11) 98765-4321."))
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where the customer is written to."))
    document = models.CharField(
        _("CPF or CNPJ"), max_length=14, blank=True, help_text=_("Marks are optional; a CNPJ may contain letters.")
    )
    birthday = models.CharField(
        _("birthday"), max_length=10, blank=True, help_text=_("As 12/03/1990, or 12/03 without the year.")
    )
    tags = ArrayField(
        models.CharField(max_length=MAX_TAG),
        verbose_name=_("tags"),
        default=list,
        blank=True,
        help_text=_("Words to find customers by, such as VIP."),
    )
    notes = models.TextField(
        _("notes"), max_length=2000, blank=True, help_text=_("What the team should know. The customer never reads it.")
    )
    block = models.ForeignKey(
        Block,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("block"),
        help_text=_("What keeps them from ordering and booking; empty while they may."),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("merged into"),
        help_text=_("The record that stays, where this one turned out to be of the same person."),
    )
    anonymised_at = models.DateTimeField(
        _("anonymised at"), null=True, blank=True, help_text=_("When the personal data was overwritten.")
    )
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was written down."))
    sort_key = sort_key_of("name", label=_("sort key"))
    mailbox = mailbox_key_of("email", label=_("mailbox"))
    search_key = search_key_of(
        folded("name"), lowered("email"), digits_of_phone("phone"), lowered("document"), label=_("search key")
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [
            ("merge_customerrecord", _("Can merge customers")),
            ("block_customerrecord", _("Can block customers")),
            ("erase_customerrecord", _("Can erase what is known of customers")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=~Q(document="") & Q(merged_into__isnull=True),
                name="customerrecord_document_once",
            ),
            models.UniqueConstraint(
                fields=["phone", "sort_key"],
                condition=~Q(phone="") & Q(merged_into__isnull=True),
                name="customerrecord_name_and_phone_once",
            ),
            models.UniqueConstraint(
                fields=["mailbox", "sort_key"],
                condition=~Q(mailbox="") & Q(merged_into__isnull=True),
                name="customerrecord_name_and_mailbox_once",
            ),
            models.CheckConstraint(
                condition=~Q(name="") | Q(anonymised_at__isnull=False), name="customerrecord_name_given"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="customerrecord_email_folded"),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="customerrecord_phone_e164"
            ),
            models.CheckConstraint(
                condition=Q(document="") | Q(document__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"),
                name="customerrecord_document_form",
            ),
            models.CheckConstraint(
                condition=Q(birthday="")
                | Q(birthday__regex=r"^([0-9]{4}|-)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
                name="customerrecord_birthday_form",
            ),
            models.CheckConstraint(condition=Q(tags__len__lte=MAX_TAGS), name="customerrecord_few_tags"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="customerrecord_not_its_own"
            ),
            models.CheckConstraint(
                condition=Q(anonymised_at__isnull=True)
                | Q(name="", phone="", email="", document="", birthday="", notes="", tags=[]),
                name="customerrecord_anonymised_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["mailbox"], name="customerrecord_mailbox", condition=~Q(mailbox="")),
            models.Index(fields=["phone"], name="customerrecord_phone", condition=~Q(phone="")),
            models.Index(fields=["document"], name="customerrecord_document", condition=~Q(document="")),
            models.Index(fields=["sort_key", "id"], name="customerrecord_by_name", condition=LIVING),
            models.Index(fields=["-created_at", "-id"], name="customerrecord_newest", condition=LIVING),
            models.Index(Right("birthday", 5), name="customerrecord_birthday", condition=~Q(birthday="")),
            GinIndex(fields=["tags"], name="customerrecord_tags"),
        ]

    def __str__(self) -> str:
        return self.name or gettext("Account closed")


class CustomerStep(HistoryStep):
    """One thing that was done to a record. Append-only; it says what was changed, never from what or into what.

    What people were called stands in the record alone, so that erasing it erases it.
    """

    class Action(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        BLOCKED = "blocked", _("Blocked")
        UNBLOCKED = "unblocked", _("Let in again")
        MERGED = "merged", _("Merged into another record")
        ERASED = "erased", _("Personal data erased")

    record = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        related_name="steps",
        verbose_name=_("customer"),
        help_text=_("Whose record it was done to."),
        db_index=False,
    )
    action = models.CharField(_("action"), max_length=10, choices=Action.choices, help_text=_("What was done."))
    fields = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("fields"),
        default=list,
        help_text=_("Which fields were changed."),
    )
    other = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("other record"),
        help_text=_("The record that stays, where two were merged."),
    )

    class Meta:
        verbose_name = _("step of a customer")
        verbose_name_plural = _("history of customers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["added", "changed", "blocked", "unblocked", "merged", "erased"]),
                name="customerstep_action_known",
            ),
            models.CheckConstraint(
                condition=Q(action="merged", other__isnull=False) | ~Q(action="merged") & Q(other__isnull=True),
                name="customerstep_merged_into_another",
            ),
        ]
        indexes = [models.Index(fields=["record", "id"], name="customerstep_of_record")]

    def __str__(self) -> str:
        return self.action


class Apart(Acted):
    """Two records that look alike and are of two people, as somebody of the team has said; proposed no more."""

    first = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        related_name="+",
        verbose_name=_("one"),
        help_text=_("The older record of the two."),
        db_index=False,
    )
    second = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        related_name="+",
        verbose_name=_("the other"),
        help_text=_("The younger record of the two."),
    )
    at = models.DateTimeField(_("at"), help_text=_("When somebody said so."))

    class Meta:
        verbose_name = _("pair of different people")
        verbose_name_plural = _("pairs of different people")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} / {self.second_id}"
