"""Registering, profiles, leaving."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts import selectors
from accounts import services as accounts
from accounts.errors import InvalidCredentials, StaffAccount
from accounts.models import Address, Customer, RefreshFamily, User
from accounts.tests import factories
from accounts.tests.factories import CPF, LETTERED_CNPJ, NOW, OTHER_CPF, PASSWORD, VISITOR
from common import outbox
from common.actors import Actor
from common.errors import Malformed, NotFound

pytestmark = pytest.mark.django_db


def test_registering_creates_a_login_and_its_customer() -> None:
    accounts.register(email=" Ana@Exemplo.com.br", password=PASSWORD, name="Ana Souza", now=NOW)

    user = User.objects.get()
    assert (user.email, user.name, user.is_staff, user.is_superuser, user.is_active) == (
        "ana@exemplo.com.br", "Ana Souza", False, False, True,
    )  # fmt: skip
    customer = user.customer
    assert (customer.name, customer.email, user.email_verified_at) == ("Ana Souza", "ana@exemplo.com.br", None)
    assert accounts.sign_in(email="ana@exemplo.com.br", password=PASSWORD, visitor=factories.VISITOR, now=NOW).access


@pytest.mark.fault("F9")
@pytest.mark.parametrize("spelling", ["ana@exemplo.com.br", "ANA@EXEMPLO.com.br", "ＡＮＡ@exemplo.com.br"])
def test_registering_a_verified_address_again_tells_its_reader(spelling: str) -> None:
    factories.user(email="ana@exemplo.com.br")
    before = User.objects.values().get()

    accounts.register(email=spelling, password="uma-senha-de-outra-pessoa", name="Impostora", now=NOW)

    assert User.objects.values().get(pk=before["id"]) == before
    assert User.objects.exclude(pk=before["id"]).get().email_verified_at is None
    assert outbox.relay(now=NOW) == 1
    assert [letter.to for letter in mail.outbox] == [["ana@exemplo.com.br"]]
    assert "?token=" not in str(mail.outbox[0].body)
    assert str(mail.outbox[0].extra_headers["Message-ID"]).startswith("<")


@pytest.mark.parametrize("password", ["", "123", "1234567890", "password123", "anasouza"])
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(Malformed) as refused:
        accounts.register(email="anasouza@exemplo.com.br", password=password, name="Ana Souza", now=NOW)

    assert {error.pointer for error in refused.value.errors} == {"/password"}
    assert User.objects.count() == 0


def test_registering_without_an_address_is_refused() -> None:
    with pytest.raises(Malformed):
        accounts.register(email="ana", password=PASSWORD, name="Ana", now=NOW)

    assert User.objects.count() == 0


def test_a_customer_the_team_wrote_down_is_not_taken_over_by_email() -> None:
    written_down = factories.customer(user=None, email="ana@exemplo.com.br", phone="+5511987654321")

    accounts.register(email="ana@exemplo.com.br", password=PASSWORD, name="Ana", now=NOW)

    assert selectors.customer_of(User.objects.get()) != written_down
    assert Customer.objects.get(pk=written_down.pk).user is None


def test_the_database_refuses_a_second_spelling_of_an_email() -> None:
    """The negative control: without the service, the constraint judges."""
    factories.user(email="ana@exemplo.com.br")

    for spelling, constraint in {
        "ana@exemplo.com.br": "user_verified_email_once",
        "Ana@exemplo.com.br": "user_email_folded",
    }.items():
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            User.objects.bulk_create([User(email=spelling, name="Outra", email_verified_at=NOW)])


def test_profile_changes_are_normalised() -> None:
    user = factories.user()

    changed = accounts.change_profile(
        user=user, changes={"name": "Ana Lima", "phone": "(11) 98765-4321", "document": "12.abc.345/01de-35"}, now=NOW
    )

    assert (changed.name, changed.email, changed.joined_at) == ("Ana Lima", user.email, NOW)
    assert (changed.customer.phone, changed.customer.document) == ("+5511987654321", LETTERED_CNPJ)


@pytest.mark.parametrize("changes", [{"phone": "123"}, {"document": "12345678900"}])
def test_impossible_profile_is_refused(changes: dict[str, str]) -> None:
    customer = factories.customer()
    assert customer.user is not None

    with pytest.raises(Malformed):
        accounts.change_profile(user=customer.user, changes={"name": "Nova", **changes}, now=NOW)

    customer.refresh_from_db()
    assert customer.name != "Nova"


def test_a_document_that_another_has_said_tells_nothing() -> None:
    factories.customer(document=CPF)
    customer = factories.customer(document=OTHER_CPF)
    assert customer.user is not None

    accounts.change_profile(user=customer.user, changes={"document": CPF}, now=NOW)

    assert Customer.objects.filter(document=CPF).count() == 2


def test_closing_an_account_erases_the_person_and_frees_email_and_document() -> None:
    customer = factories.customer(document=CPF, phone="+5511987654321")
    user = customer.user
    assert user is not None
    email = user.email
    accounts.add_address(user=user, address=factories.address(), now=NOW)
    factories.session(user)

    accounts.close_account(visitor=VISITOR, user=user, password=PASSWORD, now=NOW)

    customer.refresh_from_db()
    user.refresh_from_db()
    assert (customer.name, customer.phone, customer.document, customer.is_active) == ("", "", "", False)
    assert customer.anonymised_at == NOW
    assert customer.email == user.email != email
    assert customer.email.endswith("@account.invalid")
    assert (user.name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert Address.objects.count() == 0
    assert RefreshFamily.objects.get().ending == "closed"
    with pytest.raises(InvalidCredentials):
        accounts.sign_in(email=email, password=PASSWORD, visitor=factories.VISITOR, now=NOW)

    accounts.register(email=email, password=PASSWORD, name="Ana de novo", now=NOW)
    again = User.objects.get(email=email)
    assert again.pk != user.pk
    accounts.change_profile(user=again, changes={"document": CPF}, now=NOW)


def test_closing_twice_keeps_the_first_instant() -> None:
    customer = factories.customer()
    assert customer.user is not None
    accounts.close_account(visitor=VISITOR, user=customer.user, password=PASSWORD, now=NOW)

    accounts.close_account(visitor=VISITOR, user=customer.user, password=PASSWORD, now=NOW + timedelta(days=1))

    customer.refresh_from_db()
    assert customer.anonymised_at == NOW


def test_staff_cannot_close_their_login_here() -> None:
    member = factories.member()

    with pytest.raises(StaffAccount):
        accounts.close_account(visitor=VISITOR, user=member, password=PASSWORD, now=NOW)

    member.refresh_from_db()
    assert member.is_active


def test_changing_the_password_needs_the_old_one() -> None:
    user = factories.user()

    with pytest.raises(InvalidCredentials):
        accounts.change_password(visitor=VISITOR, user=user, current="wrong", new="outra-senha-bem-comprida", now=NOW)
    with pytest.raises(Malformed):
        accounts.change_password(visitor=VISITOR, user=user, current=PASSWORD, new="123", now=NOW)

    assert accounts.sign_in(email=user.email, password=PASSWORD, visitor=factories.VISITOR, now=NOW).access


def test_blocked_customers_are_out_until_let_in() -> None:
    customer = factories.customer()
    user = customer.user
    assert user is not None
    factories.session(user)

    accounts.block_customer(customer=customer, now=NOW)

    with pytest.raises(InvalidCredentials):
        accounts.sign_in(email=user.email, password=PASSWORD, visitor=factories.VISITOR, now=NOW)
    customer.refresh_from_db()
    assert customer.is_active is False
    assert RefreshFamily.objects.get().ending == "closed"

    accounts.unblock_customer(customer=customer, now=NOW)

    assert accounts.sign_in(email=user.email, password=PASSWORD, visitor=factories.VISITOR, now=NOW).access


def test_a_closed_account_cannot_be_let_in_again() -> None:
    customer = factories.customer()
    assert customer.user is not None
    accounts.close_account(visitor=VISITOR, user=customer.user, password=PASSWORD, now=NOW)

    with pytest.raises(NotFound):
        accounts.unblock_customer(customer=customer, now=NOW)

    customer.user.refresh_from_db()
    assert customer.user.is_active is False


def test_staff_are_not_blocked_as_customers() -> None:
    customer = factories.customer(user=factories.member())

    with pytest.raises(StaffAccount):
        accounts.block_customer(customer=customer, now=NOW)

    customer.refresh_from_db()
    assert customer.is_active


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"phone": "11987654321"}, "customer_phone_e164"),
        ({"document": "12abc34501de35"}, "customer_document_form"),
        ({"document": "529.982.247-2"}, "customer_document_form"),
        ({"email": "Ana@exemplo.com.br"}, "customer_email_folded"),
        ({"anonymised_at": NOW}, "customer_anonymised_is_empty"),
    ],
)
def test_the_database_refuses_what_is_not_in_its_form(fields: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factories.customer(**fields)


def test_who_only_acts_in_tests_is_no_login_and_has_no_limits_of_a_role() -> None:
    """Actors of tests have small numbers; in a new database the first login would have one of them."""
    factories.member("counter")
    assert selectors.role_of(actor=Actor(kind="staff", id="1", door="admin")) == ""
