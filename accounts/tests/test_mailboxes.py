"""Addresses that are verified, changed, and used to choose a new password."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.errors import InvalidCredentials, InvalidToken, StaffAccount
from accounts.models import Customer, RefreshFamily, User
from accounts.services.people import MAX_UNVERIFIED
from accounts.tests import factories
from accounts.tests.factories import NOW, PASSWORD
from common import clock, outbox
from common.errors import Malformed
from common.testing import race

pytestmark = pytest.mark.django_db

EMAIL, OTHER_PASSWORD = "ana@exemplo.com.br", "outra-senha-bem-comprida"


def letters() -> list[str]:
    """Have everything delivered that waits, and return the tokens of the letters' links."""
    mail.outbox.clear()
    outbox.relay(now=clock.now() + timedelta(seconds=1))
    found = [re.search(r"\?token=(\S+)", str(letter.body)) for letter in mail.outbox]
    return [one[1] if one else "" for one in found]


def sign_in(email: str, password: str) -> accounts.TokenPair:
    return accounts.sign_in(email=email, password=password, visitor=factories.VISITOR, now=clock.now())


def register(password: str = PASSWORD) -> str:
    """Open an account and return the token of its letter."""
    accounts.register(email=EMAIL, password=password, name="Ana", now=clock.now())
    return letters()[-1]


def test_whoever_registers_signs_in_at_once_and_is_verified_by_the_link() -> None:
    token = register()
    sign_in(EMAIL, PASSWORD)
    assert User.objects.get().email_verified_at is None

    accounts.verify_email(token=token, now=clock.now())

    assert User.objects.get().email_verified_at is not None
    sign_in(EMAIL, PASSWORD)
    with pytest.raises(InvalidToken):
        accounts.verify_email(token=token, now=clock.now())


