"""Pages of the desk that join apps: orders with their money, the shop with its agenda, and the page that greets."""

from django.contrib import admin

from backoffice.admin.changes import EntryAdmin
from backoffice.admin.customers import CustomerRecordAdmin
from backoffice.admin.letters import SentLetterAdmin
from backoffice.admin.orders import OrderAdmin
from backoffice.admin.shop import ShopSettingsAdmin
from backoffice.admin.visits import in_orders

__all__ = ["CustomerRecordAdmin", "EntryAdmin", "OrderAdmin", "SentLetterAdmin", "ShopSettingsAdmin", "in_orders"]

admin.site.index_template = "backoffice/today.html"
