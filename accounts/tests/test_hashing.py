"""Passwords are hashed by a few threads at once; whoever comes on top is told to come back, and loses nothing by it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, check_password, make_password
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import hashing, tokens
from accounts.models import SignInAttempt, User
from accounts.tests import factories
from accounts.tests.doors import ok, refused
from accounts.tests.factories import PASSWORD
from common import counters
from common.errors import Busy
from common.testing import race

TOKEN = "/api/v1/auth/token/"


@pytest.fixture
def real(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashing.Argon2OneOfFew", "accounts.hashing.PBKDF2OneOfFew"]


@contextmanager
def taken() -> Iterator[None]:
    """Everybody who may hash, hashes."""
    with ExitStack() as stack:
        for _number in range(hashing.AT_ONCE):
            stack.enter_context(hashing.one_of_few())
        for _number in range(hashing.MAY_WAIT):
            hashing._there.acquire()
            stack.callback(hashing._there.release)
        yield


class Watch:
    """Counts how many hash at the same time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.most = 0
        self.guard = threading.Lock()
        monkeypatch.setattr(Argon2PasswordHasher, "verify", self.verify)

    def verify(self, *_password: object) -> bool:
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        with self.guard:
            self.now -= 1
        return True


def attempt(encoded: str) -> str:
    try:
        return "in" if check_password("x", encoded) else "refused"
    except Busy as refusal:
        return f"busy {refusal.retry_after}"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_few_hash_at_once_and_the_rest_is_told_to_come_back(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = make_password("x")
    watch = Watch(monkeypatch)
    outcomes = race(workers=12, work=lambda _number: attempt(encoded))
    assert watch.most == hashing.AT_ONCE
    assert set(outcomes) == {"in", "busy 2"}
    assert outcomes.count("in") >= hashing.AT_ONCE + hashing.MAY_WAIT


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_bound_everybody_hashes_at_once(real: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    encoded = make_password("x")
    watch = Watch(monkeypatch)
    monkeypatch.setattr(hashing, "_hashing", threading.BoundedSemaphore(99))
    monkeypatch.setattr(hashing, "_there", threading.BoundedSemaphore(99))
    assert race(workers=12, work=lambda _number: attempt(encoded)) == ["in"] * 12
    assert watch.most > hashing.AT_ONCE


def test_the_places_are_given_back(real: None) -> None:
    encoded = make_password("right")
    assert [check_password(word, encoded) for word in ("right", "wrong") * 4] == [True, False] * 4
    assert make_password("right").startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")


def test_a_hash_of_other_costs_still_fits_and_is_made_anew(real: None) -> None:
    encoded = Argon2PasswordHasher().encode("right", "a-grain-of-salt")
    assert ",t=2,p=8$" in encoded
    renewed: list[str] = []
    assert check_password("right", encoded, setter=renewed.append)
    assert not check_password("wrong", encoded, setter=renewed.append)
    assert check_password("right", make_password("right"), setter=renewed.append)
    assert renewed == ["right"]


@pytest.mark.django_db
def test_who_never_verified_a_mailbox_signs_in_with_a_hash_of_another_day(real: None, settings: Settings) -> None:
    """Their hashes are compared as they stand, because all of an address share a salt; that of today takes its place."""
    email = "ana@example.com"
    dearer = {
        word: Argon2PasswordHasher().encode(word, tokens.salt_of(email=email)) for word in ("first-word", "second-word")
    }
    other_key = {"third-word": make_password("third-word", salt=tokens.salt_of(email=email))}
    settings.SECRET_KEY = "another-key-" * 4
    today = {"fourth-word": make_password("fourth-word", salt=tokens.salt_of(email=email))}
    logins = {}
    for word, encoded in (dearer | other_key | today).items():
        logins[word] = factories.user(email=email, email_verified_at=None)
        factories.customer(email=email, user=logins[word])
        User.objects.filter(pk=logins[word].pk).update(password=encoded)
    for word, login in logins.items():
        for _again in range(2):
            ok(APIClient().post(TOKEN, {"email": email, "password": word}, format="json"))
            login.refresh_from_db()
            assert login.password == make_password(word, salt=tokens.salt_of(email=email))
    refused(
        APIClient().post(TOKEN, {"email": email, "password": "fifth-word"}, format="json"), 401, "invalid_credentials"
    )


@pytest.mark.django_db
@pytest.mark.fault("F9")
def test_many_logins_hashed_alike_before_cost_one_hashing_more(real: None) -> None:
    email = "ana@example.com"
    dearer = Argon2PasswordHasher().encode("right", tokens.salt_of(email=email))
    for _number in range(5):
        login = factories.user(email=email, email_verified_at=None)
        User.objects.filter(pk=login.pk).update(password=dearer)
    counted = patch.object(hashing.Argon2OneOfFew, "encode", autospec=True, side_effect=hashing.Argon2OneOfFew.encode)
    with counted as encoded:
        answer = APIClient().post(TOKEN, {"email": email, "password": "wrong"}, format="json")
    refused(answer, 401, "invalid_credentials")
    assert encoded.call_count == 3


def test_a_password_hashed_elsewhere_before_still_fits(real: None) -> None:
    encoded = PBKDF2PasswordHasher().encode("right", "salt", 1000)
    assert (check_password("right", encoded), check_password("wrong", encoded)) == (True, False)


@pytest.mark.django_db
def test_who_comes_on_top_gets_503_and_no_attempt_is_counted(real: None) -> None:
    user = factories.user()
    new = {"email": "bia@exemplo.com.br", "name": "Bia", "password": "tesoura chuva 7 janela"}
    before = counters.read("hashing_busy")
    with taken():
        answer = APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD})
        refused(answer, 503, "busy")
        assert answer["Retry-After"] == "2"
        refused(APIClient().post("/api/v1/auth/register/", new), 503, "busy")
        for page in (reverse("admin:login"), reverse("account-sign-in")):
            shown = Client().post(page, {"username": user.email, "password": PASSWORD})
            assert (shown.status_code, shown["Retry-After"]) == (503, "2")
        ok(APIClient().get("/api/v1/shop/"))  # sales go on
    assert not SignInAttempt.objects.exists()
    assert counters.read("hashing_busy") == before + 4
    ok(APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD}))
