"""What the desk calls rows and tables of the apps below where it tells of changes (`desk.called`)."""

from django.utils.translation import gettext_lazy as _

TABLES = {
    "accounts_user_groups": _("role of a login"),
    "accounts_user_user_permissions": _("permission of a login"),
    "scheduling_combination_services": _("service of a combination"),
    "scheduling_service_rooms": _("room of a service"),
}
APPS = ("catalog", "scheduling", "till")
NAMES = {"catalog_variant": "sku", "orders_order": "number"}
