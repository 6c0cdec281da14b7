"""Every write about drawers and every rule about it; `counter`, above payments, adds up what should lie in one."""

from till.services.counts import close_drawer, count_drawer
from till.services.movements import move_cash, take_out
from till.services.sessions import first_till, locked_session, open_session, session_for, whose
from till.services.tills import add_till, switch_till

__all__ = [
    "add_till",
    "close_drawer",
    "count_drawer",
    "first_till",
    "locked_session",
    "move_cash",
    "open_session",
    "session_for",
    "switch_till",
    "take_out",
    "whose",
]
