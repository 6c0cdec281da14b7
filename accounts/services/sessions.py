"""Signing in, staying in, signing out.

A session is a family of refresh tokens: each is good for one exchange. A refused exchange may still
write, since a token that comes back ends its whole family; so refusals are raised after the commit, not inside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q

from accounts import selectors, tokens
from accounts.errors import InvalidCredentials, SetUpSecondFactor, TokenReused
from accounts.models import RefreshFamily, RefreshToken, User
from accounts.services.attempts import Visitor
from common import outbox, security
from common.batches import delete_in_batches
from common.errors import NotFound, Unauthenticated
from common.security import Event
from common.transactions import locked, run_unit_of_work, within_unit_of_work

SESSION_LIFE = timedelta(days=30)
PAGE_SESSION_LIFE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=2)
KEPT_AFTER_END = timedelta(days=7)

_Verdict = Literal["refused", "reused"]


@dataclass(frozen=True)
class TokenPair:
    """What a client needs to stay signed in."""

    access: str
    refresh: str


def begin_session(*, user: User, visitor: Visitor, now: datetime) -> TokenPair:
    """Begin a session of the API for somebody who has just proved who they are; return its first pair of tokens.

    Raises:
        InvalidCredentials: the login was switched off, or its password changed, in the meantime.
        SetUpSecondFactor: the role needs a second step, and the login has none.
    """
    if selectors.must_enrol(user=user):
        raise SetUpSecondFactor()
    pair = run_unit_of_work(_begin, user=user, visitor=visitor, now=now)
    if pair is None:
        raise InvalidCredentials()
    security.identified(login=user.pk)
    security.note(Event.SIGNED_IN, door=visitor.door)
    return pair


def refresh(*, token: str, now: datetime) -> TokenPair:
    """Exchange a refresh token for a new pair.

    A second use of the same token ends the family. Only within `settings.REFRESH_GRACE_SECONDS` of the exchange (0 by
    default), and while the successor is unused, does it give that same successor again, for clients that ask twice.

    Raises:
        Unauthenticated: forged, expired or revoked, or the login is switched off.
        TokenReused: the token had been exchanged before; its family is revoked.
    """
    try:
        claims = tokens.decode(token=token, kind="refresh", now=now)
    except tokens.BadTokenError as problem:
        raise Unauthenticated() from problem
    result = run_unit_of_work(_exchange, claims=claims, now=now)
    if result == "reused":
        outbox.wake()
        raise TokenReused()
    if result == "refused":
        raise Unauthenticated()
    return result


def sign_out(*, token: str, now: datetime) -> None:
    """End the session the refresh token belongs to. A token that is not good any more is ignored."""
    try:
        claims = tokens.decode(token=token, kind="refresh", now=now)
    except tokens.BadTokenError:
        return
    live = RefreshFamily.objects.filter(public_id=claims.family, revoked_at__isnull=True)
    if live.update(revoked_at=now, ending=RefreshFamily.Ending.LOGOUT):
        security.note(Event.SESSIONS_ENDED, count=1, reason=RefreshFamily.Ending.LOGOUT)


def begin_page_session(*, user: User, visitor: Visitor, now: datetime) -> UUID:
    """Write down that somebody signed in at the desk or on the pages of their account; return the session's id."""
    security.identified(login=user.pk)
    security.note(Event.SIGNED_IN, door=visitor.door)
    return RefreshFamily.objects.create(
        user=user,
        door=visitor.door,
        address=visitor.address,
        agent=visitor.agent,
        created_at=now,
        seen_at=now,
        expires_at=now + PAGE_SESSION_LIFE,
    ).public_id


def seen(*, session: RefreshFamily, now: datetime) -> None:
    """Write down that a session of pages is in use; not at every page."""
    if session.seen_at is None or now - session.seen_at >= SEEN_EVERY:
        RefreshFamily.objects.filter(pk=session.pk).update(seen_at=now)


def end_session(*, user: User, public_id: UUID, now: datetime) -> None:
    """End one session of a login, at whichever door. Raises NotFound for an unknown or ended one, or another's."""
    live = RefreshFamily.objects.filter(user=user, public_id=public_id, revoked_at__isnull=True, expires_at__gt=now)
    if not live.update(revoked_at=now, ending=RefreshFamily.Ending.LOGOUT):
        raise NotFound()
    security.note(Event.SESSIONS_ENDED, subject=user.pk, count=1, reason=RefreshFamily.Ending.LOGOUT)


