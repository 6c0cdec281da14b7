"""Opens a shop of somebody's own in an empty database: roles, name and language, and a login for its owner.

The owner is no superuser and gets no password from us: a link, good once, lets them choose it. Every step looks at what
is there, so an opening that was interrupted is completed by the next one. A shop whose owner has chosen a password is
open; nobody opens it again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.models import User
from accounts.services import Invitation
from backoffice import roles
from common import milestones
from common.actors import Actor
from common.identity import normal_email
from common.locks import lease
from shop import services as shop
from shop.policy import LANGUAGES

ACTOR = Actor(kind="system", id="open_shop", door="command")


class CannotOpenError(Exception):
    """The shop is not opened; `str()` says why, in one sentence."""


@dataclass(frozen=True)
class Found:
    """What is there before a shop is opened: how it began, the owner who signs in, and one whose link still waits."""

    beginning: str
    owner: str
    awaited: str


def found() -> Found:
    """Return what is there."""
    owners = list(User.objects.filter(groups__name=roles.OWNER).order_by("pk"))
    return Found(
        beginning=milestones.beginning(),
        owner=next((one.email for one in owners if one.has_usable_password()), ""),
        awaited=next((one.email for one in owners if not one.has_usable_password() and one.is_active), ""),
    )


def check(*, email: str) -> None:
    """Judge whether a shop can be opened here for the owner with this e-mail. Raises CannotOpenError."""
    try:
        address = normal_email(email)
    except ValueError as problem:
        raise CannotOpenError(_("%(email)s is not an e-mail address.") % {"email": email}) from problem
    there = found()
    if there.beginning == milestones.DEMONSTRATION:
        raise CannotOpenError(_("This database holds the demonstration; a shop of your own begins in an empty one."))
    if there.owner:
        raise CannotOpenError(
            _("This shop is open already: its owner %(email)s signs in at the desk.") % {"email": there.owner}
        )
    if there.awaited not in ("", address):
        told = _("This shop waits for its owner %(email)s to choose a password; open it for that e-mail again.")
        raise CannotOpenError(told % {"email": there.awaited})


def open_shop(*, name: str, email: str, owner: str, language: str, now: datetime) -> Invitation:
    """Open the shop, or complete an opening that was interrupted, and return the link for its owner.

    `name` is what the shop is called, empty to be chosen at the desk; `owner` what its owner is called, empty: as the
    e-mail; `language` comes first of those that customers can choose.

    Raises:
        CannotOpenError: it is open, waits for another owner, or holds the demonstration; no e-mail address.
        PolicyOutOfRange: the name or the language cannot be.
        EmailTaken: a customer has that e-mail.
        Busy: somebody else is opening it.
    """
    with lease(["open-shop"]):
        check(email=email)
        chosen: dict[str, object] = {"languages": [language, *(one for one in LANGUAGES if one != language)]}
        if name:
            chosen["name"] = name
        for key, value in chosen.items():
            shop.check_policy(key=key, value=value)
        _begin(now=now)
        roles.sync_roles()
        shop.set_policies(values=chosen, actor=ACTOR, now=now)
        return _invited(email=normal_email(email), name=owner, now=now)


def _begin(*, now: datetime) -> None:
    try:
        milestones.begin(name=milestones.OWN, now=now)
    except milestones.OtherBeginningError as demonstration:
        raise CannotOpenError(_("The demonstration was begun here meanwhile; nothing was opened.")) from demonstration


def _invited(*, email: str, name: str, now: datetime) -> Invitation:
    awaited = User.objects.filter(email=email, groups__name=roles.OWNER).first()
    if awaited is not None:
        return accounts.renew_invitation(user=awaited)
    return accounts.invite(email=email, name=name or email.partition("@")[0], role=roles.OWNER, now=now)
