"""The people who work in the shop: inviting them, changing what they may do, letting them go.

A member of the team has exactly one role, a Django group that `backoffice.roles` fills. Nobody types a
password for somebody else. An invitation is a signed link, good for `PASSWORD_RESET_TIMEOUT` seconds and one use.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts import emails
from accounts.errors import OwnLogin
from accounts.models import RefreshFamily, User
from accounts.services.passwords import check_password_strength, set_password
from accounts.services.sessions import end_sessions
from common import outbox, security
from common.actors import Actor
from common.errors import FieldError, Malformed, NotFound
from common.identity import normal_email
from common.security import Event
from common.transactions import locked, run_unit_of_work, within_unit_of_work
from common.use_cases import use_case


@dataclass(frozen=True)
class Invitation:
    """A login that waits for its person, and the two parts of the link that lets them choose a password."""

    user: User
    uid: str
    token: str

    @property
    def link(self) -> str:
        """The address where the person chooses a password."""
        return emails.invitation_link(token=f"{self.uid}.{self.token}")


@use_case()
def invite(*, email: str, name: str, role: str, now: datetime) -> Invitation:
    """Create a login of the team without a password and return the link's parts.

    Raises:
        Malformed: no e-mail address.
        NotFound: there is no such role.
        EmailTaken: the e-mail has a login already.
    """
    try:
        address = normal_email(email)
    except ValueError as problem:
        complaint = FieldError(pointer="/email", code="invalid", detail=_("This is not an e-mail address."))
        raise Malformed(errors=[complaint]) from problem
    user = User.objects.create(
        email=address,
        email_verified_at=now,
        name=name,
        is_staff=True,
        joined_at=now,
        password=make_password(None),
    )
    _give_role(user=user, role=role)
    security.note(Event.LOGIN_INVITED, subject=user.pk, role=role)
    return _invitation(user=user)


def renew_invitation(*, user: User) -> Invitation:
    """Return a fresh link for a member who forgot the password or let the first link run out.

    Raises:
        NotFound: not of the team, switched off, or a superuser, whose password only the command line sets.
    """
    if not user.is_staff or not user.is_active or user.is_superuser:
        raise NotFound()
    return _invitation(user=user)


def mail_invitation(*, invitation: Invitation, now: datetime) -> None:
    """Send the link to its person's mailbox. Raises smtplib and socket errors."""
    token = f"{invitation.uid}.{invitation.token}"
    emails.send(name="account.invited", email=invitation.user.email, event_id=uuid4(), now=now, token=token)


def invited(*, uid: str, token: str) -> User | None:
    """Return who may choose a password with this link; None when it is wrong, used or too old."""
    try:
        public_id = force_str(urlsafe_base64_decode(uid))
        user = User.objects.filter(public_id=public_id, is_staff=True, is_active=True, is_superuser=False).first()
    except (ValueError, OverflowError, UnicodeDecodeError, ValidationError):
        return None
    return user if user is not None and default_token_generator.check_token(user, token) else None


def accept_invitation(*, uid: str, token: str, password: str, now: datetime) -> User:
    """Set the password the invited person chose and end sessions that an older password began.

    Raises:
        NotFound: the link is wrong, used or too old.
        Malformed: the password is too easy to guess.
    """
    user = invited(uid=uid, token=token)
    if user is None:
        raise NotFound()
    check_password_strength(password=password, user=user, pointer="/password")
    hashed = make_password(password)
    run_unit_of_work(set_password, user=user, hashed=hashed, now=now)
    return user


@use_case()
def change_member(*, user: User, name: str, role: str, is_active: bool, actor: Actor, now: datetime) -> User:
    """Change a member's name and role, and switch the login on or off; another role and off end its sessions.

    Raises:
        NotFound: there is no such role, or the login is not of the team.
        OwnLogin: somebody would demote or switch off themselves.
    """
    kept = locked(User.objects.filter(pk=user.pk, is_staff=True, is_superuser=False)).first()
    if kept is None:
        raise NotFound()
    held = set(kept.groups.values_list("name", flat=True))
    if actor.id == str(kept.pk) and (not is_active or held != {role}):
        raise OwnLogin()
    switched = kept.is_active != is_active
    kept.name, kept.is_active = name, is_active
    kept.save(update_fields=["name", "is_active"])
    if held != {role}:
        _give_role(user=kept, role=role)
        outbox.emit(name="account.role_changed", payload={"email": kept.email}, now=now)
        security.note(Event.ROLE_CHANGED, subject=kept.pk, role=role)
    if switched:
        security.note(Event.LOGIN_SWITCHED_ON if is_active else Event.LOGIN_SWITCHED_OFF, subject=kept.pk)
    if held != {role} or not is_active:
        end_sessions(user=kept, ending=RefreshFamily.Ending.CLOSED, now=now)
    return kept


@within_unit_of_work
def hold_member(*, actor: Actor) -> None:
    """Let nothing else that this member of the team does, and that is counted, come between until this commits."""
    locked(User.objects.filter(pk=int(actor.id))).first()


@within_unit_of_work
def _give_role(*, user: User, role: str) -> None:
    group = Group.objects.filter(name=role).first()
    if group is None:
        raise NotFound()
    user.groups.set([group])


def _invitation(*, user: User) -> Invitation:
    uid = urlsafe_base64_encode(force_bytes(str(user.public_id)))
    return Invitation(user=user, uid=uid, token=default_token_generator.make_token(user))
