"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint


class ChatsConfig(AppConfig):
    """Messages that the team sends by hand, through WhatsApp."""

    name = "chats"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        for name in ("sentchat_once", "chattemplate_once"):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
