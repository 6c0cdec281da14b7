"""What the counter refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class PaymentsDoNotAddUp(Invalid):
    """What is paid in parts is not exactly what is due."""

    code = "payments_do_not_add_up"
    title = _("The payments do not add up")
    fields = ("due", "given")
    amounts = ("due", "given")
    sentence = _("%(due)s is to be paid, and the payments come to %(given)s.")


class DiscountAboveLimit(Invalid):
    """More is taken off than whoever sells may."""

    code = "discount_above_limit"
    title = _("Discount above the limit")
    fields = ("percent", "limit")
    amounts = ("limit",)
    sentence = _("You may take off %(percent)s%% at most, which is %(limit)s here.")


class NothingSold(Invalid):
    """The sale holds nothing."""

    code = "nothing_sold"
    title = _("There is nothing in this sale yet")


class LabelTaken(Conflict):
    """Another sale waits under that name already."""

    code = "label_taken"
    title = _("Another sale waits under this name")


class ParkedChanged(Conflict):
    """Somebody else has changed the parked sale since it was looked at; `version` is the one it has now."""

    code = "parked_changed"
    title = _("This parked sale was changed meanwhile")
    fields = ("version",)
    sentence = _("Somebody else has changed this parked sale. Look at it again.")


class FavouritesChanged(Conflict):
    """Somebody else has pinned other favourites since they were looked at."""

    code = "favourites_changed"
    title = _("The favourites were changed meanwhile")
    sentence = _("Somebody else has changed the favourites. They are shown as they are now; try again.")


class DayAhead(Invalid):
    """The day has not begun."""

    code = "day_ahead"
    title = _("This day has not begun")
    sentence = _("This day has not begun. Nothing was changed.")


class DayClosed(Conflict):
    """The day has been closed; it is corrected by an entry, not closed again."""

    code = "day_closed"
    title = _("Day already closed")
    sentence = _("This day is closed already. Write down a correction if something was wrong.")


class DrawersOpen(Conflict):
    """Drawers of the day are open; each is counted and closed first. `drawers`: their sessions, by public id."""

    code = "drawers_open"
    title = _("Drawers are open")
    fields = ("count", "drawers")
    sentence = _("Drawers that are still open: %(count)s. Count and close them first.")


class UnreadableLabel(Invalid):
    """What was scanned is a label of the shop's scale, and says nothing that can be sold."""

    code = "unreadable_label"
    title = _("This label cannot be read")


class PixNotBegun(Conflict):
    """The gateway would not begin a Pix."""

    code = "pix_not_begun"
    title = _("No Pix was begun")
    sentence = _("The payment service would not begin this Pix. Nothing was sold; take the money another way.")


class PixAwaited(Conflict):
    """A Pix for the same thing is being waited for at the counter."""

    code = "pix_awaited"
    title = _("A Pix is awaited")
    sentence = _("A Pix for this is being waited for at the counter. Wait for it, or cancel it there.")


class SalesWait(Conflict):
    """Sales wait for a Pix whose other part goes into the drawer."""

    code = "sales_wait"
    title = _("A sale waits for its Pix")
    sentence = _("A sale of this drawer waits for its Pix. Let it be paid, or cancel it, and close the drawer then.")
