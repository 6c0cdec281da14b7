"""What the stock refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


def not_unseen(*, seen: int | None, current: int) -> None:
    """Let go on whoever saw the figure as it is, or says nothing of it. Raises Conflict."""
    if seen is not None and seen != current:
        text = _("This changed while the page was open: it said %(seen)s, and it is %(current)s now. Look again.")
        raise Conflict(text % {"seen": seen, "current": current})


class OutOfStock(Conflict):
    """Fewer units are free than were asked for."""

    code = "out_of_stock"
    title = _("Out of stock")
    fields = ("sku", "requested", "available", "lines")
    sentence = _("There are no longer enough units for this. Nothing was changed.")


class BelowReserved(Conflict):
    """The change would leave fewer units than are promised to carts and orders."""

    code = "below_reserved"
    title = _("Fewer units than are reserved")
    fields = ("reserved",)
    sentence = _(
        "%(reserved)s units are promised to carts and orders, so at least that many must stay. Nothing was changed."
    )


class CountedMeanwhile(Conflict):
    """Somebody else has counted the same SKU since this line was looked at: `quantity`, by `who`."""

    code = "counted_meanwhile"
    title = _("Somebody else has counted this")
    fields = ("quantity", "version", "who")
    sentence = _("%(who)s has counted %(quantity)s of it. Add yours, or put yours in its place.")


class CountChanged(Conflict):
    """The count has changed since its differences were looked at."""

    code = "count_changed"
    title = _("This count was changed meanwhile")
    sentence = _("Somebody has changed this count. Look at the differences again. Nothing was corrected.")


class NothingCounted(Invalid):
    """The count has no line."""

    code = "nothing_counted"
    title = _("Nothing has been counted yet")
