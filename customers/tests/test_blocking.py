"""Customers whom the shop keeps out: the block stands at every door, and goes when they are let in again."""

import pytest

from accounts.errors import StaffAccount
from accounts.models import Block
from accounts.tests import factories as people
from customers import services as customers
from customers.errors import NothingToBlockBy
from customers.models import CustomerRecord
from customers.tests.factories import CLERK, NOW, record

pytestmark = pytest.mark.django_db


def block(one: CustomerRecord, reason: str = "Nunca aparece") -> CustomerRecord:
    return customers.block_customer(record=one, reason=reason, actor=CLERK, now=NOW)


def test_a_block_names_all_that_is_known_and_why() -> None:
    ana = block(record(phone="11987654321", email="ana@exemplo.com", document="52998224725"))
    written = Block.objects.get()
    assert (written.phone, written.email, written.document) == (ana.phone, ana.email, ana.document)
    assert (written.reason, written.actor_id, ana.block) == ("Nunca aparece", "1", written)
    assert [step.action for step in ana.steps.all()] == ["added", "blocked"]


def test_a_name_alone_keeps_nobody_out() -> None:
    ana = record(name="Ana")
    with pytest.raises(NothingToBlockBy):
        block(ana)
    assert not Block.objects.exists()


def test_the_account_is_switched_off_and_on_again() -> None:
    account = people.customer()
    ana = record(phone="11987654321")
    CustomerRecord.objects.filter(pk=ana.pk).update(account=account)
    block(ana)
    account.refresh_from_db()
    assert not account.is_active
    customers.unblock_customer(record=ana, actor=CLERK, now=NOW)
    account.refresh_from_db()
    assert account.is_active


def test_the_team_is_not_blocked() -> None:
    owner = people.member()
    ana = record(email=owner.email)
    with pytest.raises(StaffAccount):
        block(ana)
    ana.refresh_from_db()
    assert ana.block is None
    assert not Block.objects.exists()


def test_letting_in_lifts_every_block_that_names_them() -> None:
    ana = block(record(phone="11987654321"))
    Block.objects.create(email="outra@exemplo.com", phone=ana.phone, actor_kind="staff", created_at=NOW)
    other = Block.objects.create(email="bia@exemplo.com", actor_kind="staff", created_at=NOW)
    let_in = customers.unblock_customer(record=ana, actor=CLERK, now=NOW)
    assert let_in.block is None
    assert list(Block.objects.all()) == [other]
    assert [step.action for step in ana.steps.all()] == ["added", "blocked", "unblocked"]


def test_a_block_lifted_elsewhere_is_lifted_here() -> None:
    ana = block(record(phone="11987654321"))
    Block.objects.all().delete()
    ana.refresh_from_db()
    assert ana.block is None


def test_a_block_follows_a_number_that_was_written_down_wrongly() -> None:
    ana = block(record(phone="11987654321"))
    customers.change_customer(record=ana, changes={"phone": "11987654322"}, actor=CLERK, now=NOW)
    assert list(Block.objects.values_list("phone", "reason")) == [("+5511987654322", "Nunca aparece")]
    ana.refresh_from_db()
    assert ana.block is not None


@pytest.mark.parametrize("blocked", ["stays", "goes"])
def test_merging_with_somebody_blocked_blocks_all_that_both_are_known_by(blocked: str) -> None:
    both = {"stays": record(phone="11987654321"), "goes": record(phone="1133334444")}
    block(both[blocked])
    kept = customers.merge_customers(**both, actor=CLERK, now=NOW)
    kept.refresh_from_db()
    assert kept.block is not None
    assert set(Block.objects.values_list("phone", flat=True)) == {"+5511987654321", "+551133334444"}
    customers.unblock_customer(record=kept, actor=CLERK, now=NOW)
    assert not Block.objects.exists()
