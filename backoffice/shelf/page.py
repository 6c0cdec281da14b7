"""What the shelf's pages are told before they ask anything; their words travel from here, too."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.counter.page import TEXTS as COUNTER
from inventory.answers import MAX_ADJUSTMENT

SHARED = (
    "added", "already_there", "ask_again", "nothing_found", "offline", "one_less", "one_more", "pieces_wanted",
    "quantity_of", "several_found", "take_off", "volume_example", "volume_of", "volume_wanted", "weight_example",
    "weight_of", "weight_wanted",
)  # fmt: skip

RECEIVING = {
    "clear_lines": _("Everything that was typed on this page is thrown away."),
    "missing": _("Say of each line how much arrived."),
    "unsure": _(
        "The shop has not answered. The goods may have been received: ask again before anything else, "
        "they will not be received twice."
    ),
    "wrong": _("Nothing was received: look at the lines in red."),
}

COUNTING = {
    "add_both": _("Add up: %(quantity)s"),
    "keep_theirs": _("Leave %(quantity)s"),
    "not_saved": _("Not saved yet. It is sent again by itself."),
    "put_mine": _("Put %(quantity)s in its place"),
    "wait": _("One moment: the last lines are on their way."),
}


def receiving(*, user_id: int, first: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page of a delivery begins with; `first`: goods that stand on it already."""
    return {
        **_common(user_id=user_id, texts=RECEIVING),
        "urls": {"find": reverse("shelf:find"), "receive": reverse("shelf:receive")},
        "first": first,
    }


def counting(*, user_id: int, count: UUID, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the page of a count begins with: its lines, counted or not, and never what should be there."""
    return {
        **_common(user_id=user_id, texts=COUNTING),
        "urls": {"find": reverse("shelf:find"), "line": reverse("shelf:count-line", args=[count])},
        "count": str(count),
        "lines": lines,
    }


def _common(*, user_id: int, texts: dict[str, Any]) -> dict[str, Any]:
    return {
        "user": user_id,
        "mostPieces": MAX_ADJUSTMENT,
        "mostMeasured": MAX_ADJUSTMENT,
        "texts": {name: str(text) for name, text in ({key: COUNTER[key] for key in SHARED} | texts).items()},
    }
