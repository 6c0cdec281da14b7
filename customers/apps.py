"""Registers the shop's records of its customers with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from customers.errors import AlreadyThere, DocumentTaken


class CustomersConfig(AppConfig):
    """Customers as the shop knows them, with an account or without."""

    name = "customers"
    verbose_name = _("customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        for name, refusal in (
            ("customerrecord_document_once", DocumentTaken),
            ("customerrecord_name_and_phone_once", AlreadyThere),
            ("customerrecord_name_and_mailbox_once", AlreadyThere),
            ("customers_customerrecord_account_id_key", Busy),
        ):
            refusal_for_constraint(name=name, refusal=refusal, again=True)
