"""Remembers which messages were sent. The shop opens WhatsApp; whoever writes presses its button themselves."""

from datetime import datetime

from chats import selectors
from chats.errors import NothingToTell
from chats.models import SentChat
from chats.selectors import DueChat, Key
from common.actors import Actor
from common.errors import NotFound
from common.transactions import locked
from common.use_cases import use_case
from shop import services as shop


@use_case()
def send_chat(*, key: Key, actor: Actor, now: datetime) -> DueChat:
    """Write down that a message is sent, and return it, to be opened; a second time it is only opened.

    Raises NothingToTell.
    """
    chat = selectors.due_chat(key=key, policy=shop.policy(), now=now)
    if chat is None:
        raise NothingToTell()
    message = {"occasion": key.occasion, "subject": key.subject, "about": key.about}
    if not SentChat.objects.filter(**message, taken_back_at__isnull=True).exists():
        SentChat.objects.create(**message, text=chat.text, at=now, actor_kind=actor.kind, actor_id=actor.id)
    return chat


@use_case()
def take_back(*, sent: int, actor: Actor, now: datetime) -> SentChat:
    """Write down that a message was not sent after all, so that it is due again. Raises NotFound."""
    row = locked(SentChat.objects.filter(pk=sent, taken_back_at__isnull=True)).first()
    if row is None:
        raise NotFound()
    row.taken_back_at, row.taken_back_by = now, actor.id
    row.save(update_fields=["taken_back_at", "taken_back_by"])
    return row
