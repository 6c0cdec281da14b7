"""What the messages refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class NothingToTell(Conflict):
    """What the message was about is no longer so, or whoever it was for is not written to."""

    code = "nothing_to_tell"
    title = _("Nothing to tell any more")
    sentence = _("This message is not due any more: things have changed meanwhile. Nothing was written down.")


class WordsChanged(Conflict):
    """Somebody else saved other words meanwhile."""

    code = "words_changed"
    title = _("The words have changed")
    sentence = _("Somebody has saved other words meanwhile. Look at them below, and save again if yours shall stay.")
