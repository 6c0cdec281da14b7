"""What the shop's settings refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Invalid


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


class HoursClash(Invalid):
    """Two stretches of opening overlap, or one ends before it begins."""

    code = "hours_clash"
    title = _("These opening hours do not fit together")
    fields = ("clashes",)
