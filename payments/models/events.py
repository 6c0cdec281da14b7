"""What gateways told us."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.payments import Payment


class GatewayEvent(models.Model):
    """What a gateway told us, letter by letter: stored as soon as its signature holds, handled after."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("To be looked at")
        HANDLED = "handled", _("Done")
        IGNORED = "ignored", _("Of no concern")
        QUARANTINED = "quarantined", _("Set aside")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the event in the outbox.")
    )
    gateway = models.CharField(_("gateway"), max_length=20, help_text=_("Who told it."))
    event_id = models.CharField(_("event"), max_length=200, help_text=_("What the gateway calls it."))
    kind = models.CharField(_("kind"), max_length=100, help_text=_("What it tells of, in the gateway's words."))
    body = models.BinaryField(_("body"), help_text=_("As it was told."))
    tells = models.JSONField(_("tells"), default=dict, help_text=_("What it says, in our words."))
    pulled = models.BooleanField(_("pulled"), default=False, help_text=_("Whether we had to ask for it."))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.RECEIVED, help_text=_("Where it stands.")
    )
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("Why it was ignored or set aside."))
    payment = models.ForeignKey(
        Payment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payment"),
        help_text=_("The payment it turned out to be about."),
    )
    received_at = models.DateTimeField(_("received at"), help_text=_("When it was stored."))
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True, help_text=_("When it was last looked at."))
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True, help_text=_("When it was done with."))

    class Meta:
        verbose_name = _("gateway event")
        verbose_name_plural = _("gateway events")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="gatewayevent_once"),
            models.CheckConstraint(
                condition=Q(status__in=["received", "handled", "ignored", "quarantined"]),
                name="gatewayevent_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="received", handled_at__isnull=True)
                | (~Q(status="received") & Q(handled_at__isnull=False)),
                name="gatewayevent_handled_has_time",
            ),
        ]
        indexes = [models.Index(fields=["received_at"], name="gatewayevent_waiting", condition=Q(status="received"))]

    def __str__(self) -> str:
        return f"{self.gateway} {self.kind}"
