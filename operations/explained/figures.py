"""The tables of docs/operations/watching.md."""

from common.counters import EVENTS
from operations.explained.tables import with_tables
from operations.metrics import FAMILIES


def watching(text: str) -> str:
    """Return the page with the families and events there are now."""
    figures = [(f"`{one.name}`", ", ".join(f"`{label}`" for label in one.labels), one.help) for one in FAMILIES]
    events = [(f"`{name}`", what) for name, what in sorted(EVENTS.items())]
    return with_tables(text, {("family", "labels", "what"): figures, ("event", "what"): events})
