"""Whom the shop has blocked, with an account or without: by e-mail, phone or document, at every door."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.errors import StaffAccount
from accounts.models import Block, User
from common import security
from common.actors import Actor
from common.errors import FieldError, Malformed
from common.identity import normal_document, normal_email, normal_phone
from common.security import Event
from common.transactions import within_unit_of_work
from common.use_cases import use_case


@use_case()
def block_person(*, email: str, phone: str, document: str, actor: Actor, now: datetime, reason: str = "") -> Block:
    """Let somebody order and book nothing from now on, and return what is written down. Raises as `write_block`."""
    return write_block(email=email, phone=phone, document=document, actor=actor, now=now, reason=reason)


@within_unit_of_work
def write_block(*, email: str, phone: str, document: str, actor: Actor, now: datetime, reason: str) -> Block:
    """Let somebody order and book nothing from now on, and return what is written down; once for the same person.

    What they have ordered and booked stays; the team cancels it if it wants to.

    Raises:
        Malformed: no e-mail, phone or document, or one that can not exist.
        StaffAccount: the e-mail is that of a member of the team.
    """
    known = {
        "email": _read("email", normal_email, email, _("This is no e-mail address.")),
        "phone": _read("phone", normal_phone, phone, _("This phone number can not exist.")),
        "document": _read("document", normal_document, document, _("This is neither a CPF nor a CNPJ.")),
    }
    if not any(known.values()):
        detail = _("Write an e-mail, a phone number or a document.")
        raise Malformed(errors=[FieldError(pointer="/email", code="required", detail=detail)])
    if known["email"] and User.objects.filter(email=known["email"], is_staff=True).exists():
        raise StaffAccount()
    written = {"reason": reason, "actor_kind": actor.kind, "actor_id": actor.id, "created_at": now}
    found, created = Block.objects.get_or_create(**known, defaults=written)
    if created:
        security.note(Event.PERSON_BLOCKED, kind="block", number=str(found.pk))
    return found


@use_case()
def lift_block(*, block: Block) -> None:
    """Let somebody order and book again; safe to repeat."""
    remove_block(block=block)


@within_unit_of_work
def remove_block(*, block: Block) -> None:
    """Delete a block; safe to repeat."""
    if Block.objects.filter(pk=block.pk).delete()[0]:
        security.note(Event.PERSON_UNBLOCKED, kind="block", number=str(block.pk))


def _read(name: str, normalise: Callable[[str], str], text: str, complaint: str) -> str:
    if not text.strip():
        return ""
    try:
        return normalise(text)
    except ValueError as problem:
        raise Malformed(errors=[FieldError(pointer=f"/{name}", code="invalid", detail=complaint)]) from problem
