"""Signing in, staying in, signing out."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth import hashers
from pytest_django import Settings

from accounts import selectors
from accounts import services as accounts
from accounts.errors import InvalidCredentials, TokenReused
from accounts.models import RefreshFamily, RefreshToken, User
from accounts.tasks import forget_sessions
from accounts.tests import factories
from accounts.tests.factories import NOW, PASSWORD, VISITOR
from common import clock
from common.errors import Unauthenticated
from common.models import OutboxMessage
from common.testing import race, statements

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_signing_in_begins_a_session() -> None:
    user = factories.user(email="ana@exemplo.com.br")

    pair = accounts.sign_in(email=" ANA@exemplo.com.BR", password=PASSWORD, visitor=factories.VISITOR, now=NOW)

    assert selectors.signed_in(token=pair.access, now=NOW)[0] == user
    family = RefreshFamily.objects.get()
    assert (family.user, family.created_at, family.revoked_at) == (user, NOW, None)
    assert RefreshToken.objects.get().used_at is None


@pytest.mark.parametrize("email", ["ninguem@exemplo.com.br", "not an address", ""])
def test_unknown_email_is_refused(email: str) -> None:
    with pytest.raises(InvalidCredentials):
        accounts.sign_in(email=email, password=PASSWORD, visitor=factories.VISITOR, now=NOW)

    assert RefreshFamily.objects.count() == 0


def test_wrong_password_is_refused() -> None:
    user = factories.user()

    with pytest.raises(InvalidCredentials):
        accounts.sign_in(email=user.email, password=PASSWORD + "x", visitor=factories.VISITOR, now=NOW)

    assert RefreshFamily.objects.count() == 0


def test_switched_off_login_is_refused_and_stays_off() -> None:
    user = factories.user(is_active=False)

    with pytest.raises(InvalidCredentials):
        accounts.sign_in(email=user.email, password=PASSWORD, visitor=factories.VISITOR, now=NOW)

    assert User.objects.get().is_active is False
    assert RefreshFamily.objects.count() == 0


@pytest.mark.fault("F9")
@pytest.mark.parametrize("who", ["known", "unknown", "off", "never chose a password"])
def test_every_failure_costs_exactly_two_hashings(who: str) -> None:
    user = factories.user(is_active=who != "off")
    if who == "never chose a password":
        user.set_unusable_password()
        user.save()
    email = "ninguem@exemplo.com.br" if who == "unknown" else user.email
    hasher = type(hashers.get_hasher())
    with (
        patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encoded,
        pytest.raises(InvalidCredentials),
    ):
        accounts.sign_in(email=email, password="wrong", visitor=factories.VISITOR, now=NOW)

    # A hasher verifies by encoding again: one hashing for the verified login, one for all that wait for that.
    assert encoded.call_count == 2


def test_password_changed_while_signing_in_wins() -> None:
    user = factories.user()
    stale = User.objects.get()
    accounts.change_password(visitor=VISITOR, user=user, current=PASSWORD, new="outra-senha-bem-comprida", now=NOW)

    with (
        patch("accounts.services.credentials._logins", return_value=(stale.email, [stale])),
        pytest.raises(InvalidCredentials),
    ):
        accounts.sign_in(email=user.email, password=PASSWORD, visitor=factories.VISITOR, now=NOW)

    assert RefreshFamily.objects.count() == 0


def test_access_token_is_read_with_one_statement() -> None:
    customer = factories.customer()
    assert customer.user is not None
    pair = factories.session(customer.user)

    with statements() as ran:
        user, _session = selectors.signed_in(token=pair.access, now=NOW)
        found = selectors.customer_of(user)

    assert found == customer
    assert len(ran) == 1


def test_access_token_dies_after_ten_minutes() -> None:
    pair = factories.session(factories.user())
    selectors.signed_in(token=pair.access, now=NOW + 10 * MINUTE)

    with pytest.raises(Unauthenticated):
        selectors.signed_in(token=pair.access, now=NOW + 11 * MINUTE)


@pytest.mark.fault("F4")
def test_refresh_token_opens_no_door_and_access_token_renews_nothing() -> None:
    pair = factories.session(factories.user())

    with pytest.raises(Unauthenticated):
        selectors.signed_in(token=pair.refresh, now=NOW)
    with pytest.raises(Unauthenticated):
        accounts.refresh(token=pair.access, now=NOW)

    assert RefreshToken.objects.filter(used_at__isnull=False).count() == 0


def test_refresh_rotates() -> None:
    user = factories.user()
    first = factories.session(user)

    second = accounts.refresh(token=first.refresh, now=NOW + MINUTE)
    third = accounts.refresh(token=second.refresh, now=NOW + 2 * MINUTE)

    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert selectors.signed_in(token=third.access, now=NOW + 2 * MINUTE)[0] == user
    assert RefreshFamily.objects.get().revoked_at is None


@pytest.mark.fault("F5")
def test_reuse_ends_the_whole_session_and_tells_its_owner() -> None:
    user = factories.user()
    first = factories.session(user)
    other_device = factories.session(user)
    second = accounts.refresh(token=first.refresh, now=NOW)

    with pytest.raises(TokenReused):
        accounts.refresh(token=first.refresh, now=NOW)

    with pytest.raises(Unauthenticated):
        accounts.refresh(token=second.refresh, now=NOW)
    with pytest.raises(Unauthenticated):
        selectors.signed_in(token=second.access, now=NOW)
    assert selectors.signed_in(token=other_device.access, now=NOW)[0] == user
    assert RefreshFamily.objects.filter(ending="reuse").count() == 1
    letter = OutboxMessage.objects.get(name="account.session_reused")
    assert letter.payload == {"email": user.email}

    with pytest.raises(TokenReused):
        accounts.refresh(token=first.refresh, now=NOW)
    assert OutboxMessage.objects.count() == 1


@pytest.mark.fault("F5")
def test_grace_gives_the_same_successor_until_that_one_is_used(settings: Settings) -> None:
    settings.REFRESH_GRACE_SECONDS = 5
    first = factories.session(factories.user())
    second = accounts.refresh(token=first.refresh, now=NOW)

    again = accounts.refresh(token=first.refresh, now=NOW + timedelta(seconds=4))
    assert again.refresh == second.refresh
    assert RefreshToken.objects.count() == 2

    accounts.refresh(token=second.refresh, now=NOW + timedelta(seconds=4))
    with pytest.raises(TokenReused):
        accounts.refresh(token=first.refresh, now=NOW + timedelta(seconds=4))


def test_grace_ends(settings: Settings) -> None:
    settings.REFRESH_GRACE_SECONDS = 5
    first = factories.session(factories.user())
    accounts.refresh(token=first.refresh, now=NOW)

    with pytest.raises(TokenReused):
        accounts.refresh(token=first.refresh, now=NOW + timedelta(seconds=5))


def test_refresh_lives_a_day_and_a_session_thirty() -> None:
    user = factories.user()
    pair = factories.session(user)

    with pytest.raises(Unauthenticated):
        accounts.refresh(token=pair.refresh, now=NOW + timedelta(days=1, minutes=1))
    for day in range(1, 60):
        at = NOW + timedelta(hours=12 * day)
        if at >= NOW + timedelta(days=30):
            break
        pair = accounts.refresh(token=pair.refresh, now=at)
    with pytest.raises(Unauthenticated):
        accounts.refresh(token=pair.refresh, now=NOW + timedelta(days=30, minutes=1))


def test_switched_off_login_cannot_refresh() -> None:
    user = factories.user()
    pair = factories.session(user)
    User.objects.update(is_active=False)

    with pytest.raises(Unauthenticated):
        accounts.refresh(token=pair.refresh, now=NOW)
    with pytest.raises(Unauthenticated):
        selectors.signed_in(token=pair.access, now=NOW)


@pytest.mark.fault("F6")
def test_signing_out_ends_access_at_once_and_is_repeatable() -> None:
    pair = factories.session(factories.user())

    accounts.sign_out(token=pair.refresh, now=NOW)
    accounts.sign_out(token=pair.refresh, now=NOW + MINUTE)
    accounts.sign_out(token="rubbish", now=NOW)

    family = RefreshFamily.objects.get()
    assert (family.revoked_at, family.ending) == (NOW, "logout")
    with pytest.raises(Unauthenticated):
        selectors.signed_in(token=pair.access, now=NOW)
    with pytest.raises(Unauthenticated):
        accounts.refresh(token=pair.refresh, now=NOW)


@pytest.mark.fault("F6")
def test_new_password_ends_every_session() -> None:
    user = factories.user()
    pairs = [factories.session(user), factories.session(user)]

    accounts.change_password(visitor=VISITOR, user=user, current=PASSWORD, new="outra-senha-bem-comprida", now=NOW)

    for pair in pairs:
        with pytest.raises(Unauthenticated):
            selectors.signed_in(token=pair.access, now=NOW)
    assert RefreshFamily.objects.filter(ending="password").count() == 2


def test_old_sessions_are_forgotten_and_living_ones_kept() -> None:
    user = factories.user()
    old = factories.session(user, now=NOW - timedelta(days=40))
    accounts.sign_out(token=factories.session(user, now=NOW - timedelta(days=9)).refresh, now=NOW - timedelta(days=8.5))
    accounts.sign_out(token=factories.session(user, now=NOW).refresh, now=NOW)
    living = factories.session(user)
    accounts.refresh(token=old.refresh, now=NOW - timedelta(days=40))

    assert accounts.forget_sessions(now=NOW) == 2
    assert accounts.forget_sessions(now=NOW) == 0
    assert RefreshFamily.objects.count() == 2
    assert selectors.signed_in(token=living.access, now=NOW)[0] == user


@pytest.mark.race
@pytest.mark.fault("F5")
@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_refreshes_have_one_winner() -> None:
    first = factories.session(factories.user())

    results = race(workers=20, work=lambda _number: accounts.refresh(token=first.refresh, now=NOW))

    winners = [result for result in results if isinstance(result, accounts.TokenPair)]
    assert len(winners) == 1
    assert [type(result) for result in results if result not in winners] == [TokenReused] * 19
    assert RefreshToken.objects.count() == 2
    assert RefreshFamily.objects.get().ending == "reuse"


@pytest.mark.race
@pytest.mark.fault("F5")
@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_refreshes_share_one_successor_within_the_grace(settings: Settings) -> None:
    settings.REFRESH_GRACE_SECONDS = 5
    first = factories.session(factories.user())

    results = race(workers=20, work=lambda _number: accounts.refresh(token=first.refresh, now=NOW))

    assert {type(result) for result in results} == {accounts.TokenPair}
    assert len({result.refresh for result in results}) == 1
    assert RefreshToken.objects.count() == 2
    assert RefreshFamily.objects.get().revoked_at is None


def test_the_clock_forgets_sessions_too() -> None:
    long_ago = clock.now() - timedelta(days=60)
    factories.session(factories.user(), now=long_ago)

    assert forget_sessions() == 1
    assert RefreshFamily.objects.count() == 0


@pytest.mark.parametrize(("grace", "outcome"), [(0, "reused"), (10, "same successor")])
def test_a_token_used_twice_is_caught_whichever_request_read_its_clock_first(
    settings: Settings, grace: int, outcome: str
) -> None:
    settings.REFRESH_GRACE_SECONDS = grace
    pair = factories.session(factories.user())
    first = accounts.refresh(token=pair.refresh, now=NOW + timedelta(seconds=5))
    try:
        again = accounts.refresh(token=pair.refresh, now=NOW + timedelta(seconds=4))
    except TokenReused:
        found = "reused"
    else:
        found = "same successor" if again.refresh == first.refresh else "another successor"
    assert found == outcome


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_refresh_with_one_token_at_once_one_succeeds() -> None:
    pair = factories.session(factories.user(), now=clock.now())

    def again(number: int) -> str:
        try:
            accounts.refresh(token=pair.refresh, now=clock.now())
        except (TokenReused, Unauthenticated) as refusal:
            return refusal.code
        return "new pair"

    assert race(workers=8, work=again).count("new pair") == 1
    assert RefreshFamily.objects.get().ending == "reuse"
