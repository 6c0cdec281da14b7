"""What the shop's settings refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class UnknownPolicy(Invalid):
    """There is no such setting."""

    code = "unknown_policy"
    title = _("There is no such setting")
    fields = ("key", "known")


class PolicyOutOfRange(Invalid):
    """The setting does not take this value."""

    code = "policy_out_of_range"
    title = _("The setting does not take this value")
    fields = ("key", "reasons")


class HoursChanged(Conflict):
    """Somebody else has changed the opening hours meanwhile."""

    code = "hours_changed"
    title = _("The opening hours have changed")
    sentence = _(
        "Somebody has changed these hours meanwhile, so nothing was saved. What you typed is still below; save again "
        "to keep it so."
    )


class HoursClash(Invalid):
    """Two stretches of opening overlap, or one ends before it begins."""

    code = "hours_clash"
    title = _("These opening hours do not fit together")
    fields = ("clashes",)


class LookChanged(Conflict):
    """Somebody else has changed the look of the window meanwhile."""

    code = "look_changed"
    title = _("The window has changed")
    sentence = _(
        "Somebody has changed the window meanwhile, so nothing was saved. Save again and yours replaces theirs, or "
        "open the page anew to see theirs."
    )


class UnreadableColour(Invalid):
    """A colour that nobody could read; `contrast` is what it has where it is read worst, `nearest` one that will do."""

    code = "unreadable_colour"
    title = _("This colour cannot be read")
    fields = ("key", "contrast", "least", "nearest")
