"""A promise: what was sold, to whom, for how much, and everything that happened to it since.

Lines, prices and times are snapshots under a digest and frozen by triggers; names and addresses of people stand in
`OrderContact`, outside both, so that they can be erased. A pending order past `expires_at` *is*
expired, whatever its status column says; the sweep only writes it down.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from cart.models import Cart
from cart.pricing import Visit
from catalog.models import Variant
from common.money import MAX_MONEY, MoneyField
from common.search import digits_of_phone, folded, lowered, mailbox_key_of, search_key_of
from orders.snapshots import Choices, choices_of, visit_of


def money_bounds(*fields: str) -> Q:
    """Return the condition that every field lies between nothing and the most we can count, NaN excluded."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__gte": 0, f"{field}__lte": MAX_MONEY})
    return condition


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

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        permissions = [
            ("confirm_order", _("Can confirm orders")),
            ("fulfil_order", _("Can fulfil and complete orders")),
            ("cancel_order", _("Can cancel orders")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "confirmed", "completed", "expired", "cancelled"]),
                name="order_status_known",
            ),
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
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """Return the name, or what stands there once it is erased."""
        return self.name or gettext("Account closed")


class OrderLine(models.Model):
    """A snapshot of what one cart line promised."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the line in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="lines", verbose_name=_("order"), help_text=_("The order it belongs to.")
    )
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("Its place in the order, from 1."))
    kind = models.CharField(
        _("kind"), max_length=5, choices=[("goods", _("Goods")), ("visit", _("Visit"))], help_text=_("Goods or visit.")
    )
    variant = models.ForeignKey(
        Variant,
        models.PROTECT,
        related_name="+",
        verbose_name=_("variant"),
        help_text=_("What was sold, as it is now."),
    )
    sku = models.CharField("SKU", max_length=64, help_text=_("The SKU when it was sold."))
    name = models.CharField(_("name"), max_length=300, help_text=_("The name when it was sold."))
    options = models.JSONField(_("options"), default=list, help_text=_("The options when it was sold."))
    quantity = models.PositiveSmallIntegerField(_("quantity"), help_text=_("Units sold; a visit is one."))
    unit_price = MoneyField(verbose_name=_("unit price"), help_text=_("Price of one unit when it was sold."))
    discount = MoneyField(verbose_name=_("discount"), default=0, help_text=_("Taken off this line."))
    line_total = MoneyField(verbose_name=_("line total"), help_text=_("Unit price times quantity, less the discount."))
    claim = models.UUIDField(
        _("claim"), unique=True, editable=False, help_text=_("Keeps the units or the time until they are used.")
    )
    appointment = models.JSONField(
        _("appointment"), null=True, blank=True, help_text=_("Professional, start, end and zone when it was sold.")
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orderline_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=999), name="orderline_quantity_bounds"),
            models.CheckConstraint(
                condition=money_bounds("unit_price", "discount", "line_total"), name="orderline_money_bounds"
            ),
            models.CheckConstraint(
                condition=Q(line_total=F("unit_price") * F("quantity") - F("discount")), name="orderline_total_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"

    @property
    def choices(self) -> Choices:
        """The options when it was sold, name and value."""
        return choices_of(self.options)

    @property
    def visit(self) -> Visit | None:
        """The visit as it was sold; None for goods."""
        return visit_of(self.appointment)

    @property
    def called_off(self) -> bool:
        """Whether it no longer counts, of a line read with its cancellation; a line just placed counts."""
        return getattr(self, "cancellation", None) is not None


class OrderLineCancellation(models.Model):
    """A line that was taken out of an order after it was placed, such as a visit called off. Append-only."""

    line = models.OneToOneField(
        OrderLine,
        models.PROTECT,
        related_name="cancellation",
        verbose_name=_("order line"),
        help_text=_("The line that no longer counts; its snapshot stays."),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why."))
    at = models.DateTimeField(_("at"), help_text=_("When it was taken out."))

    class Meta:
        verbose_name = _("cancelled line")
        verbose_name_plural = _("cancelled lines")

    def __str__(self) -> str:
        return str(self.line)


class OrderEvent(models.Model):
    """One step in an order's life. Append-only, chained by hashes, written from the first step on."""

    order = models.ForeignKey(
        Order, models.PROTECT, related_name="events", verbose_name=_("order"), help_text=_("Whose life it is.")
    )
    seq = models.PositiveSmallIntegerField(_("step"), help_text=_("1 for the placing, then without gaps."))
    from_status = models.CharField(_("from"), max_length=10, blank=True, help_text=_("Empty for the first step."))
    to_status = models.CharField(_("to"), max_length=10, help_text=_("Where the step led."))
    pickup_at = models.DateTimeField(
        _("pickup from"), null=True, blank=True, help_text=_("Start of the pickup window, where the step moved it.")
    )
    actor_kind = models.CharField(_("actor kind"), max_length=10, help_text=_("Who acted: customer, staff, system..."))
    actor_id = models.CharField(_("actor"), max_length=64, blank=True, help_text=_("Which person or process acted."))
    door = models.CharField(_("door"), max_length=10, help_text=_("Where it came in: api, admin, task or command."))
    reason = models.CharField(_("reason"), max_length=500, blank=True, help_text=_("Why."))
    at = models.DateTimeField(_("at"), help_text=_("When it happened."))
    chain = models.CharField(_("chain"), max_length=64, help_text=_("SHA-256 over this step and the one before it."))

    class Meta:
        verbose_name = _("order event")
        verbose_name_plural = _("order history")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="orderevent_seq")]

    def __str__(self) -> str:
        return f"{self.from_status} > {self.to_status}"


class Fulfilment(models.Model):
    """Some units of an order on their way to the customer."""

    class Status(models.TextChoices):
        OPEN = "open", _("To prepare")
        PICKED = "picked", _("Prepared")
        READY = "ready", _("Ready for pickup")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Returned")
        CANCELLED = "cancelled", _("Cancelled")

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names it in the API.")
    )
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="fulfilments", verbose_name=_("order"), help_text=_("Whose units.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN, help_text=_("Where it stands.")
    )
    tracking = models.CharField(_("tracking code"), max_length=100, blank=True, help_text=_("The carrier's code."))
    created_at = models.DateTimeField(_("created at"), help_text=_("When it was begun."))
    changed_at = models.DateTimeField(_("changed at"), help_text=_("When its status last changed."))

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "picked", "ready", "shipped", "delivered", "returned", "cancelled"]),
                name="fulfilment_status_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_status_display()}"


class FulfilmentLine(models.Model):
    """Units of one order line in a fulfilment."""

    fulfilment = models.ForeignKey(
        Fulfilment,
        models.PROTECT,
        related_name="lines",
        verbose_name=_("fulfilment"),
        help_text=_("The fulfilment they are in."),
    )
    line = models.ForeignKey(
        OrderLine, models.PROTECT, related_name="+", verbose_name=_("order line"), help_text=_("The line they are of.")
    )
    quantity = models.PositiveSmallIntegerField(_("quantity"), help_text=_("How many units."))

    class Meta:
        verbose_name = _("fulfilment line")
        verbose_name_plural = _("fulfilment lines")
        constraints = [
            models.UniqueConstraint(fields=["fulfilment", "line"], name="fulfilmentline_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="fulfilmentline_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.line_id}"
