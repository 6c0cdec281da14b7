"""Passwords are hashed by a few threads at once; whoever comes on top is told to come back, and loses nothing by it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher, check_password, make_password
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import hashing
from accounts.models import SignInAttempt
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
    assert make_password("right").startswith("argon2$argon2id$")
    assert ",p=1$" in encoded


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