def test_a_stranger_who_registers_an_address_shuts_nobody_out() -> None:
    strangers = register(OTHER_PASSWORD)
    own = register()
    sign_in(EMAIL, OTHER_PASSWORD)
    sign_in(EMAIL, PASSWORD)

    accounts.verify_email(token=own, now=clock.now())

    sign_in(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        sign_in(EMAIL, OTHER_PASSWORD)
    with pytest.raises(InvalidToken):
        accounts.verify_email(token=strangers, now=clock.now())
    assert RefreshFamily.objects.filter(user__is_active=False, revoked_at__isnull=True).count() == 0


def test_where_an_address_is_verified_a_new_account_still_signs_in_and_takes_nothing_over() -> None:
    owner = factories.user(email=EMAIL)
    assert register(OTHER_PASSWORD) == ""
    sign_in(EMAIL, OTHER_PASSWORD)
    sign_in(EMAIL, PASSWORD)
    assert RefreshFamily.objects.filter(user=owner).count() == 1


def test_only_so_many_logins_wait_for_one_address() -> None:
    for number in range(MAX_UNVERIFIED + 3):
        accounts.register(email=EMAIL, password=f"{PASSWORD}-{number}", name="Ana", now=clock.now())
    assert User.objects.filter(is_active=True).count() == MAX_UNVERIFIED
    sign_in(EMAIL, f"{PASSWORD}-{MAX_UNVERIFIED + 2}")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_verified_at_once_one_is() -> None:
    tokens = [register(PASSWORD), register(OTHER_PASSWORD)]
    results = race(workers=2, work=lambda number: accounts.verify_email(token=tokens[number], now=clock.now()))
    assert sorted(type(result).__name__ for result in results) == ["InvalidToken", "User"]
    assert User.objects.filter(email_verified_at__isnull=False).count() == 1


def test_a_forgotten_password_is_replaced_by_the_link_once() -> None:
    user = factories.user(email=EMAIL)
    factories.session(user)
    accounts.ask_for_reset(email="ANA@exemplo.com.br", now=clock.now())
    token = letters()[0]

    with pytest.raises(Malformed):
        accounts.reset_password(token=token, password="123", now=clock.now())
    accounts.reset_password(token=token, password=OTHER_PASSWORD, now=clock.now())

    sign_in(EMAIL, OTHER_PASSWORD)
    with pytest.raises(InvalidToken):
        accounts.reset_password(token=token, password=PASSWORD, now=clock.now())
    with pytest.raises(InvalidCredentials):
        sign_in(EMAIL, PASSWORD)
    assert RefreshFamily.objects.filter(ending="password").count() == 1
    letters()
    assert [letter.subject for letter in mail.outbox] == ["Sua senha foi trocada"]


@pytest.mark.parametrize("who", ["nobody", "unverified", "off", "superuser"])
def test_nothing_is_sent_to_who_could_not_use_it(who: str) -> None:
    if who == "unverified":
        register()
    elif who != "nobody":
        factories.user(email=EMAIL, is_active=who != "off", is_superuser=who == "superuser")
    accounts.ask_for_reset(email=EMAIL, now=clock.now())
    assert letters() == []


def test_a_reset_link_is_good_for_an_hour_and_no_other_purpose(time_machine: Any) -> None:
    factories.user(email=EMAIL)
    accounts.ask_for_reset(email=EMAIL, now=clock.now())
    token = letters()[0]
    with pytest.raises(InvalidToken):
        accounts.verify_email(token=token, now=clock.now())
    time_machine.move_to(clock.now() + timedelta(hours=1, seconds=5))
    with pytest.raises(InvalidToken):
        accounts.reset_password(token=token, password=OTHER_PASSWORD, now=clock.now())


def test_a_new_address_is_had_when_its_mailbox_answers() -> None:
    customer = factories.customer()
    user = customer.user
    assert user is not None
    factories.session(user)
    old = user.email

    with pytest.raises(InvalidCredentials):
        accounts.change_profile(user=user, changes={"name": "X"}, email=EMAIL, password="wrong", now=NOW)
    accounts.change_profile(user=user, changes={}, email=EMAIL, password=PASSWORD, now=clock.now())
    user.refresh_from_db()
    assert (user.email, user.name) == (old, customer.name)
    token = letters()[0]
    assert mail.outbox[0].to == [EMAIL]

    accounts.verify_email(token=token, now=clock.now())

    user.refresh_from_db()
    assert (user.email, Customer.objects.get().email) == (EMAIL, EMAIL)
    assert RefreshFamily.objects.get().revoked_at is not None
    letters()
    assert [letter.to for letter in mail.outbox] == [[old]]


def test_an_address_that_another_verified_meanwhile_is_not_had() -> None:
    user = factories.customer().user
    assert user is not None
    accounts.change_profile(user=user, changes={}, email=EMAIL, password=PASSWORD, now=clock.now())
    token = letters()[0]
    factories.user(email=EMAIL)
    with pytest.raises(InvalidToken):
        accounts.verify_email(token=token, now=clock.now())


def test_the_team_gets_its_address_from_the_owner() -> None:
    member = factories.member()
    with pytest.raises(StaffAccount):
        accounts.change_profile(user=member, changes={}, email=EMAIL, password=PASSWORD, now=NOW)


class TestOverHttp:
    """The same, by the doors that clients use."""

    def test_every_answer_of_asking_is_the_same(self) -> None:
        factories.user(email=EMAIL)
        client = APIClient()
        answers = [client.post("/api/v1/auth/password-reset/", {"email": email}) for email in (EMAIL, "b@example.com")]
        assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2

    def test_verifying_and_resetting(self) -> None:
        client, token = APIClient(), register()
        assert client.post("/api/v1/auth/verify-email/", {"token": token}).status_code == 204
        again = client.post("/api/v1/auth/verify-email/", {"token": token})
        assert (again.status_code, again.json()["code"]) == (400, "invalid_token")

        client.post("/api/v1/auth/password-reset/", {"email": EMAIL})
        wanted = {"token": letters()[0], "password": OTHER_PASSWORD}
        assert client.post("/api/v1/auth/password-reset/confirm/", wanted).status_code == 204
        again = client.post("/api/v1/auth/password-reset/confirm/", wanted)
        assert (again.status_code, again.json()["code"]) == (400, "invalid_token")

    def test_the_refresh_token_of_a_browser_is_out_of_reach_of_scripts(self) -> None:
        user, client = factories.user(), APIClient()
        wanted = {"email": user.email, "password": PASSWORD, "transport": "cookie"}
        answer = client.post("/api/v1/auth/token/", wanted)
        assert set(answer.json()) == {"access"}
        cookie = answer.cookies["balcao_refresh"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/v1/auth/")

        assert client.post("/api/v1/auth/token/refresh/", {}).status_code == 400
        client.credentials(HTTP_X_REQUESTED_WITH="fetch")
        answer = client.post("/api/v1/auth/token/refresh/", {})
        assert (answer.status_code, set(answer.json())) == (200, {"access"})
        assert answer.cookies["balcao_refresh"].value != cookie.value
        answer = client.post("/api/v1/auth/logout/", {})
        assert (answer.status_code, answer.cookies["balcao_refresh"].value) == (204, "")

    def test_who_signed_in_a_while_ago_types_the_password_to_sign_out_elsewhere(self) -> None:
        user, client = factories.user(), APIClient()
        there = [factories.session(user, now=clock.now()) for _number in range(2)]
        answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": PASSWORD})
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        RefreshFamily.objects.update(created_at=clock.now() - timedelta(minutes=11))
        rows = client.get("/api/v1/me/sessions/").json()["results"]
        here = next(row["id"] for row in rows if row["current"])
        others = [f"/api/v1/me/sessions/{row['id']}/" for row in rows if not row["current"]]
        assert len(others) == len(there)

        refused = client.delete(others[0])
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/password")
        refused = client.delete(others[0], {"password": "wrong"})
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")
        assert client.delete(others[0], {"password": PASSWORD}).status_code == 204
        assert client.delete(f"/api/v1/me/sessions/{here}/").status_code == 204

    def test_sessions_are_listed_and_signed_out_one_by_one(self) -> None:
        user = factories.member()
        here, there = (APIClient(HTTP_USER_AGENT=name) for name in ("Here", "There"))
        for client in (here, there):
            answer = client.post("/api/v1/auth/token/", {"email": user.email, "password": PASSWORD})
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        desk = Client()
        desk.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD})

        rows = here.get("/api/v1/me/sessions/").json()["results"]
        assert [(row["agent"], row["door"], row["current"]) for row in sorted(rows, key=lambda row: row["agent"])] == [
            ("", "desk", False), ("Here", "api", True), ("There", "api", False),
        ]  # fmt: skip
        for row in rows:
            if not row["current"]:
                assert here.delete(f"/api/v1/me/sessions/{row['id']}/").status_code == 204
                assert here.delete(f"/api/v1/me/sessions/{row['id']}/").status_code == 404
        assert there.get("/api/v1/me/").status_code == 401
        assert desk.get(reverse("admin:index")).status_code == 302
        assert here.get("/api/v1/me/").status_code == 200

    def test_a_new_password_at_the_desk_ends_the_sessions_of_the_api(self) -> None:
        user = factories.member()
        session = factories.session(user, now=clock.now())
        desk = Client()
        desk.post(reverse("admin:login"), {"username": user.email, "password": PASSWORD})
        form = {"old_password": PASSWORD, "new_password1": OTHER_PASSWORD, "new_password2": OTHER_PASSWORD}
        assert desk.post(reverse("admin:password_change"), form).status_code == 302

        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {session.access}")
        assert client.get("/api/v1/me/").status_code == 401
        assert desk.get(reverse("admin:index")).status_code == 200

    def test_a_login_switched_off_and_on_again_does_not_revive_its_desk(self) -> None:
        owner, member = factories.member(), factories.member(role="counter")
        desk = Client()
        desk.force_login(member)
        for active in (False, True):
            accounts.change_member(
                user=member,
                name=member.name,
                role="counter",
                is_active=active,
                actor=factories.actor(owner),
                now=NOW,
            )
        assert desk.get(reverse("admin:index")).status_code == 302


def test_the_letter_that_verifies_is_sent_again_to_who_asks_for_it_until_it_is_verified() -> None:
    register()
    api = APIClient(headers={"Authorization": f"Bearer {sign_in(EMAIL, PASSWORD).access}"})
    again = reverse("me-verification")

    answer = api.post(again)

    assert (answer.status_code, answer.content) == (202, b"")
    [token] = letters()
    assert mail.outbox[0].to == [EMAIL]
    accounts.verify_email(token=token, now=clock.now())
    assert api.post(again).status_code == 202
    assert letters() == []
    assert APIClient().post(again).status_code == 401
    assert User.objects.get().email_verified_at is not None


@pytest.mark.parametrize("name", ["account.registered", "account.verification_asked"])
def test_a_letter_that_comes_late_gives_no_login_the_address_it_had_before(name: str) -> None:
    register()
    user, letter = User.objects.get(), {"email": EMAIL, "user": str(User.objects.get().public_id)}
    mail.outbox.clear()
    User.objects.filter(pk=user.pk).update(email="right@example.com", email_verified_at=NOW)

    accounts.send_verification(name=name, payload=letter, event_id=uuid4(), now=clock.now())

    assert mail.outbox == []
