"""The second step of signing in: an app, passkeys, recovery codes; by the API, with the lock on."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import selectors
from accounts import services as accounts
from accounts.errors import FactorNeeded
from accounts.models import RecoveryCode, RefreshFamily, SignInAttempt, SignInChallenge, User
from accounts.tests import factories, keys
from accounts.tests.doors import ok, pointers, refused
from accounts.tests.factories import NOW, PASSWORD, VISITOR
from accounts.views.signing_in import REFRESH_COOKIE
from common import clock, outbox
from common.errors import Malformed, NotFound
from common.testing import race

pytestmark = pytest.mark.django_db

TOKEN, SECOND = "/api/v1/auth/token/", "/api/v1/auth/token/second-factor/"


def first_step(user: User, **more: Any) -> Any:
    return APIClient().post(TOKEN, {"email": user.email, "password": PASSWORD, **more})


def asked(user: User) -> dict[str, Any]:
    return refused(first_step(user), 401, "second_factor_required")


def second_step(challenge: str, **answer: Any) -> Any:
    return APIClient().post(SECOND, {"challenge": challenge, **answer})


def test_a_login_with_an_app_is_asked_for_its_code() -> None:
    user = factories.user()
    keys.with_app(user)
    problem = asked(user)
    assert problem["methods"] == ["totp", "recovery_code"]
    assert problem["passkey"] is None
    pair = ok(second_step(problem["challenge"], code=keys.shown()))
    assert sorted(pair) == ["access", "refresh"]
    signed_in = APIClient(headers={"Authorization": f"Bearer {pair['access']}"}).get("/api/v1/me/")
    assert ok(signed_in)["email"] == user.email
    rows = SignInAttempt.objects.order_by("pk").values_list("step", "outcome")
    assert list(rows) == [("password", "waiting"), ("factor", "succeeded")]


def test_a_login_without_a_second_step_is_asked_for_nothing_more() -> None:
    assert sorted(ok(first_step(factories.user()))) == ["access", "refresh"]


def test_cookie_mode_works_for_the_second_step_too() -> None:
    user = factories.user()
    keys.with_app(user)
    answer = second_step(asked(user)["challenge"], code=keys.shown(), transport="cookie")
    assert sorted(ok(answer)) == ["access"]
    cookie = answer.cookies[REFRESH_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/v1/auth/")


def test_a_code_of_the_app_is_good_once() -> None:
    user = factories.user()
    keys.with_app(user)
    code = keys.shown()
    ok(second_step(asked(user)["challenge"], code=code))
    refused(second_step(asked(user)["challenge"], code=code), 401, "invalid_credentials")
    ok(second_step(asked(user)["challenge"], code=keys.shown(steps=1)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_comes_in() -> None:
    user = factories.user()
    keys.with_app(user)
    challenges = [asked(user)["challenge"] for _number in range(6)]
    code = keys.shown()
    answers = race(workers=6, work=lambda number: second_step(challenges[number], code=code).status_code)
    assert sorted(answers) == [200] + [401] * 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_recovery_code_at_once_one_comes_in() -> None:
    user = factories.user()
    code = keys.with_app(user)[0]
    challenges = [asked(user)["challenge"] for _number in range(6)]
    answers = race(workers=6, work=lambda number: second_step(challenges[number], code=code).status_code)
    assert sorted(answers) == [200] + [401] * 5


def test_a_challenge_is_used_up_by_the_right_answer() -> None:
    user = factories.user()
    keys.with_app(user)
    challenge = asked(user)["challenge"]
    ok(second_step(challenge, code=keys.shown()))
    refused(second_step(challenge, code=keys.shown(steps=1)), 400, "invalid_token")


def test_a_challenge_can_be_tried_five_times() -> None:
    user = factories.user()
    keys.with_app(user)
    challenge = asked(user)["challenge"]
    for _number in range(5):
        refused(second_step(challenge, code="000000"), 401, "invalid_credentials")
    refused(second_step(challenge, code=keys.shown()), 400, "invalid_token")


def test_an_old_challenge_is_worth_nothing() -> None:
    user = factories.user()
    keys.with_app(user)
    challenge = asked(user)["challenge"]
    SignInChallenge.objects.update(created_at=NOW, expires_at=NOW + timedelta(minutes=10))
    refused(second_step(challenge, code=keys.shown()), 400, "invalid_token")


def test_a_new_password_ends_challenges_that_wait() -> None:
    user = factories.user()
    keys.with_app(user)
    challenge = asked(user)["challenge"]
    accounts.change_password(user=user, current=PASSWORD, new="outra-senha-bem-comprida", visitor=VISITOR, now=NOW)
    refused(second_step(challenge, code=keys.shown()), 400, "invalid_token")


def test_only_a_digest_of_a_challenge_and_of_a_recovery_code_is_kept() -> None:
    user = factories.user()
    codes = keys.with_app(user)
    challenge = asked(user)["challenge"]
    kept = [str(row) for table in (SignInChallenge, RecoveryCode) for row in table.objects.values()]
    assert not [row for row in kept if challenge in row or any(code.replace("-", "") in row for code in codes)]


def test_codes_are_locked_with_the_passwords(settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 3, "address": 50, "codes": 30}
    user = factories.user()
    keys.with_app(user)
    challenge = asked(user)["challenge"]
    for _number in range(3):
        refused(second_step(challenge, code="000000"), 401, "invalid_credentials")
    refused(second_step(challenge, code=keys.shown()), 429, "throttled")
    refused(first_step(user), 429, "throttled")


def test_the_right_password_forgets_no_wrong_codes(settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 4, "address": 50, "codes": 30}
    user = factories.user()
    keys.with_app(user)
    answers = [second_step(asked(user)["challenge"], code="000000").status_code for _number in range(4)]
    assert answers == [401] * 4
    refused(first_step(user), 429, "throttled")


def test_codes_are_counted_by_the_day_too(settings: Settings) -> None:
    settings.SIGN_IN_LIMITS = {"account": 10, "address": 50, "codes": 5}
    user = factories.user()
    keys.with_app(user)
    now = clock.now()
    for number in range(5):
        with pytest.raises(Exception, match="second_factor_required") as refusal:
            accounts.sign_in(email=user.email, password=PASSWORD, visitor=VISITOR, now=now)
        challenge = refusal.value.data["challenge"]  # type: ignore[attr-defined]
        with pytest.raises(Exception, match="invalid_credentials"):
            accounts.check_second_factor(challenge=challenge, code="000000", visitor=VISITOR, now=now)
        now += timedelta(hours=1)
        assert SignInAttempt.objects.filter(step="factor", outcome="failed").count() == number + 1
    with pytest.raises(Exception, match="second_factor_required") as refusal:
        accounts.sign_in(email=user.email, password=PASSWORD, visitor=VISITOR, now=now)
    challenge = refusal.value.data["challenge"]  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="throttled"):
        accounts.check_second_factor(challenge=challenge, code=keys.shown(), visitor=VISITOR, now=now)
    outbox.relay(now=now)
    assert "unlock" in str(mail.outbox[-1].body)


def test_a_recovery_code_is_good_once_however_it_is_typed() -> None:
    user = factories.user()
    code = keys.with_app(user)[3]
    ok(second_step(asked(user)["challenge"], code=f" {code.lower().replace('-', ' ')} "))
    refused(second_step(asked(user)["challenge"], code=code), 401, "invalid_credentials")
    outbox.relay(now=clock.now())
    assert [letter.subject for letter in mail.outbox].count("Alguém entrou com um código de recuperação") == 1


def test_a_passkey_opens_the_door() -> None:
    user = factories.user()
    key = keys.with_passkey(user)
    problem = asked(user)
    assert problem["methods"] == ["passkey", "recovery_code"]
    assert problem["passkey"]["allowCredentials"][0]["id"] == keys.text_of(key.id)
    ok(second_step(problem["challenge"], credential=key.sign(problem["passkey"])))
    kept = WebAuthnCredential.objects.get()
    assert (kept.name, kept.sign_count) == ("chave", 1)


@pytest.mark.parametrize("wrong", ["another's key", "another's challenge", "another's page", "signed before"])
def test_what_another_passkey_signed_or_signed_elsewhere_opens_nothing(wrong: str) -> None:
    user = factories.user()
    key, stranger = keys.with_passkey(user), keys.with_passkey(factories.user())
    options = asked(user)["passkey"]
    problem = asked(user)
    signed = {
        "another's key": lambda: stranger.sign(problem["passkey"]),
        "another's challenge": lambda: key.sign(options),
        "another's page": lambda: key.sign(problem["passkey"], origin="http://localhost.example.com"),
        "signed before": lambda: key.sign({"challenge": keys.text_of(b"x" * 64)}),
    }[wrong]()
    refused(second_step(problem["challenge"], credential=signed), 401, "invalid_credentials")
    assert ok(second_step(problem["challenge"], credential=key.sign(problem["passkey"])))


@pytest.mark.parametrize(
    "garbage",
    [
        {"id": "x", "rawId": "x", "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}},
        {"id": "!", "rawId": "é", "response": {"clientDataJSON": "{", "authenticatorData": "/", "signature": "=" * 9}},
        {
            "id": "AA",
            "rawId": "AA",
            "response": {"clientDataJSON": "bnVsbA", "authenticatorData": "oA", "signature": "_w"},
        },
    ],
)
def test_what_is_no_passkey_at_all_is_refused(garbage: dict[str, Any]) -> None:
    user = factories.user()
    key = keys.with_passkey(user)
    problem = asked(user)
    refused(second_step(problem["challenge"], credential={"type": "public-key", **garbage}), 401, "invalid_credentials")
    own = {**garbage["response"], "clientDataJSON": key.sign(problem["passkey"])["response"]["clientDataJSON"]}
    sent = {"type": "public-key", "id": keys.text_of(key.id), "rawId": keys.text_of(key.id), "response": own}
    refused(second_step(problem["challenge"], credential=sent), 401, "invalid_credentials")


@pytest.mark.parametrize(
    "answer", [{}, {"code": "123456", "credential": {}}, {"code": 123456}, {"code": ""}, {"credential": 1}]
)
def test_a_second_step_needs_one_answer(answer: dict[str, Any]) -> None:
    assert pointers(second_step("x", **answer))


def test_an_unknown_challenge_is_no_challenge() -> None:
    refused(second_step("never-given", code="123456"), 400, "invalid_token")


def test_the_first_second_step_brings_recovery_codes_and_the_next_one_none() -> None:
    user = factories.user()
    codes = keys.with_app(user)
    assert (len(codes), len(set(codes))) == (10, 10)
    keys.with_passkey(user)
    assert RecoveryCode.objects.filter(user=user).count() == 10
    renewed = accounts.renew_codes(user=user, now=NOW, session=None)
    assert not set(renewed) & set(codes)
    refused(second_step(asked(user)["challenge"], code=codes[0]), 401, "invalid_credentials")
    ok(second_step(asked(user)["challenge"], code=renewed[0]))


def test_changing_it_ends_other_sessions_of_both_doors_and_tells_the_mailbox() -> None:
    user = factories.user()
    here = factories.session(user)
    there = accounts.begin_page_session(user=user, visitor=accounts.Visitor("desk", "192.0.2.1"), now=NOW)
    mine = RefreshFamily.objects.get(door="api")
    stamp = user.session_stamp
    accounts.add_app(user=user, secret=keys.SECRET, code=keys.shown(), now=NOW, session=mine.public_id)
    mine.refresh_from_db()
    user.refresh_from_db()
    assert (mine.revoked_at, RefreshFamily.objects.get(public_id=there).ending) == (None, "factors")
    assert user.session_stamp != stamp
    accounts.refresh(token=here.refresh, now=NOW)
    outbox.relay(now=NOW)
    assert [letter.to for letter in mail.outbox] == [[user.email]]


def test_a_wrong_code_sets_no_app_up_and_keeps_the_one_there_is() -> None:
    user = factories.user()
    keys.with_app(user)
    for code in ("000000", "abc", "", "１２３４５６"):
        with pytest.raises(Malformed):
            accounts.add_app(user=user, secret="00" * 20, code=code, now=NOW, session=None)
    assert TOTPDevice.objects.get(user=user).key == keys.SECRET


def test_a_code_is_read_as_phones_copy_it() -> None:
    user = factories.user()
    code = keys.shown()
    copied = f"\u202a{code[:3]}\u00a0{code[3:]}\u202c"
    accounts.add_app(user=user, secret=keys.SECRET, code=copied, now=NOW, session=None)
    app = TOTPDevice.objects.get(user=user)
    assert app.key == keys.SECRET
    TOTPDevice.objects.update(last_t=-1)
    assert sorted(ok(second_step(asked(user)["challenge"], code=copied))) == ["access", "refresh"]


def test_a_passkey_that_is_no_answer_to_what_was_asked_is_not_kept() -> None:
    user = factories.user()
    with pytest.raises(Malformed):
        accounts.add_passkey(
            user=user, state={"challenge": "AAAA", "require_user_verification": False},
            credential=keys.SecurityKey().make({"challenge": "BBBB"}), name="x", now=NOW, session=None,
        )  # fmt: skip
    assert not selectors.methods_of(user=user)


def test_removing_the_last_one_removes_the_codes() -> None:
    user = factories.user()
    keys.with_app(user)
    accounts.remove_app(user=user, now=NOW, session=None)
    assert not RecoveryCode.objects.exists()
    ok(first_step(user))
    with pytest.raises(NotFound):
        accounts.remove_app(user=user, now=NOW, session=None)


def test_a_passkey_of_somebody_else_is_not_removed() -> None:
    keys.with_passkey(factories.user())
    with pytest.raises(NotFound):
        accounts.remove_passkey(
            user=factories.user(), passkey=WebAuthnCredential.objects.get().pk, now=NOW, session=None
        )
    assert WebAuthnCredential.objects.count() == 1


def test_who_needs_one_gets_nothing_from_the_api_without_it(settings: Settings) -> None:
    owner, counter = factories.member(role="owner"), factories.member(role="counter")
    before = factories.session(owner)
    settings.SECOND_FACTOR_ROLES = ["owner", "manager"]
    refused(first_step(owner), 403, "forbidden")
    bearer = APIClient(headers={"Authorization": f"Bearer {before.access}"})
    settings.SHOP_NOW = NOW
    refused(bearer.get("/api/v1/me/"), 403, "forbidden")
    settings.SHOP_NOW = None
    ok(first_step(counter))
    ok(first_step(factories.user()))
    keys.with_app(owner)
    ok(second_step(asked(owner)["challenge"], code=keys.shown()))


def test_who_needs_one_keeps_the_last_one(settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = ["owner"]
    owner = factories.member(role="owner")
    keys.with_app(owner)
    with pytest.raises(FactorNeeded):
        accounts.remove_app(user=owner, now=NOW, session=None)
    assert selectors.methods_of(user=owner) == ["totp", "recovery_code"]
    keys.with_passkey(owner)
    accounts.remove_app(user=owner, now=NOW, session=None)
    assert selectors.methods_of(user=owner) == ["passkey", "recovery_code"]


def test_the_operator_lets_somebody_in_who_lost_everything() -> None:
    user = factories.user()
    keys.with_app(user)
    keys.with_passkey(user)
    call_command("remove_second_step", user.email.upper())
    ok(first_step(user))
    outbox.relay(now=clock.now())
    assert "Sua segunda etapa foi removida" in [letter.subject for letter in mail.outbox]
    with pytest.raises(CommandError):
        call_command("remove_second_step", user.email)
    with pytest.raises(CommandError):
        call_command("remove_second_step", "ninguem@exemplo.com.br")


def test_a_closed_account_keeps_no_second_step() -> None:
    customer = factories.customer()
    assert customer.user
    keys.with_app(customer.user)
    keys.with_passkey(customer.user)
    accounts.close_account(user=customer.user, password=PASSWORD, visitor=VISITOR, now=NOW)
    assert not any(table.objects.exists() for table in (TOTPDevice, WebAuthnCredential, RecoveryCode))


def test_a_wrong_password_says_the_same_whether_or_not_there_is_a_second_step() -> None:
    without, known = factories.user(), factories.user()
    keys.with_app(known)
    answers = []
    for email in (without.email, known.email, "ninguem@exemplo.com.br"):
        with CaptureQueriesContext(connection) as statements:
            answer = APIClient().post(TOKEN, {"email": email, "password": "wrong"})
        answers.append((answer.status_code, answer.json(), len(statements)))
    assert answers[0] == answers[1] == answers[2]


def test_a_new_password_by_letter_does_not_go_around_the_second_step() -> None:
    user = factories.user()
    keys.with_app(user)
    accounts.ask_for_reset(email=user.email, now=clock.now())
    outbox.relay(now=clock.now())
    token = str(mail.outbox[-1].body).partition("nova-senha/?token=")[2].split()[0]
    accounts.reset_password(token=token, password="quindim-de-domingo", now=clock.now())
    answer = APIClient().post(TOKEN, {"email": user.email, "password": "quindim-de-domingo"})
    refused(answer, 401, "second_factor_required")


def test_a_mailbox_that_nobody_proved_hears_nothing() -> None:
    accounts.register(email="ana@exemplo.com.br", password=PASSWORD, name="Ana", now=NOW)
    user = User.objects.get()
    code = keys.with_app(user)[0]
    ok(second_step(asked(user)["challenge"], code=code))
    accounts.remove_factors(user=user, actor=factories.actor(user), now=NOW)
    outbox.relay(now=clock.now())
    assert [letter.subject for letter in mail.outbox] == ["Confirme seu e-mail"]