@within_unit_of_work
def end_sessions(*, user: User, ending: RefreshFamily.Ending, now: datetime, but: UUID | None = None) -> int:
    """End the sessions of a login at both doors, access tokens included; return how many there were.

    `but` names one that goes on; whoever asked for that at the desk renews the stamp in their own session.
    """
    user.session_stamp = uuid4()
    user.save(update_fields=["session_stamp"])
    live = RefreshFamily.objects.filter(user=user, revoked_at__isnull=True)
    if but is not None:
        live = live.exclude(public_id=but)
    ended = live.update(revoked_at=now, ending=ending)
    security.note(Event.SESSIONS_ENDED, subject=user.pk, count=ended, reason=ending)
    return ended


def forget_sessions(*, now: datetime) -> int:
    """Delete the sessions that ended over a week ago, with their tokens, and return how many."""
    long_ago = now - KEPT_AFTER_END
    return delete_in_batches(RefreshFamily.objects.filter(Q(expires_at__lt=long_ago) | Q(revoked_at__lt=long_ago)))


def _begin(*, user: User, visitor: Visitor, now: datetime) -> TokenPair | None:
    """Return a new family, unless the login was switched off or its password changed while we were hashing."""
    if locked(User.objects.filter(pk=user.pk, is_active=True, password=user.password)).first() is None:
        return None
    family = RefreshFamily.objects.create(
        user=user,
        address=visitor.address,
        agent=visitor.agent,
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LIFE,
    )
    return _pair(user=user, family=family, token=_issue(family=family, parent=None, now=now), now=now)


def _exchange(*, claims: tokens.Claims, now: datetime) -> TokenPair | _Verdict:
    families = RefreshFamily.objects.filter(public_id=claims.family).select_related("user")
    family = locked(families).first()
    if family is None:
        return "refused"
    token = RefreshToken.objects.select_related("child").filter(family=family, public_id=claims.token).first()
    if token is None:
        return "refused"
    live = family.revoked_at is None and now < family.expires_at and family.user.is_active
    if token.used_at is not None:
        return _again(family=family, token=token, live=live, now=now)
    if not live:
        return "refused"
    token.used_at = now
    token.save(update_fields=["used_at"])
    family.seen_at = now
    family.save(update_fields=["seen_at"])
    return _pair(user=family.user, family=family, token=_issue(family=family, parent=token, now=now), now=now)


def _again(*, family: RefreshFamily, token: RefreshToken, live: bool, now: datetime) -> TokenPair | _Verdict:
    """Return a token that had been exchanged: the same successor within the grace, otherwise the end of the family."""
    child: RefreshToken | None = getattr(token, "child", None)
    grace = timedelta(seconds=settings.REFRESH_GRACE_SECONDS)
    # Of two that overlap, the later one may have read its clock first; without a grace that is no excuse.
    recent = bool(grace) and token.used_at is not None and now < token.used_at + grace
    if live and recent and child is not None and child.used_at is None:
        return _pair(user=family.user, family=family, token=child, now=now)
    security.note(Event.TOKEN_REUSED, subject=family.user_id)
    if family.revoked_at is None:
        family.revoked_at = now
        family.ending = RefreshFamily.Ending.REUSE
        family.save(update_fields=["revoked_at", "ending"])
        security.note(Event.SESSIONS_ENDED, subject=family.user_id, count=1, reason=family.ending)
        outbox.emit(name="account.session_reused", payload={"email": family.user.email}, now=now)
    return "reused"


def _issue(*, family: RefreshFamily, parent: RefreshToken | None, now: datetime) -> RefreshToken:
    expires_at = min(now + tokens.REFRESH_LIFE, family.expires_at)
    return RefreshToken.objects.create(family=family, parent=parent, issued_at=now, expires_at=expires_at)


def _pair(*, user: User, family: RefreshFamily, token: RefreshToken, now: datetime) -> TokenPair:
    access = tokens.Claims(
        kind="access",
        user=user.public_id,
        family=family.public_id,
        token=uuid4(),
        issued_at=now,
        expires_at=now + tokens.ACCESS_LIFE,
    )
    refresh_claims = tokens.Claims(
        kind="refresh",
        user=user.public_id,
        family=family.public_id,
        token=token.public_id,
        issued_at=token.issued_at,
        expires_at=token.expires_at,
    )
    return TokenPair(access=tokens.encode(claims=access), refresh=tokens.encode(claims=refresh_claims))
