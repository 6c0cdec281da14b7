"""How every list of the desk is searched: words in any order, accents, case and marks between digits aside."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from common.search import Neighbours, matching


class KeySearch:
    """A list that is searched by a key its rows or their neighbours keep (`common.search`).

    `search_also` names columns of few signs, such as a SKU, in which a term may stand instead, `search_words` those of
    names and sentences. `search_neighbours` is the foreign key to whatever keeps those columns where the list is long,
    so that it is looked up first. `search_beyond` is for an app above, which knows what the rows belong to.
    """

    model: Any
    search_key_field = ""
    search_neighbours = ""
    search_also: tuple[str, ...] = ()
    search_words: tuple[str, ...] = ()
    search_beyond: Callable[[str], Q] | None = None

    def search_help(self, request: HttpRequest) -> Any:
        """Return what is written in the field of the search for whoever asks."""
        return self.search_help_text  # type: ignore[attr-defined]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list with what its search is for."""
        found: Any = super().get_changelist_instance(request)  # type: ignore[misc]
        found.search_help_text = self.search_help(request)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that hold every term."""
        if search_term.strip():
            queryset = queryset.filter(self.search_condition(request, search_term))
        return queryset, False

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Return what a row must hold to be found by a text of whoever asks."""
        neighbours = None
        if key := self.search_neighbours:
            neighbours = Neighbours(key, self.model._meta.get_field(key).related_model._default_manager.all())
        condition = matching(
            text=text,
            column=self.search_key_field,
            also=self.search_also,
            words=self.search_words,
            neighbours=neighbours,
        )
        return condition | self.search_beyond(text) if self.search_beyond else condition
