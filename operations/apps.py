"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Commands over the whole shop: integrity, doctor, backup, demonstration data."""

    name = "operations"
    verbose_name = _("Operations")
