"""What Unfold works out anew for every row of a list is worked out once for each list."""

from collections.abc import Callable, Iterator
from typing import Any

from unfold.templatetags import unfold_list

Headers = Callable[[Any], Iterator[dict[str, Any]]]
KEPT = "headers_of_columns"


def once_for_each_list(headers: Headers) -> Headers:
    """Return what asks once for the headers of a list's columns, and remembers them at the list."""

    def remembered(cl: Any) -> Iterator[dict[str, Any]]:
        if KEPT not in vars(cl):
            setattr(cl, KEPT, tuple(headers(cl)))
        return iter(getattr(cl, KEPT))

    return remembered


def remember_headers() -> None:
    """Let Unfold's rows, each of which asks for the headers of all columns, have those that are remembered."""
    unfold_list.result_headers = once_for_each_list(unfold_list.result_headers)
