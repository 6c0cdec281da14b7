"""What a read-only field shows: a row of another table is a link only for whoever may open that row."""

from typing import Any

from django import template
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from unfold.fields import UnfoldAdminReadonlyField

register = template.Library()


@register.filter
def seen_in(field: UnfoldAdminReadonlyField, request: HttpRequest) -> Any:
    """Return a read-only field as it is shown in answer to a request."""
    column, _attribute, value = field.resolved_field or (None, None, None)
    if isinstance(column, ForeignKey) and value is not None:
        page = (
            admin.site.get_model_admin(column.related_model) if admin.site.is_registered(column.related_model) else None
        )
        if page is None or not page.has_view_permission(request):
            return str(value)
    return field.contents()
