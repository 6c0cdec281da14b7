"""The shop's own page in the books: one row of settings.

There is exactly one `ShopSettings` row and the database refuses a second; where it does not exist yet,
the defaults of `shop.policy` are in force.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.policy import DEFAULTS, FULFILMENT_METHODS, LANGUAGES, LATE_FEES, LIMITS, PAYMENT_METHODS, SCALE_VALUES


def whole_number(
    name: str, verbose_name: Any, help_text: Any, **options: Any
) -> "models.PositiveIntegerField[int, int]":
    """Return the field of the policy's number `name`, with its default and its limits."""
    least, greatest = LIMITS[name]
    return models.PositiveIntegerField(
        verbose_name,
        default=getattr(DEFAULTS, name),
        validators=[MinValueValidator(least), MaxValueValidator(greatest)],
        help_text=help_text,
        **options,
    )


def default_languages() -> list[str]:
    """Return the languages a new shop speaks."""
    return list(DEFAULTS.languages)


def default_payment_methods() -> list[str]:
    """Return the payment methods a new shop takes."""
    return list(DEFAULTS.payment_methods)


def default_fulfilment_methods() -> list[str]:
    """Return the ways in which a new shop hands goods over."""
    return list(DEFAULTS.fulfilment_methods)


class ShopSettings(models.Model):
    """Profile and policy of the shop; the only row of its table."""

    class PaymentMethod(models.TextChoices):
        ON_SITE = "on_site", _("At the counter")
        TRANSFER = "transfer", _("Bank transfer")
        PIX = "pix", _("Pix")
        CARD = "card", _("Card")

    class FulfilmentMethod(models.TextChoices):
        PICKUP = "pickup", _("Pickup")

    class LateFee(models.TextChoices):
        NONE = "none", _("Nothing")
        DEPOSIT = "deposit", _("The deposit")
        SHARE = "share", _("A share of the price")

    class ScaleValue(models.TextChoices):
        PRICE = "price", _("The price")
        WEIGHT = "weight", _("The weight")

    class Language(models.TextChoices):
        PORTUGUESE = "pt-BR", _("Portuguese")
        ENGLISH = "en", _("English")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False, help_text=_("Always 1."))
    name = models.CharField(_("name"), max_length=120, default=DEFAULTS.name, help_text=_("What customers call it."))
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True, help_text=_("As registered."))
    document = models.CharField(
        _("CPF or CNPJ"), max_length=14, blank=True, help_text=_("Without marks; a CNPJ may contain letters.")
    )
    currency = models.CharField(
        _("currency"), max_length=3, default=DEFAULTS.currency, help_text=_("ISO 4217 code of every price.")
    )
    timezone = models.CharField(
        _("time zone"), max_length=64, default=DEFAULTS.timezone, help_text=_("IANA name, as America/Sao_Paulo.")
    )
    languages = ArrayField(
        models.CharField(max_length=10, choices=Language.choices),
        default=default_languages,
        verbose_name=_("languages"),
        help_text=_("Languages customers can choose; the first is the shop's own."),
    )
    whatsapp = models.CharField(
        "WhatsApp", max_length=16, blank=True, help_text=_("With country code, as +5511987654321; empty: no link.")
    )
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("Where the shop is told of new orders."))
    address = models.CharField(_("address"), max_length=300, blank=True, help_text=_("Where customers find the shop."))
    payment_methods = ArrayField(
        models.CharField(max_length=10, choices=PaymentMethod.choices),
        default=default_payment_methods,
        verbose_name=_("payment methods"),
        help_text=_("How customers can pay."),
    )
    fulfilment_methods = ArrayField(
        models.CharField(max_length=10, choices=FulfilmentMethod.choices),
        default=default_fulfilment_methods,
        verbose_name=_("fulfilment methods"),
        help_text=_("How goods reach customers."),
    )
    transfer_instructions = models.TextField(
        _("transfer instructions"),
        max_length=1000,
        blank=True,
        validators=[MaxLengthValidator(1000)],
        help_text=_("Account or Pix key; sent with the order."),
    )
    pix_key = models.CharField(
        _("Pix key"),
        max_length=77,
        blank=True,
        help_text=_("CPF, CNPJ, phone with +55, e-mail or random key that customers pay to; empty: no Pix of its own."),
    )
    pix_name = models.CharField(
        _("name for Pix"), max_length=25, blank=True, help_text=_("Whom the bank shows; empty: the shop's name.")
    )
    pix_city = models.CharField(_("city for Pix"), max_length=15, blank=True, help_text=_("Where that is."))
    cart_hold_minutes = whole_number(
        "cart_hold_minutes", _("cart keeps units for"), _("Minutes that units in a cart are kept; 0 keeps none.")
    )
    cart_hold_total_minutes = whole_number(
        "cart_hold_total_minutes",
        _("cart keeps units in all for"),
        _("Minutes after which one person's units or time go back, in whatever cart, until they rested as long."),
    )
    address_hold_total_minutes = whole_number(
        "address_hold_total_minutes",
        _("one connection keeps in all for"),
        _("The same for people without a proved e-mail who share an internet address; 0 sets no limit."),
    )
    max_units_held = whole_number(
        "max_units_held",
        _("units in carts per person"),
        _("Units that the carts of one person keep from others at once; 0 sets no limit."),
    )
    max_units_held_per_address = whole_number(
        "max_units_held_per_address",
        _("units in carts per connection"),
        _("Units that all carts of one internet address keep at once; many people may share one. 0 sets no limit."),
    )
    cart_ttl_hours = whole_number(
        "cart_ttl_hours", _("cart lives for"), _("Hours after its last change that a cart closes by itself.")
    )
    transfer_hold_minutes = whole_number(
        "transfer_hold_minutes", _("transfer may take"), _("Minutes that an order waits for a bank transfer.")
    )
    pix_hold_minutes = whole_number("pix_hold_minutes", _("Pix may take"), _("Minutes that an order waits for a Pix."))
    card_hold_minutes = whole_number(
        "card_hold_minutes", _("card may take"), _("Minutes that an order waits for a payment by card.")
    )
    deadline_margin_minutes = whole_number(
        "deadline_margin_minutes",
        _("waiting ends"),
        _("Minutes before the first appointment or pickup that waiting for money or an answer ends."),
    )
    max_open_orders_per_email = whole_number(
        "max_open_orders_per_email",
        _("open orders per person"),
        _("Unpaid orders one person, known by e-mail or phone, may have open; 0 sets no limit."),
    )
    max_open_orders_per_address = whole_number(
        "max_open_orders_per_address",
        _("open orders per connection"),
        _("Unpaid orders that may be open from one internet address; many people may share one. 0 sets no limit."),
    )
    cancel_cutoff_minutes = whole_number(
        "cancel_cutoff_minutes", _("cancelling ends"), _("Minutes before pickup that customers can no longer cancel.")
    )
    late_fee = models.CharField(
        _("kept when called off late"),
        max_length=7,
        choices=LateFee.choices,
        default=DEFAULTS.late_fee,
        db_default=DEFAULTS.late_fee,
        help_text=_("Of what was paid, past the time for cancelling or if nobody comes. Orders keep what they agreed."),
    )
    late_fee_percent = whole_number(
        "late_fee_percent", _("share kept (%)"), _("Of the price, where a share of it is kept."), db_default=50
    )
    counter_discount_percent = whole_number(
        "counter_discount_percent",
        _("counter: discount (%)"),
        _("What who sells at the counter may take off a sale; the owner may take off anything."),
        db_default=10,
    )
    counter_refund_each = whole_number(
        "counter_refund_each",
        _("counter: one refund (R$)"),
        _("What one order may get back in one go; 0: they give nothing back."),
        db_default=0,
    )
    counter_refund_day = whole_number(
        "counter_refund_day",
        _("counter: refunds a day (R$)"),
        _("What one person may give back in a day, all orders together."),
        db_default=0,
    )
    counter_cancel_paid = whole_number(
        "counter_cancel_paid",
        _("counter: cancel what is paid (R$)"),
        _("How much an order that they cancel may have been paid; 0: only unpaid ones."),
        db_default=500,
    )
    manager_discount_percent = whole_number(
        "manager_discount_percent",
        _("manager: discount (%)"),
        _("What the manager may take off a sale."),
        db_default=30,
    )
    manager_refund_each = whole_number(
        "manager_refund_each",
        _("manager: one refund (R$)"),
        _("What one order may get back in one go; 0: they give nothing back."),
        db_default=500,
    )
    manager_refund_day = whole_number(
        "manager_refund_day",
        _("manager: refunds a day (R$)"),
        _("What one person may give back in a day, all orders together."),
        db_default=2000,
    )
    manager_cancel_paid = whole_number(
        "manager_cancel_paid",
        _("manager: cancel what is paid (R$)"),
        _("How much an order that they cancel may have been paid; 0: only unpaid ones."),
        db_default=5000,
    )
    manager_price_percent = whole_number(
        "manager_price_percent",
        _("manager: change of a price a day (%)"),
        _("By how much a price may go up or down in a day; 0: they change none."),
        db_default=30,
    )
    parked_hold_minutes = whole_number(
        "parked_hold_minutes",
        _("parked sale keeps units for"),
        _("Minutes that a parked sale keeps its units, where it is told to."),
        db_default=240,
    )
    scale_layout = models.CharField(
        _("label of the scale"),
        max_length=13,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "The 13 digits that it prints, as 2CCCCC0VVVVVD: C the product's code (its SKU), V the price or the "
            "weight, D the check digit. Empty: no scale."
        ),
    )
    scale_value = models.CharField(
        _("the label holds"),
        max_length=6,
        choices=ScaleValue.choices,
        default=ScaleValue.PRICE,
        db_default=ScaleValue.PRICE,
        help_text=_("What V stands for: the price in cents, or the weight in grams."),
    )
    pickup_lead_minutes = whole_number(
        "pickup_lead_minutes", _("notice for pickup"), _("Minutes between an order and its first pickup window.")
    )
    pickup_horizon_days = whole_number(
        "pickup_horizon_days", _("pickup up to"), _("Days ahead for which pickup windows are offered.")
    )
    pickup_window_minutes = whole_number(
        "pickup_window_minutes", _("pickup window"), _("Minutes a pickup window lasts.")
    )
    pickup_grace_hours = whole_number(
        "pickup_grace_hours", _("uncollected after"), _("Hours past its window that an order is listed as uncollected.")
    )
    max_pickups_per_window = whole_number(
        "max_pickups_per_window",
        _("pickups per window"),
        _("Orders that may be collected in one pickup window; 0 sets no limit."),
        db_default=0,
    )
    slot_granularity_minutes = whole_number(
        "slot_granularity_minutes", _("appointments start every"), _("Minutes between two offered starts.")
    )
    slot_hold_minutes = whole_number(
        "slot_hold_minutes", _("time is held for"), _("Minutes that a chosen time is kept for a customer.")
    )
    lead_time_minutes = whole_number(
        "lead_time_minutes", _("notice for appointments"), _("Minutes between booking and the first possible start.")
    )
    booking_horizon_days = whole_number(
        "booking_horizon_days", _("appointments up to"), _("Days ahead for which appointments can be booked.")
    )
    overlap_tolerance_minutes = whole_number(
        "overlap_tolerance_minutes", _("overlap tolerated"), _("Minutes by which two appointments may overlap.")
    )
    request_hours = whole_number(
        "request_hours", _("requests wait"), _("Hours that a requested appointment waits for the shop's answer.")
    )
    appointment_cancel_cutoff_minutes = whole_number(
        "appointment_cancel_cutoff_minutes",
        _("cancelling an appointment ends"),
        _("Minutes before the start that customers can no longer cancel."),
    )
    appointment_reschedule_cutoff_minutes = whole_number(
        "appointment_reschedule_cutoff_minutes",
        _("moving an appointment ends"),
        _("Minutes before the start that customers can no longer move it."),
    )
    max_holds_per_customer = whole_number(
        "max_holds_per_customer",
        _("times held per customer"),
        _("Times one person's carts may hold without booking; 0 sets no limit."),
    )
    max_holds_per_address = whole_number(
        "max_holds_per_address",
        _("times held per connection"),
        _("Times that all carts of one internet address may hold at once; many people may share one. 0 sets no limit."),
    )
    max_bookings_per_day = whole_number(
        "max_bookings_per_day",
        _("bookings per person and day"),
        _("Visits one person, known by e-mail or phone, may book in 24 hours without paying; 0 sets no limit."),
    )
    max_bookings_per_address = whole_number(
        "max_bookings_per_address",
        _("bookings per connection and day"),
        _("Visits that may be booked from one internet address in 24 hours without paying. 0 sets no limit."),
    )
    booking_click_minutes = whole_number(
        "booking_click_minutes",
        _("strangers confirm by e-mail within"),
        _(
            "Minutes that a visit booked without a proved e-mail is kept until the link in its letter is followed, "
            "such as 30; then the time goes back. 0 asks for no click."
        ),
    )
    link_days = whole_number(
        "link_days",
        _("links to orders and visits last"),
        _("How long a link opens an order or visit after the last thing that happened to it; 0 sets no end."),
    )

    class Meta:
        verbose_name = _("shop settings")
        verbose_name_plural = _("shop settings")
        permissions = [("decide_money", _("Can change the bank details, the legal identity and what roles may do"))]
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="shopsettings_single_row"),
            models.CheckConstraint(condition=~Q(name=""), name="shopsettings_has_name"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="shopsettings_currency_form"),
            models.CheckConstraint(
                condition=Q(whatsapp="") | Q(whatsapp__regex=r"^\+[1-9][0-9]{6,14}$"), name="shopsettings_whatsapp_e164"
            ),
            models.CheckConstraint(
                condition=Q(document="") | Q(document__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"),
                name="shopsettings_document_form",
            ),
            models.CheckConstraint(
                condition=Q(languages__contained_by=list(LANGUAGES), languages__len__gte=1),
                name="shopsettings_languages_known",
            ),
            models.CheckConstraint(
                condition=Q(payment_methods__contained_by=list(PAYMENT_METHODS), payment_methods__len__gte=1),
                name="shopsettings_payment_methods_known",
            ),
            models.CheckConstraint(
                condition=Q(fulfilment_methods__contained_by=list(FULFILMENT_METHODS), fulfilment_methods__len__gte=1),
                name="shopsettings_fulfilment_methods_known",
            ),
            models.CheckConstraint(condition=Q(late_fee__in=LATE_FEES), name="shopsettings_late_fee_known"),
            models.CheckConstraint(condition=Q(scale_value__in=SCALE_VALUES), name="shopsettings_scale_value_known"),
            models.CheckConstraint(
                condition=Q(scale_layout="") | Q(scale_layout__regex="^2[0-9]*C{3,6}[0-9]*V{4,6}D$"),
                name="shopsettings_scale_layout_form",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{key}__gte": least, f"{key}__lte": greatest}), name=f"shopsettings_{key}"
                )
                for key, (least, greatest) in LIMITS.items()
            ),
        ]

    def __str__(self) -> str:
        return self.name
