"""What scheduling refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class SlotTaken(Conflict):
    """Somebody else has that time; `alternatives` are the nearest free ones, `lines` the lines that lost theirs."""

    code = "slot_taken"
    title = _("That time has just been taken")
    fields = ("alternatives", "lines")


class SlotUnavailable(Invalid):
    """That time is not offered; `reasons` are codes such as outside_hours or lead_time."""

    code = "slot_unavailable"
    title = _("That time is not offered")
    fields = ("reasons",)


class DepositRequired(Invalid):
    """Part of the price has to be paid before the visit is promised; `methods` are those that can."""

    code = "deposit_required"
    title = _("A deposit is asked")
    fields = ("amount", "methods")


class TooLateToChange(Conflict):
    """The customer's time to cancel or move is over; the shop still can. `until` is when it ended."""

    code = "too_late_to_change"
    title = _("Too late to change")
    fields = ("until",)


class TooManyHolds(Conflict):
    """Somebody keeps as much, or has kept it for as long, as the shop lets one person or address; `max` says what."""

    code = "too_many_holds"
    title = _("Too much kept without paying")
    fields = ("max",)


class WeekChanged(Conflict):
    """Somebody else has changed the week meanwhile."""

    code = "week_changed"
    title = _("These hours have changed")
    sentence = _(
        "Somebody has changed these hours meanwhile, so nothing was saved. What you typed is still below; save again "
        "to keep it so."
    )


class VisitMoved(Conflict):
    """Somebody else has moved the visit with which another was to change places."""

    code = "visit_moved"
    title = _("That visit was moved meanwhile")


class WouldStrand(Conflict):
    """The change would leave people without the time they were told; `appointments` and `pickups` name them."""

    code = "would_strand_appointments"
    title = _("Booked times would be left outside the hours or without a place")
    fields = ("appointments", "pickups")
