"""Whom the shop has blocked, with an account or without."""

import pytest

from accounts import services as accounts
from accounts.errors import StaffAccount
from accounts.models import Block
from accounts.tests import factories as people
from common.actors import Actor
from common.clock import now
from common.errors import Malformed

pytestmark = pytest.mark.django_db

OWNER = Actor(kind="staff", id="1", door="admin")


def block(email: str = "", phone: str = "", document: str = "", reason: str = "") -> Block:
    return accounts.block_person(email=email, phone=phone, document=document, reason=reason, actor=OWNER, now=now())


def test_a_block_is_written_in_the_form_in_which_people_are_compared() -> None:
    written = block(" Ana.Lima+x@GMAIL.com ", "(11) 98765-4321", "529.982.247-25", "Nunca aparece")
    written.refresh_from_db()
    assert (written.email, written.mailbox) == ("ana.lima+x@gmail.com", "analima@gmail.com")
    assert (written.phone, written.document) == ("+5511987654321", "52998224725")
    assert (written.reason, written.actor_kind, written.actor_id) == ("Nunca aparece", "staff", "1")


def test_the_same_person_is_blocked_once_and_let_in_again() -> None:
    first = block("ana@example.com")
    assert block("ANA@example.com").pk == first.pk
    accounts.lift_block(block=first)
    accounts.lift_block(block=first)
    assert not Block.objects.exists()


@pytest.mark.parametrize(
    ("known", "pointer", "code"),
    [
        ({}, "/email", "required"),
        ({"email": "ana"}, "/email", "invalid"),
        ({"phone": "12"}, "/phone", "invalid"),
        ({"document": "111.111.111-11"}, "/document", "invalid"),
    ],
)
def test_nobody_and_nonsense_cannot_be_blocked(known: dict[str, str], pointer: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        block(**known)
    assert [(one.pointer, one.code) for one in refusal.value.errors] == [(pointer, code)]
    assert not Block.objects.exists()


def test_the_team_is_not_blocked() -> None:
    owner = people.user(is_staff=True)
    with pytest.raises(StaffAccount):
        block(owner.email)
    assert not Block.objects.exists()
