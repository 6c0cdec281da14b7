"""What taking in a spreadsheet refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class ChangedMeanwhile(Conflict):
    """What the preview showed is no longer how things stand; nothing was taken in."""

    code = "changed_meanwhile"
    title = _("Something changed since this preview. Nothing was taken in; look at it again.")


class NotReady(Conflict):
    """The spreadsheet was taken in already, or has rows that cannot be."""

    code = "not_ready"
    title = _("This spreadsheet cannot be taken in: it was already, or some of its rows are wrong.")
