"""Pages of the desk that join apps: orders with their money, and the page that greets whoever signs in."""

from django.contrib import admin

from backoffice.admin.orders import OrderAdmin

__all__ = ["OrderAdmin"]

admin.site.index_template = "backoffice/today.html"
