"""The one table of roles: which Django group may do what.

`sync_roles` makes the database agree with it, as often as it is run. Nobody edits a group by hand; what
is not written here is taken away at the next deployment.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.contrib.auth.models import Group, Permission

from common.use_cases import use_case

OWNER = "owner"
MANAGER = "manager"
COUNTER = "counter"
PROFESSIONAL = "professional"
VIEWER = "viewer"

_DAILY = frozenset(
    {
        "accounts.view_address",
        "accounts.view_customer",
        "cart.release_cart",
        "cart.view_cart",
        "cart.view_cartline",
        "catalog.view_category",
        "catalog.view_product",
        "catalog.view_productimage",
        "catalog.view_variant",
        "chats.send_chat",
        "counter.sell",
        "customers.add_customerrecord",
        "customers.change_customerrecord",
        "customers.merge_customerrecord",
        "customers.view_customerrecord",
        "inventory.adjust_stock",
        "inventory.view_stockitem",
        "inventory.view_stockmovement",
        "inventory.view_stockreservation",
        "orders.cancel_order",
        "orders.confirm_order",
        "orders.fulfil_order",
        "orders.view_fulfilment",
        "orders.view_fulfilmentline",
        "orders.view_order",
        "orders.view_ordercontact",
        "orders.view_orderevent",
        "orders.view_orderline",
        "payments.record_payment",
        "payments.refund_payment",
        "payments.view_moneycase",
        "payments.view_payment",
        "payments.view_refund",
        "scheduling.add_timeoff",
        "scheduling.delete_timeoff",
        "scheduling.manage_appointment",
        "scheduling.view_appointment",
        "scheduling.view_availabilityrule",
        "scheduling.view_combination",
        "scheduling.view_dateoverride",
        "scheduling.view_professional",
        "scheduling.view_professionalservice",
        "scheduling.view_room",
        "scheduling.view_service",
        "scheduling.view_timeoff",
        "shop.view_holiday",
        "shop.view_openinghours",
        "shop.view_shopsettings",
        "till.use_drawer",
    }
)

# Who runs the shop for its owner: the range and its prices, everybody's agenda and drawers, the close of the day,
# what is given back and cancelled within the limits of the role, and whom to keep out. The team and its pay, data
# about people in bulk, spreadsheets that rewrite the range, and what concerns bank, law and limits stay the
# owner's.
_MANAGING = frozenset(
    {
        "accounts.add_block",
        "accounts.change_customer",
        "accounts.delete_block",
        "accounts.view_block",
        "accounts.view_user",
        "catalog.add_category",
        "catalog.add_product",
        "catalog.add_productimage",
        "catalog.add_variant",
        "catalog.change_category",
        "catalog.change_product",
        "catalog.change_productimage",
        "catalog.change_variant",
        "catalog.delete_category",
        "catalog.delete_productimage",
        "catalog.delete_variant",
        "catalog.view_productchange",
        "commissions.view_commissionentry",
        "commissions.view_commissionpayout",
        "commissions.view_commissionrule",
        "chats.change_chattemplate",
        "common.view_sentletter",
        "counter.pin_favourites",
        "counter.undo_sale",
        "customers.block_customerrecord",
        "orders.waive_fee",
        "payments.change_moneycase",
        "payments.view_gatewayevent",
        "reports.view_reports",
        "scheduling.add_availabilityrule",
        "scheduling.add_combination",
        "scheduling.add_dateoverride",
        "scheduling.add_professional",
        "scheduling.add_professionalservice",
        "scheduling.add_room",
        "scheduling.add_service",
        "scheduling.change_availabilityrule",
        "scheduling.change_combination",
        "scheduling.change_dateoverride",
        "scheduling.change_professional",
        "scheduling.change_professionalservice",
        "scheduling.change_room",
        "scheduling.change_service",
        "scheduling.change_timeoff",
        "scheduling.delete_availabilityrule",
        "scheduling.delete_dateoverride",
        "scheduling.delete_professionalservice",
        "scheduling.force_appointment",
        "shop.add_holiday",
        "shop.add_openinghours",
        "shop.change_holiday",
        "shop.change_openinghours",
        "shop.change_shopsettings",
        "shop.delete_holiday",
        "shop.delete_openinghours",
        "shop.view_policychange",
        "spreadsheets.export_money",
        "spreadsheets.export_sheet",
        "till.close_any_drawer",
        "till.close_day",
        "till.view_dayclose",
    }
)

_OWNERS_OWN = frozenset(
    {
        "accounts.add_user",
        "accounts.change_user",
        "accounts.view_signinattempt",
        "audit.view_entry",
        "commissions.add_commissionrule",
        "commissions.change_commissionrule",
        "commissions.pay_commission",
        "counter.discount_freely",
        "customers.erase_customerrecord",
        "shop.decide_money",
        "spreadsheets.export_people",
        "spreadsheets.import_sheet",
    }
)

# Somebody who looks after the books from outside: what was sold, paid, given back, earned and counted. Names stand on
# orders because invoices need them; e-mails, phones, addresses, the agenda and the records of customers do not.
_BOOKS = frozenset(
    {
        "catalog.view_category",
        "catalog.view_product",
        "catalog.view_productimage",
        "catalog.view_variant",
        "commissions.view_commissionentry",
        "commissions.view_commissionpayout",
        "commissions.view_commissionrule",
        "inventory.view_stockitem",
        "inventory.view_stockmovement",
        "orders.view_fulfilment",
        "orders.view_fulfilmentline",
        "orders.view_order",
        "orders.view_orderevent",
        "orders.view_orderline",
        "payments.view_moneycase",
        "payments.view_payment",
        "payments.view_refund",
        "reports.view_reports",
        "shop.view_holiday",
        "shop.view_openinghours",
        "shop.view_shopsettings",
        "spreadsheets.export_money",
        "spreadsheets.export_sheet",
        "till.view_dayclose",
    }
)

# A professional sees and closes their own visits, blocks their own time and sees their own commissions; which are
# theirs, the agenda knows.
# The shop's own page is not for them: its bank details are nobody's business who takes no money.
_AGENDA = frozenset(
    {
        "catalog.view_product",
        "commissions.view_own_commission",
        "scheduling.manage_own_appointment",
        "scheduling.view_own_agenda",
    }
)

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        OWNER: _DAILY | _MANAGING | _OWNERS_OWN,
        MANAGER: _DAILY | _MANAGING,
        COUNTER: _DAILY,
        PROFESSIONAL: _AGENDA,
        VIEWER: _BOOKS,
    }
)


class UnknownPermissionsError(Exception):
    """The table names permissions that no installed app declares."""


@use_case()
def sync_roles(*, dry_run: bool = False) -> list[str]:
    """Make the groups agree with the table and return what changed, one line each; with `dry_run`, would change.

    Groups that the table does not name are left alone.

    Raises:
        UnknownPermissionsError: the table names a permission that does not exist; nothing is changed then.
    """
    known = _known_permissions()
    missing = sorted(set().union(*ROLES.values()) - known.keys())
    if missing:
        raise UnknownPermissionsError(", ".join(missing))
    changes: list[str] = []
    for role, wanted in ROLES.items():
        changes += _apply(role=role, wanted={key: known[key] for key in wanted}, dry_run=dry_run)
    return changes


def _apply(*, role: str, wanted: Mapping[str, Permission], dry_run: bool) -> list[str]:
    group = Group.objects.filter(name=role).first()
    held = set() if group is None else {_key(one) for one in group.permissions.select_related("content_type")}
    lines = [] if group else [f"{role}: new role"]
    lines += [f"{role}: + {key}" for key in sorted(wanted.keys() - held)]
    lines += [f"{role}: - {key}" for key in sorted(held - wanted.keys())]
    if lines and not dry_run:
        group = group or Group.objects.create(name=role)
        group.permissions.set(wanted.values())
    return lines


def _known_permissions() -> dict[str, Permission]:
    return {_key(permission): permission for permission in Permission.objects.select_related("content_type")}


def _key(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
