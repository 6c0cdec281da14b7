"""The desk's menu, grouped as a shop owner thinks: what is sold, what is there, when, who, and the shop itself.

An entry appears only when its page exists and the person looking may see it, so a menu never leads to a
closed door.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.agenda.people import may_look
from backoffice.counter.people import may_sell

Entry = tuple[str | Promise, str, str, str]
"""Title, icon, name of the page, permission."""

GROUPS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        _("Sales"),
        (
            (_("Orders"), "receipt_long", "orders_order_changelist", "orders.view_order"),
            (_("Carts"), "shopping_cart", "cart_cart_changelist", "cart.view_cart"),
            (_("Kept without payment"), "lock_clock", "keeping:page", "cart.view_cart"),
            (_("Drawer"), "point_of_sale", "drawer:page", "till.use_drawer"),
            (_("Close of the day"), "summarize", "day:page", "till.view_dayclose"),
            (_("Reports"), "monitoring", "reports:page", "reports.view_reports"),
            (_("Payments"), "payments", "payments_payment_changelist", "payments.view_payment"),
            (_("Money inbox"), "inbox", "payments_moneycase_changelist", "payments.view_moneycase"),
            (_("Statement of the bank"), "account_balance", "payments_payment_statement", "payments.record_payment"),
            (_("Refunds"), "currency_exchange", "payments_refund_changelist", "payments.view_refund"),
        ),
    ),
    (
        _("Stock"),
        (
            (_("Units in stock"), "inventory_2", "inventory_stockitem_changelist", "inventory.view_stockitem"),
            (_("Receive goods"), "add_box", "shelf:page", "inventory.adjust_stock"),
            (_("Count the stock"), "checklist", "shelf:counts", "inventory.adjust_stock"),
            (_("Movements"), "swap_vert", "inventory_stockmovement_changelist", "inventory.view_stockmovement"),
        ),
    ),
    (
        _("Catalogue"),
        (
            (_("Products"), "bakery_dining", "catalog_product_changelist", "catalog.view_product"),
            (_("Change prices"), "sell", "prices:page", "catalog.change_variant"),
            (_("Categories"), "category", "catalog_category_changelist", "catalog.view_category"),
        ),
    ),
    (
        _("Visits"),
        (
            (_("Appointments"), "event", "scheduling_appointment_changelist", "scheduling.view_appointment"),
            (_("Working hours"), "schedule", "hours:page", "scheduling.change_availabilityrule"),
            (_("Services"), "content_cut", "scheduling_service_changelist", "scheduling.view_service"),
            (_("Combinations"), "join_inner", "scheduling_combination_changelist", "scheduling.view_combination"),
            (_("Professionals"), "badge", "scheduling_professional_changelist", "scheduling.view_professional"),
            (_("Rooms"), "meeting_room", "scheduling_room_changelist", "scheduling.view_room"),
        ),
    ),
    (
        _("Commissions"),
        (
            (
                _("Statements"),
                "price_check",
                "commissions_commissionentry_changelist",
                "commissions.view_commissionentry",
            ),
            (_("Rules"), "percent", "commissions_commissionrule_changelist", "commissions.view_commissionrule"),
            (_("Payouts"), "payments", "commissions_commissionpayout_changelist", "commissions.view_commissionpayout"),
            (
                _("My commissions"),
                "price_check",
                "commissions_commissionentry_own",
                "commissions.view_own_commission",
            ),
        ),
    ),
    (
        _("People"),
        (
            (_("Today's messages"), "chat", "chats:page", "chats.send_chat"),
            (_("Customers"), "group", "customers_customerrecord_changelist", "customers.view_customerrecord"),
            (_("Accounts"), "account_circle", "accounts_customer_changelist", "accounts.view_customer"),
            (
                _("Guests without an account"),
                "person_alert",
                "orders_ordercontact_changelist",
                "orders.view_ordercontact",
            ),
            (_("Blocked people"), "block", "accounts_block_changelist", "accounts.view_block"),
            (_("Team"), "badge", "accounts_user_changelist", "accounts.view_user"),
            (_("E-mails"), "mail", "common_sentletter_changelist", "common.view_sentletter"),
            (_("Sign-ins"), "key", "accounts_signinattempt_changelist", "accounts.view_signinattempt"),
            (_("All changes"), "history", "audit_entry_changelist", "audit.view_entry"),
        ),
    ),
    (
        _("Shop"),
        (
            (_("First steps"), "checklist", "first_steps:page", "shop.decide_money"),
            (_("Spreadsheets"), "table_view", "spreadsheets:page", "spreadsheets.export_sheet"),
            (_("Shop window"), "palette", "look:page", "shop.change_shopsettings"),
            (_("Links and poster"), "qr_code_2", "look:links", "shop.change_shopsettings"),
            (_("Details and rules"), "storefront", "shop_shopsettings_changelist", "shop.view_shopsettings"),
            (_("Ways to pay"), "credit_card", "payments_payment_methods", "shop.view_shopsettings"),
        ),
    ),
)


OWN_ENTRIES = ("payments_payment_methods", "payments_payment_statement", "links")
"""Pages below a list that have an entry of their own."""


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu for whoever is looking."""
    home = {"title": _("Today"), "icon": "wb_sunny", "link": reverse("admin:index")}
    first = [home]
    if may_sell(request.user):
        first.append(_counter(request))
    if may_look(request.user):
        first.append({"title": _("Agenda"), "icon": "calendar_month", "link": reverse("agenda:page")})
    groups: list[dict[str, Any]] = [{"items": first}]
    for title, entries in GROUPS:
        items = [item for item in (_item(request, entry) for entry in entries) if item]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _counter(request: HttpRequest) -> dict[str, Any]:
    """Return the entry of the counter, with the key that leads there from every page of the desk."""
    link = reverse("counter:page")
    shown = {"title": _("Sell at the counter"), "icon": "point_of_sale", "badge": "F2", "badge_variant": "primary"}
    return {**shown, "link": link, "active": request.path == link}


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any] | None:
    title, icon, page, permission = entry
    if not request.user.has_perm(permission):
        return None
    link = reverse(page if ":" in page else f"admin:{page}")
    return {"title": title, "icon": icon, "link": link, "active": _active(request, link=link, page=page)}


def _active(request: HttpRequest, *, link: str, page: str) -> bool:
    """Mark the list's own entry on its objects' pages too, but not on a page with an entry of its own."""
    match = request.resolver_match
    if match is not None and match.url_name in OWN_ENTRIES:
        return page.rpartition(":")[2] == match.url_name
    return request.path.startswith(link)
