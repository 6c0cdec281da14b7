"""What may become of a product: a table, and nothing else.

What comes back from the archive comes back as a draft, so that nothing is on show by accident.
"""

from collections.abc import Mapping
from types import MappingProxyType

DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"

# verb -> state before -> state after; a verb that finds its work done changes nothing.
VERBS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "publish": MappingProxyType({DRAFT: PUBLISHED, PUBLISHED: PUBLISHED}),
        "hide": MappingProxyType({PUBLISHED: DRAFT, DRAFT: DRAFT}),
        "archive": MappingProxyType({DRAFT: ARCHIVED, PUBLISHED: ARCHIVED, ARCHIVED: ARCHIVED}),
        "unarchive": MappingProxyType({ARCHIVED: DRAFT}),
    }
)


def after(*, verb: str, status: str) -> str | None:
    """Return the state `verb` leads to from `status`; None where it leads nowhere."""
    return VERBS[verb].get(status)


def open_verbs(*, status: str) -> list[str]:
    """Return the verbs that change something from `status`."""
    return [verb for verb, states in VERBS.items() if states.get(status, status) != status]
