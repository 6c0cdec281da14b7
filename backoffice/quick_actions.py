"""What people do all day, a button each at the top of the first page; each leads to where it is done, ready to type.

A button appears only for who may do it. Whoever adds a daily job adds a row to `ACTIONS`.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Action:
    """A button of the first page. `page`: the name of its address, `query`: what opens the page at the job itself.

    `key`: the key that does the same from every page of the desk; `unless`: whoever may do that has another
    button, which does more.
    """

    title: str | Promise
    icon: str
    page: str
    permission: str
    query: str = ""
    key: str = ""
    unless: str = ""


ACTIONS: tuple[Action, ...] = (
    Action(_("Sell at the counter"), "point_of_sale", "counter:page", "counter.sell", key="F2"),
    Action(_("New visit"), "event", "agenda:page", "scheduling.manage_appointment", query="new"),
    Action(_("Block time"), "event_busy", "agenda:page", "scheduling.add_timeoff", query="block"),
    Action(_("Orders"), "receipt_long", "admin:orders_order_changelist", "orders.view_order"),
    Action(_("Give money back"), "currency_exchange", "one:refund", "counter.undo_sale"),
    Action(_("Receive goods"), "add_box", "shelf:page", "inventory.adjust_stock"),
    Action(_("Count one product"), "checklist", "one:count", "inventory.adjust_stock"),
    Action(_("Change a price"), "sell", "one:price", "catalog.change_variant"),
    Action(_("Close the day"), "summarize", "day:end", "till.close_day"),
    Action(_("Count the drawer"), "summarize", "day:end", "till.use_drawer", unless="till.close_day"),
)


def quick_actions(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the buttons for whoever is looking."""
    return [
        {
            "title": one.title,
            "icon": one.icon,
            "link": f"{reverse(one.page)}?{one.query}" if one.query else reverse(one.page),
            "key": one.key,
        }
        for one in ACTIONS
        if request.user.has_perm(one.permission) and not (one.unless and request.user.has_perm(one.unless))
    ]
