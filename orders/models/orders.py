"""An order as it was agreed and as it stands, and the people of it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from cart.models import Cart
from common.money import MAX_MONEY, MoneyField
from common.search import digits_of_phone, folded, lowered, mailbox_key_of, search_key_of
from customers.models import CustomerRecord


def money_bounds(*fields: str) -> Q:
    """Return the condition that every field lies between nothing and the most we can count, NaN excluded."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__gte": 0, f"{field}__lte": MAX_MONEY})
    return condition


UNKNOWN = Q(record__isnull=True, anonymised_at__isnull=True) & ~Q(email="", phone="", document="")
"""People of orders by whom a customer could be known, and who have no record yet."""


class Order(models.Model):
    """One sale of one cart."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Awaiting payment")
        CONFIRMED = "confirmed", _("Confirmed")
        COMPLETED = "completed", _("Completed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    class PaymentMethod(models.TextChoices):
        ON_SITE = "on_site", _("At the counter")
        TRANSFER = "transfer", _("Bank transfer")
        PIX = "pix", _("Pix")
        CARD = "card", _("Card")

    class FulfilmentMethod(models.TextChoices):
        PICKUP = "pickup", _("Pickup")
        DELIVERY = "delivery", _("Delivery")

    class Channel(models.TextChoices):
        WEB = "web", _("Web")
        COUNTER = "counter", _("Counter")
        PHONE = "phone", _("Telephone")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Derives the access token.")
    )
    number = models.CharField(
        _("number"), max_length=12, unique=True, editable=False, help_text=_("Names the order; tells nothing of sales.")
    )
    cart = models.OneToOneField(
        Cart, models.PROTECT, related_name="+", verbose_name=_("cart"), help_text=_("The cart that was ordered.")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        help_text=_("The account that ordered; empty for a guest."),
        db_index=False,
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, help_text=_("Where it stands."))
    payment_method = models.CharField(
        _("payment method"), max_length=10, choices=PaymentMethod.choices, help_text=_("How it is to be paid.")
    )
    currency = models.CharField(_("currency"), max_length=3, help_text=_("ISO 4217 code of every amount."))
    subtotal = MoneyField(verbose_name=_("subtotal"), help_text=_("Sum of the lines before discounts."))
    discount = MoneyField(verbose_name=_("discount"), help_text=_("Taken off the subtotal."))
    shipping = MoneyField(verbose_name=_("shipping"), help_text=_("Price of the delivery."))
    total = MoneyField(verbose_name=_("total"), help_text=_("What the customer agreed to pay."))
    amount_due_now = MoneyField(verbose_name=_("due now"), help_text=_("What had to be paid for the confirmation."))
    cancelled = MoneyField(
        verbose_name=_("called off"), default=0, help_text=_("Value of the lines that were called off since.")
    )
    late_fee = MoneyField(
        verbose_name=_("kept as a fee"),
        default=0,
        db_default=0,
        help_text=_("Kept of what was paid for what was called off late, or that nobody came to."),
    )
    paid = MoneyField(verbose_name=_("paid"), default=0, help_text=_("Money received so far."))
    refunded = MoneyField(verbose_name=_("refunded"), default=0, help_text=_("Money given back so far."))
    fulfilment_method = models.CharField(
        _("fulfilment"),
        max_length=10,
        choices=FulfilmentMethod.choices,
        blank=True,
        help_text=_("How the goods reach the customer; empty without goods."),
    )
    pickup_starts_at = models.DateTimeField(
        _("pickup from"), null=True, blank=True, help_text=_("Start of the pickup window as it is now.")
    )
    pickup_ends_at = models.DateTimeField(
        _("pickup until"), null=True, blank=True, help_text=_("End of the pickup window as it is now.")
    )
    agreed_pickup_starts_at = models.DateTimeField(
        _("agreed pickup from"), null=True, blank=True, help_text=_("Start of the window that was ordered.")
    )
    agreed_pickup_ends_at = models.DateTimeField(
        _("agreed pickup until"), null=True, blank=True, help_text=_("End of the window that was ordered.")
    )
    channel = models.CharField(
        _("channel"),
        max_length=7,
        choices=Channel.choices,
        default=Channel.WEB,
        db_default=Channel.WEB,
        help_text=_("Where it was ordered: on the web, at the counter or by telephone."),
    )
    language = models.CharField(_("language"), max_length=10, help_text=_("Language the customer is written to in."))
    policy_shown = models.JSONField(
        _("policy shown"), default=dict, help_text=_("The shop's terms in force when the order was placed.")
    )
    digest = models.CharField(
        _("digest"), max_length=64, help_text=_("SHA-256 over lines, prices, times and the policy shown.")
    )
    placed_at = models.DateTimeField(_("placed at"), help_text=_("When it was placed."))
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("When a pending order expires by itself.")
    )
    link_version = models.PositiveSmallIntegerField(
        _("link version"), default=1, db_default=1, editable=False, help_text=_("Raised to end every link sent before.")
    )
    link_renewed_at = models.DateTimeField(
        _("link renewed at"), null=True, blank=True, editable=False, help_text=_("When the shop last sent a new link.")
    )

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("confirm_order", _("Can confirm orders")),
            ("fulfil_order", _("Can fulfil and complete orders")),
            ("cancel_order", _("Can cancel orders")),
            ("waive_fee", _("Can waive the fee for calling off late")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "confirmed", "completed", "expired", "cancelled"]),
                name="order_status_known",
            ),
            models.CheckConstraint(condition=Q(channel__in=["web", "counter", "phone"]), name="order_channel_known"),
            models.CheckConstraint(
                condition=money_bounds("subtotal", "discount", "shipping", "total", "amount_due_now", "paid"),
                name="order_money_bounds",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("shipping")), name="order_total_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(cancelled__gte=0) & Q(cancelled__lte=F("total")), name="order_cancelled_within_total"
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | Q(cancelled=F("total")), name="order_cancelled_costs_nothing"
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=F("paid")), name="order_refunded_within_paid"
            ),
            models.CheckConstraint(
                condition=Q(late_fee__gte=0)
                & Q(late_fee__lte=F("cancelled"))
                & Q(late_fee__lte=F("paid") - F("refunded")),
                name="order_late_fee_of_money_kept",
            ),
            models.CheckConstraint(
                condition=Q(pickup_starts_at__isnull=True, pickup_ends_at__isnull=True)
                | Q(
                    pickup_starts_at__isnull=False,
                    pickup_ends_at__isnull=False,
                    pickup_starts_at__lt=F("pickup_ends_at"),
                ),
                name="order_pickup_window",
            ),
            models.CheckConstraint(
                condition=Q(
                    pickup_starts_at__isnull=True,
                    agreed_pickup_starts_at__isnull=True,
                    agreed_pickup_ends_at__isnull=True,
                )
                | Q(
                    pickup_starts_at__isnull=False,
                    agreed_pickup_starts_at__isnull=False,
                    agreed_pickup_ends_at__isnull=False,
                    agreed_pickup_starts_at__lt=F("agreed_pickup_ends_at"),
                ),
                name="order_agreed_pickup_window",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending") | Q(expires_at__isnull=False), name="order_pending_expires"
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["customer", "-id"], name="order_customer"),
            models.Index(fields=["expires_at"], name="order_pending_expiry", condition=Q(status="pending")),
            models.Index(fields=["pickup_starts_at"], name="order_confirmed_pickup", condition=Q(status="confirmed")),
        ]

    def __str__(self) -> str:
        return self.number


class OrderContact(models.Model):
    """The people of an order: the only row of it that knows a name, and the only one that can be erased."""

    order = models.OneToOneField(
        Order,
        models.PROTECT,
        related_name="contact",
        verbose_name=_("order"),
        help_text=_("The order these people belong to."),
    )
    record = models.ForeignKey(
        CustomerRecord,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
        help_text=_("The shop's record of the customer; opens nothing to anybody."),
        db_index=False,
    )
    name = models.CharField(_("name"), max_length=120, blank=True, help_text=_("Who ordered."))
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where the order is written to."))
    phone = models.CharField(_("phone"), max_length=20, blank=True, help_text=_("E.164."))
    document = models.CharField(_("document"), max_length=14, blank=True, help_text=_("CPF or CNPJ, without marks."))
    pickup_person = models.CharField(_("picked up by"), max_length=120, blank=True, help_text=_("Who will collect it."))
    address = models.JSONField(_("address"), null=True, blank=True, help_text=_("Where to deliver."))
    note = models.CharField(_("note"), max_length=500, blank=True, help_text=_("What the customer asked for."))
    anonymised_at = models.DateTimeField(
        _("anonymised at"), null=True, blank=True, help_text=_("When the personal data was erased.")
    )

    mailbox = mailbox_key_of("email", label=_("mailbox"))
    search_key = search_key_of(
        folded("name"),
        lowered("email"),
        digits_of_phone("phone"),
        lowered("document"),
        folded("pickup_person"),
        label=_("search key"),
    )

    class Meta:
        verbose_name = _("order contact")
        verbose_name_plural = _("order contacts")
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymised_at__isnull=True)
                | Q(name="", email="", phone="", document="", pickup_person="", address__isnull=True, note=""),
                name="ordercontact_anonymised_is_empty",
            )
        ]
        indexes = [
            models.Index(fields=["email"], name="ordercontact_email"),
            models.Index(fields=["mailbox"], name="ordercontact_mailbox"),
            models.Index(fields=["phone"], name="ordercontact_phone", condition=~Q(phone="")),
            models.Index(fields=["record", "order"], name="ordercontact_record", condition=Q(record__isnull=False)),
            models.Index(fields=["id"], name="ordercontact_unknown", condition=UNKNOWN),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """Return the name, or what stands there once it is erased, or where nobody gave one."""
        return self.name or (gettext("Account closed") if self.anonymised_at else gettext("No name"))
