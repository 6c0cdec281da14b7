"""People: those who sign in, those who buy, and where they live.

A `User` is a login, a `Customer` is somebody who buys; staff have the first without the second. Nobody
is ever deleted. Whoever leaves is deactivated and their personal data overwritten, because orders outlive them.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common import clock
from common.identity import STATES, normal_email
from common.models import Acted
from common.search import digits_of_phone, folded, lowered, mailbox_key_of, search_key_of, sort_key_of


class UserManager(BaseUserManager["User"]):
    """Finds and creates logins by e-mail, however it is spelled."""

    use_in_migrations = True

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this e-mail. Raises User.DoesNotExist, also for text that is no address."""
        try:
            email = normal_email(username or "")
        except ValueError as problem:
            raise self.model.DoesNotExist from problem
        return self.get(email=email, email_verified_at__isnull=False)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a login. Raises ValueError for what is no e-mail address."""
        if fields.get("is_staff"):  # an address of the team is vouched for by whoever writes it down
            fields.setdefault("email_verified_at", clock.now())
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a login that may do everything; for `manage.py createsuperuser`, never for the daily work."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """A login. The e-mail is the name; there is no other."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the login outside.")
    )
    email = models.EmailField(_("e-mail"), help_text=_("Signs in with it; stored in lower case."))
    name = models.CharField(_("name"), max_length=120, help_text=_("What the person is called."))
    email_verified_at = models.DateTimeField(
        _("e-mail verified at"), null=True, blank=True, help_text=_("When the person proved to read that mailbox.")
    )
    password = models.CharField(_("password"), max_length=128, help_text=_("Only a salted hash of it."))
    last_login = models.DateTimeField(
        _("last sign-in"), null=True, blank=True, help_text=_("When the person last signed in to the desk.")
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off instead of deleting: the person can no longer sign in.")
    )
    is_staff = models.BooleanField(_("team"), default=False, help_text=_("Works in the shop and may open the desk."))
    joined_at = models.DateTimeField(_("joined at"), default=clock.now, help_text=_("When the login was created."))
    session_stamp = models.UUIDField(
        _("session stamp"), default=uuid.uuid4, editable=False, help_text=_("Sessions of the desk end when it changes.")
    )
    sort_key = sort_key_of("name", label=_("sort key"))

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        constraints = [
            models.UniqueConstraint(
                fields=["email"], condition=Q(email_verified_at__isnull=False), name="user_verified_email_once"
            ),
            models.CheckConstraint(
                condition=Q(is_staff=False) | Q(email_verified_at__isnull=False), name="user_team_is_verified"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_folded"),
        ]
        indexes = [
            models.Index(fields=["email"], name="user_email"),
            models.Index(fields=["sort_key", "id"], name="user_team_by_name", condition=Q(is_staff=True)),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session of the desk must agree with: the password, and that nobody ended it since."""
        text = f"{self.password}|{self.session_stamp}"
        return salted_hmac("accounts.session", text, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """Return what the person is called."""
        return self.name

    def get_short_name(self) -> str:
        """Return the first of the person's names."""
        return self.name.partition(" ")[0]


class Customer(models.Model):
    """Somebody who buys and wants to be known again."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the customer outside.")
    )
    user = models.OneToOneField(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customer",
        verbose_name=_("login"),
        help_text=_("The login; empty for a customer whom the team wrote down."),
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("What the customer is called."))
    email = models.EmailField(_("e-mail"), help_text=_("Where the customer is written to; stored in lower case."))
    phone = models.CharField(
        _("phone"), max_length=16, blank=True, help_text=_("With country code, as +5511987654321.")
    )
    document = models.CharField(
        _("CPF or CNPJ"), max_length=14, blank=True, help_text=_("Without marks; a CNPJ may contain letters.")
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Whether the customer may order."))
    anonymised_at = models.DateTimeField(
        _("anonymised at"), null=True, blank=True, help_text=_("When the personal data was overwritten.")
    )
    created_at = models.DateTimeField(_("created at"), default=clock.now, help_text=_("When it was written down."))
    sort_key = sort_key_of("name", label=_("sort key"))
    mailbox = mailbox_key_of("email", label=_("mailbox"))
    search_key = search_key_of(
        folded("name"), lowered("email"), digits_of_phone("phone"), lowered("document"), label=_("search key")
    )

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(anonymised_at__isnull=True, user__isnull=True),
                name="customer_email_once_without_login",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="customer_email_folded"),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="customer_phone_e164"
            ),
            models.CheckConstraint(
                condition=Q(document="") | Q(document__regex=r"^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$"),
                name="customer_document_form",
            ),
            models.CheckConstraint(
                condition=Q(anonymised_at__isnull=True) | Q(is_active=False, phone="", document=""),
                name="customer_anonymised_is_empty",
            ),
        ]
        indexes = [
            models.Index(fields=["document"], name="customer_document", condition=~Q(document="")),
            models.Index(
                fields=["mailbox"], name="customer_blocked", condition=Q(is_active=False, anonymised_at__isnull=True)
            ),
            models.Index(fields=["mailbox"], name="customer_mailbox", condition=~Q(mailbox="")),
            models.Index(fields=["-created_at"], name="customer_newest"),
            models.Index(fields=["sort_key", "id"], name="customer_by_name"),
        ]

    def __str__(self) -> str:
        return self.name or gettext("(closed account)")


class Block(Acted):
    """Somebody who orders and books nothing, with an account or without; known by any of what is written here."""

    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("However it is spelled: tags, and dots that its provider ignores.")
    )
    phone = models.CharField(_("phone"), max_length=16, blank=True, help_text=_("With area code, as (11) 98765-4321."))
    document = models.CharField(_("CPF or CNPJ"), max_length=14, blank=True, help_text=_("Marks are optional."))
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why, for the team alone."))
    created_at = models.DateTimeField(_("since"), help_text=_("When it was written down."))
    mailbox = mailbox_key_of("email", label=_("mailbox"))

    class Meta:
        verbose_name = _("blocked person")
        verbose_name_plural = _("blocked people")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone="") | ~Q(document=""), name="block_names_somebody"
            ),
            models.UniqueConstraint(fields=["email", "phone", "document"], name="block_once"),
        ]
        indexes = [
            models.Index(fields=["mailbox"], name="block_mailbox"),
            models.Index(fields=["phone"], name="block_phone", condition=~Q(phone="")),
            models.Index(fields=["document"], name="block_document", condition=~Q(document="")),
        ]

    def __str__(self) -> str:
        return self.email or self.phone or self.document


class Address(models.Model):
    """A place a customer wants to keep for deliveries."""

    public_id = models.UUIDField(
        _("public id"), default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the address in the API.")
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="addresses",
        verbose_name=_("customer"),
        help_text=_("Whose address it is."),
    )
    label = models.CharField(_("label"), max_length=40, blank=True, help_text=_("What the customer calls it: home..."))
    postal_code = models.CharField(_("postal code"), max_length=8, help_text=_("CEP, eight digits."))
    street = models.CharField(_("street"), max_length=200, help_text=_("Street, without the number."))
    number = models.CharField(_("number"), max_length=20, help_text=_("House number; s/n where there is none."))
    complement = models.CharField(_("complement"), max_length=100, blank=True, help_text=_("Flat, block, gate..."))
    district = models.CharField(_("district"), max_length=100, help_text=_("Bairro."))
    city = models.CharField(_("city"), max_length=100, help_text=_("Municipality."))
    state = models.CharField(
        pgettext_lazy("address", "state"),
        max_length=2,
        choices=[(state, state) for state in STATES],
        help_text=_("UF, two letters."),
    )
    is_default = models.BooleanField(_("default"), default=False, help_text=_("Offered first; one a customer."))
    created_at = models.DateTimeField(_("created at"), default=clock.now, help_text=_("When it was kept."))

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["-is_default", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(is_default=True), name="address_one_default"),
            models.CheckConstraint(condition=Q(postal_code__regex=r"^[0-9]{8}$"), name="address_postal_code_form"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="address_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.street}, {self.number} · {self.city}/{self.state}"
