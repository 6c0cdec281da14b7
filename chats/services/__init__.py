"""Every write and every rule about messages by WhatsApp.

`sending` remembers what was sent, `templates` changes the shop's words, `erasure` forgets.
"""

from chats.services.erasure import erase_texts, forget_old
from chats.services.sending import send_chat, take_back
from chats.services.templates import as_of_now, give_back_our_words, write_words

__all__ = [
    "as_of_now",
    "erase_texts",
    "forget_old",
    "give_back_our_words",
    "send_chat",
    "take_back",
    "write_words",
]
