"""Messages that the team sends by hand through WhatsApp: the shop's own words for them, and which were sent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Acted

LONGEST = 1_000
"""Signs of a text; WhatsApp's links take more, and nobody reads more."""


class Occasion(models.TextChoices):
    """What the team writes to somebody about."""

    ORDER_READY = "order_ready", _("Order ready for pickup")
    ORDER_TO_PAY = "order_to_pay", _("Order to be paid")
    VISIT_CANCELLED = "visit_cancelled", _("Visit called off by the shop")
    VISIT_MOVED = "visit_moved", _("Visit moved by the shop")
    VISIT_ACCEPTED = "visit_accepted", _("Request accepted")
    VISIT_SOON = "visit_soon", _("Reminder of a visit")


_KNOWN = Q(occasion__in=[occasion.value for occasion in Occasion])


class ChatTemplate(Acted):
    """The shop's own words for an occasion in a language; where there is no row, our words are used."""

    occasion = models.CharField(_("occasion"), max_length=20, choices=Occasion.choices, help_text=_("When it is sent."))
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=[("pt-br", _("Portuguese")), ("en", _("English"))],
        help_text=_("The language of those who read it."),
    )
    text = models.TextField(_("text"), max_length=LONGEST, help_text=_("The words, with names in braces to be filled."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When they were last written."))

    class Meta:
        verbose_name = _("words of a message")
        verbose_name_plural = _("words of messages")
        constraints = [
            models.UniqueConstraint(fields=["occasion", "language"], name="chattemplate_once"),
            models.CheckConstraint(condition=_KNOWN, name="chattemplate_occasion_known"),
            models.CheckConstraint(condition=Q(language__in=["pt-br", "en"]), name="chattemplate_language_known"),
            models.CheckConstraint(condition=~Q(text=""), name="chattemplate_text_given"),
        ]

    def __str__(self) -> str:
        return self.get_occasion_display()


class SentChat(Acted):
    """A message that somebody of the team opened in WhatsApp. What it is about, it names by ids alone."""

    occasion = models.CharField(
        _("occasion"), max_length=20, choices=Occasion.choices, help_text=_("What it is about.")
    )
    subject = models.UUIDField(_("subject"), help_text=_("Public id of the order or visit it is about."))
    about = models.DateTimeField(
        _("about"), help_text=_("Which of several: the start of the visit, or when what it tells happened.")
    )
    text = models.TextField(_("text"), blank=True, help_text=_("What was written; empty once it is erased."))
    at = models.DateTimeField(_("at"), help_text=_("When WhatsApp was opened with it."))
    taken_back_at = models.DateTimeField(
        _("taken back at"), null=True, blank=True, help_text=_("When somebody said that it was not sent after all.")
    )
    taken_back_by = models.CharField(_("taken back by"), max_length=64, blank=True, help_text=_("Who said so."))

    class Meta:
        verbose_name = _("sent message")
        verbose_name_plural = _("sent messages")
        permissions = [("send_chat", _("Can write to customers by WhatsApp"))]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "occasion", "about"],
                condition=Q(taken_back_at__isnull=True),
                name="sentchat_once",
            ),
            models.CheckConstraint(condition=_KNOWN, name="sentchat_occasion_known"),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by="")
                | Q(taken_back_at__isnull=False) & ~Q(taken_back_by=""),
                name="sentchat_taken_back_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["-at", "-id"], name="sentchat_newest")]

    def __str__(self) -> str:
        return self.get_occasion_display()
