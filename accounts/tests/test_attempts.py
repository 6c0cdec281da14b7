"""The lock on the doors: by account, by address, for desk and API, and how its owner opens it."""

import re
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts import tokens
from accounts.errors import InvalidCredentials
from accounts.models import SignInAttempt, User
from accounts.services import Visitor
from accounts.tasks import forget_sessions
from accounts.tests import factories
from accounts.tests.factories import NOW, PASSWORD
from common import clock, outbox, sql
from common.errors import NotFound, TooManyRequests
from common.testing import race

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HERE, THERE = Visitor(door="api", address="203.0.113.9"), Visitor(door="desk", address="198.51.100.7")


def try_in(user: User, *, password: str = "wrong", visitor: Visitor = HERE, now: Any = NOW) -> str:
    try:
        accounts.check_credentials(email=user.email, password=password, visitor=visitor, now=now)
    except InvalidCredentials:
        return "refused"
    except TooManyRequests:
        return "locked"
    return "in"


@pytest.fixture
def limits(settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 3, "address": 5}


@pytest.mark.fault("F7")
def test_a_locked_door_stays_closed_for_the_right_password_until_a_quarter_of_an_hour_has_passed(limits: None) -> None:
    user = factories.user()
    assert [try_in(user, now=NOW + number * MINUTE) for number in range(4)] == ["refused"] * 3 + ["locked"]
    assert try_in(user, password=PASSWORD, visitor=THERE, now=NOW + 14 * MINUTE) == "locked"
    assert try_in(user, password=PASSWORD, visitor=THERE, now=NOW + 16 * MINUTE) == "in"


def test_being_turned_away_does_not_keep_the_door_closed_for_longer(limits: None) -> None:
    user = factories.user()
    for number in range(20):
        try_in(user, now=NOW + timedelta(seconds=number))
    assert try_in(user, password=PASSWORD, now=NOW + 15 * MINUTE + timedelta(seconds=5)) == "in"


def test_an_address_is_locked_whatever_names_it_tries(limits: None) -> None:
    people = [factories.user() for _number in range(6)]
    assert [try_in(user) for user in people] == ["refused"] * 5 + ["locked"]
    assert try_in(people[5], password=PASSWORD, visitor=THERE) == "in"


def test_unknown_names_are_locked_like_known_ones(limits: None) -> None:
    stranger = User(email="ninguem@exemplo.com.br")
    assert [try_in(stranger) for _number in range(4)] == ["refused"] * 3 + ["locked"]


def test_signing_in_forgives_what_was_mistyped_before_at_that_place(limits: None) -> None:
    user = factories.user()
    words = ["wrong", "wrong", PASSWORD, "wrong", "wrong", "wrong", PASSWORD]
    found = [try_in(user, password=word, now=NOW + number * MINUTE) for number, word in enumerate(words)]
    assert found == ["refused", "refused", "in", "refused", "refused", "refused", "locked"]


def test_a_strangers_guesses_do_not_lock_a_known_device_out(limits: None) -> None:
    user = factories.user()
    known = Visitor(door="desk", address="192.0.2.1", device_token=accounts.device_token(user=user))
    for _number in range(5):
        try_in(user)
    assert try_in(user, password=PASSWORD, visitor=THERE) == "locked"
    assert try_in(user, password=PASSWORD, visitor=known) == "in"


@pytest.mark.parametrize("token", ["forged", "another's"])
def test_only_a_device_of_this_login_is_known(limits: None, token: str) -> None:
    user = factories.user()
    for _number in range(4):
        try_in(user)
    shown = accounts.device_token(user=factories.user()) if token == "another's" else token
    assert try_in(user, password=PASSWORD, visitor=Visitor("desk", "192.0.2.1", device_token=shown)) == "locked"


