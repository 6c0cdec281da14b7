"""What the drawer refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class NameTaken(Conflict):
    """Another till has this name."""

    code = "till_taken"
    title = _("There is a till of this name")
    sentence = _("There is a till of this name already.")


class SessionOpen(Conflict):
    """Whoever opens a drawer has one open at this till already."""

    code = "session_open"
    title = _("Drawer already open")
    sentence = _("You have a drawer open at this till already. Nothing was changed.")


class SessionClosed(Conflict):
    """The drawer has been closed; what comes now belongs to another one."""

    code = "session_closed"
    title = _("Drawer closed")
    sentence = _("This drawer is closed. Nothing was changed.")
