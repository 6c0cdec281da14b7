"""Which columns the address of a list may ask about: those it is filtered by, and nothing else.

Django lets an address filter a list by any column of its table, shown or not, so that asking for the beginnings of a
secret spells it out. Here a list answers only to its own filters, its days, and the links that other pages make to it.
"""

import re
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import FieldDoesNotExist
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

COMPARED = re.compile(r"(__(id|pk))?(__(exact|in|isnull|gte?|lte?|range|year|month|day))?")
"""What may follow the name of a column that a list is filtered by."""


class ShownLookups:
    """A list whose address asks only about the columns it is filtered by; `linked_by` names what other pages ask."""

    linked_by: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Say whether the list may be asked about `lookup`; Django refuses the page for any other (400)."""
        if lookup in self.linked_by:
            return True
        try:
            self.opts.get_field(lookup.partition(LOOKUP_SEP)[0])  # type: ignore[attr-defined]
        except FieldDoesNotExist:
            return bool(super().lookup_allowed(lookup, value, request))  # type: ignore[misc]
        return any(
            lookup.startswith(column) and COMPARED.fullmatch(lookup.removeprefix(column))
            for column in self._filtered_by(request)
        )

    def _filtered_by(self, request: HttpRequest | None) -> set[str]:
        given: Any = self
        filters = given.list_filter if request is None else given.get_list_filter(request)
        columns = {one[0] if isinstance(one, list | tuple) else one for one in filters}
        named = {one.parameter_name if _is_simple(one) else one for one in columns}
        return {str(one) for one in [*named, given.date_hierarchy] if isinstance(one, str)}


def _is_simple(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, SimpleListFilter)
