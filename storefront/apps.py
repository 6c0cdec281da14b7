"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StorefrontConfig(AppConfig):
    """The storefront app."""

    name = "storefront"
    verbose_name = _("Shop window")