def test_limits_can_be_lifted(settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 0, "address": 0}
    user = factories.user()
    assert [try_in(user) for _number in range(30)] == ["refused"] * 30


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_no_more_than_the_limit_are_looked_at(limits: None) -> None:
    user = factories.user()
    outcomes = race(workers=16, work=lambda number: try_in(user, visitor=Visitor("api", f"192.0.2.{number}")))
    assert outcomes.count("refused") <= 3
    assert sorted(set(outcomes) - {"refused"}) == ["locked"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_guesses_that_are_judged_before_they_are_written_down_pass_the_limit(
    limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same count, by everybody at once, before anybody has written."""
    user = factories.user()
    counted, all_have_looked = sql.rows, Barrier(16)
    monkeypatch.setattr(SignInAttempt.objects, "create", lambda **fields: SignInAttempt(**fields))

    def count_then_write(statement: str, parameters: dict[str, Any]) -> Any:
        found = counted(statement, parameters)
        all_have_looked.wait(timeout=30)
        SignInAttempt(at=NOW, door="api", email=user.email, address=parameters["address"]).save()
        return found

    monkeypatch.setattr(sql, "rows", count_then_write)
    outcomes = race(workers=16, work=lambda number: try_in(user, visitor=Visitor("api", f"192.0.2.{number}")))
    assert outcomes == ["refused"] * 16
    assert SignInAttempt.objects.filter(outcome="failed").count() == 16


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_follow_one_link_at_once_one_opens_the_door(limits: None) -> None:
    user = factories.member(role="owner")
    now = clock.now()
    for _number in range(5):
        try_in(user, now=now)
    token = tokens.unlock_token(attempt=SignInAttempt.objects.filter(outcome="locked").order_by("pk")[0].pk)

    def follow(number: int) -> str:
        try:
            accounts.unlock(token=token, now=now)
        except NotFound:
            return "no longer good"
        return "open"

    assert sorted(race(workers=8, work=follow)) == ["no longer good"] * 7 + ["open"]
    assert SignInAttempt.objects.filter(outcome="unlocked").count() == 1


def test_a_new_password_by_letter_opens_a_locked_account(limits: None) -> None:
    user = factories.user()
    now = clock.now()
    for _number in range(5):
        try_in(user, now=now)
    accounts.ask_for_reset(email=user.email, now=now)
    outbox.relay(now=now)
    token = re.search(r"nova-senha/\?token=(\S+)", str(mail.outbox[-1].body))
    assert token
    accounts.reset_password(token=token[1], password="quindim-de-domingo", now=now)
    assert try_in(user, password="quindim-de-domingo", visitor=THERE, now=clock.now()) == "in"


@pytest.mark.parametrize("place", ["password", "leaving", "e-mail"])
def test_the_password_asked_again_is_behind_the_lock_too(limits: None, place: str) -> None:
    """By session: strangers' guesses do not shut somebody out who is signed in."""
    customer = factories.customer()
    user = customer.user
    assert user
    factories.session(user, now=NOW - timedelta(hours=1))
    session = user.families.get().public_id
    for _number in range(5):
        try_in(user, visitor=THERE)

    def again(password: str) -> str:
        known: dict[str, Any] = {"user": user, "visitor": HERE, "session": session, "now": NOW}
        try:
            if place == "password":
                accounts.change_password(current=password, new="quindim-de-domingo", **known)
            elif place == "leaving":
                accounts.close_account(password=password, **known)
            else:
                accounts.change_profile(changes={}, email="nova@exemplo.com.br", password=password, **known)
        except InvalidCredentials:
            return "refused"
        except TooManyRequests:
            return "locked"
        return "done"

    assert [again("wrong") for _number in range(4)] == ["refused"] * 3 + ["locked"]
    assert again(PASSWORD) == "locked"


def test_the_mailbox_opens_the_door_once_for_the_device_that_follows_the_link(limits: None) -> None:
    owner = factories.member(role="owner")
    now = clock.now()
    for _number in range(6):
        try_in(owner, now=now)
    outbox.relay(now=now)
    assert [letter.to for letter in mail.outbox] == [[owner.email]]
    link = re.search(r"http://testserver(/admin/unlock/\?token=\S+)", str(mail.outbox[0].body))
    assert link

    browser = Client()
    assert browser.get(link[1], follow=True).status_code == 200
    assert try_in(owner, password=PASSWORD, visitor=THERE, now=now) == "locked"
    assert browser.post(link[1]).status_code == 302
    for _number in range(6):
        try_in(owner, now=clock.now())

    answer = browser.post(reverse("admin:login"), {"username": owner.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert browser.get(link[1], follow=True).status_code == 404
    assert browser.post(link[1]).status_code == 404


def test_a_customer_whose_account_is_open_again_is_led_to_where_customers_sign_in(limits: None) -> None:
    customer = factories.user()
    now = clock.now()
    for _number in range(6):
        try_in(customer, now=now)
    attempt = SignInAttempt.objects.filter(outcome="locked").order_by("pk")[0]
    browser = Client()
    browser.get("/admin/unlock/", {"token": tokens.unlock_token(attempt=attempt.pk)})

    answer = browser.post("/admin/unlock/")

    assert "Sua conta está aberta de novo neste aparelho" in answer.content.decode()
    assert f'href="{reverse("account-sign-in")}"' in answer.content.decode()
    assert tokens.DEVICE_COOKIE in answer.cookies


def test_an_old_or_forged_link_opens_nothing() -> None:
    with pytest.raises(NotFound):
        accounts.unlock(token="forged", now=NOW)
    assert Client().get("/admin/unlock/?token=forged", follow=True).status_code == 404


def test_the_desk_locks_and_says_so(limits: None, client: Client) -> None:
    owner = factories.member(role="owner")
    form = {"username": owner.email, "password": "wrong"}
    assert [client.post(reverse("admin:login"), form).status_code for _number in range(4)] == [200, 200, 200, 429]
    answer = client.post(reverse("admin:login"), {**form, "password": PASSWORD})
    assert answer.status_code == 429
    assert client.session.get("_auth_user_id") is None


def test_the_api_locks_with_what_the_desk_counted(limits: None, client: Client) -> None:
    owner = factories.member(role="owner")
    for _number in range(3):
        client.post(reverse("admin:login"), {"username": owner.email, "password": "wrong"})
    answer = APIClient().post("/api/v1/auth/token/", {"email": owner.email, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "throttled", "900")


def test_a_customer_is_no_member_of_the_team(client: Client) -> None:
    customer = factories.user()
    answer = client.post(reverse("admin:login"), {"username": customer.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert SignInAttempt.objects.get().outcome == "failed"


def test_everything_that_was_tried_is_on_record_for_a_while(limits: None) -> None:
    user = factories.user()
    agent = Visitor("desk", "192.0.2.1", agent="Firefox")
    try_in(user, visitor=agent)
    try_in(user, password=PASSWORD, visitor=agent)
    rows = SignInAttempt.objects.order_by("pk").values_list(
        "at", "door", "email", "user", "address", "agent", "outcome"
    )
    assert list(rows) == [
        (NOW, "desk", user.email, user.pk, "192.0.2.1", "Firefox", outcome) for outcome in ("failed", "succeeded")
    ]
    SignInAttempt.objects.update(at=clock.now() - timedelta(days=91))
    assert forget_sessions() == 2
    assert SignInAttempt.objects.count() == 0
