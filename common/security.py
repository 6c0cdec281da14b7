"""Security events: who got in, who was turned away, and what changed about who may do what.

Each is one line of the logger `security`, beside the request's id, address and login. What was done is told once its
transaction has committed; a refusal is told at once, because the transaction it happened in is undone.
"""

from enum import StrEnum
from typing import TypedDict, Unpack

import structlog
from django.db import transaction

from common import counters
from common.identity import normal_email

log = structlog.get_logger("security")

GUEST = "guest"
SYSTEM = "system"
MOST_TEXT = 200


class Event(StrEnum):
    """All there are. Each is told where it happens, and nowhere else."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_LOCKED = "sign_in_locked"
    SIGN_IN_UNLOCKED = "sign_in_unlocked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 - the name of an event
    EMAIL_CHANGED = "email_changed"
    EMAIL_VERIFIED = "email_verified"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_PASSED = "factor_passed"
    FACTOR_FAILED = "factor_failed"
    LOGIN_INVITED = "login_invited"
    LOGIN_SWITCHED_ON = "login_switched_on"
    LOGIN_SWITCHED_OFF = "login_switched_off"
    ROLE_CHANGED = "role_changed"
    SESSIONS_ENDED = "sessions_ended"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - the name of an event
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - the name of an event
    ACCESS_REFUSED = "access_refused"
    FORM_REFUSED = "form_refused"
    RATE_EXCEEDED = "rate_exceeded"
    PERSON_BLOCKED = "person_blocked"
    PERSON_UNBLOCKED = "person_unblocked"
    LINK_REVOKED = "link_revoked"
    DATA_EXPORTED = "data_exported"
    DATA_ERASED = "data_erased"
    PROXIES_DIFFER = "proxies_differ"
    SIGNATURE_REFUSED = "signature_refused"


REFUSALS = frozenset(
    {
        Event.SIGN_IN_FAILED,
        Event.SIGN_IN_LOCKED,
        Event.PASSWORD_REFUSED,
        Event.FACTOR_FAILED,
        Event.TOKEN_REUSED,
        Event.TOKEN_REFUSED,
        Event.ACCESS_REFUSED,
        Event.FORM_REFUSED,
        Event.RATE_EXCEEDED,
        Event.PROXIES_DIFFER,
        Event.SIGNATURE_REFUSED,
    }
)
"""What somebody tried and was refused: told at once, as warnings."""


class Facts(TypedDict, total=False):
    """What a line may say beside who and whence. None of it is a secret, or says more of a person than a number."""

    subject: int | None
    """The number of the login or customer it is about, where that is not who asks."""
    mailbox: str
    """The address that was typed, as `mailbox_hint` shortens it."""
    door: str
    factor: str
    reason: str
    role: str
    permission: str
    path: str
    kind: str
    number: str
    """The public number of the order, or the id of the visit."""
    count: int
    expected: int


def note(event: Event, **facts: Unpack[Facts]) -> None:
    """Write an event down: a refusal at once, what was done once the running transaction has committed."""
    said = {name: _short(value) for name, value in facts.items() if value not in (None, "")}
    said["login"] = structlog.contextvars.get_contextvars().get("login", SYSTEM)
    if event in REFUSALS:
        counters.count(("security", event.value))
        log.warning(event.value, **said)
    else:
        transaction.on_commit(lambda: _done(event, said))


def _done(event: Event, said: dict[str, object]) -> None:
    counters.count(("security", event.value))
    log.info(event.value, **said)


def arrived(*, request_id: str, address: str) -> None:
    """Say whence a request comes; every line until it is answered carries that."""
    structlog.contextvars.bind_contextvars(request_id=request_id, address=address, login=GUEST)


def answered() -> None:
    """Say that the request is answered: what is logged from now on is not of it."""
    structlog.contextvars.unbind_contextvars("request_id", "address", "login")


def identified(*, login: int) -> None:
    """Say who asks, by the number of the login; every further line of the request carries that."""
    structlog.contextvars.bind_contextvars(login=login)


def mailbox_hint(text: str) -> str:
    """Return enough of a typed address to see a pattern in, `m***@shop.example`; nothing of what is no address.

    People type passwords into the wrong field, so nothing else of what was typed may be written down.
    """
    try:
        local, _at, domain = normal_email(text).partition("@")
    except ValueError:
        return ""
    return f"{local[0]}***@{domain}"


def _short(value: object) -> object:
    return value[:MOST_TEXT] if isinstance(value, str) else value
