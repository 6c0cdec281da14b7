"""Calls about one's own account: signing in, the profile, addresses, sessions, the second step."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from accounts import tokens
from accounts.models import User
from accounts.tests import keys
from accounts.tests.factories import PASSWORD
from tools.calls import Call
from tools.calls.buying import look
from tools.calls.ground import API, Ask, Ground

NEW_PASSWORD = f"{PASSWORD}-9"
LOOKUP, LOOKED_UP = {"postal_code": "01310100"}, 422
HOME = {
    "label": "Casa", "postal_code": "01310100", "street": "Avenida Paulista", "number": "1578",
    "district": "Bela Vista", "city": "São Paulo", "state": "SP",
}  # fmt: skip


def own(path: str, method: str = "GET", body: Any = None, *, status: int = 200) -> Callable[[Ground], Ask]:
    """Return what makes a request about somebody's own account, which is new."""
    return lambda ground: Ask(method, f"{API}{path}", body, ground.somebody()[1], status)


def _register(ground: Ground) -> Ask:
    wanted = {"email": ground.address(), "password": NEW_PASSWORD, "name": "Ana Lima"}
    return Ask("POST", f"{API}/auth/register/", wanted, status=201)


def _sign_in(ground: Ground) -> Ask:
    login, _session, _refresh = ground.somebody()
    return Ask("POST", f"{API}/auth/token/", {"email": login.email, "password": PASSWORD})


def _second_step(ground: Ground) -> Ask:
    login, _session, _refresh = ground.somebody()
    codes = keys.with_app(login)
    asked = ground.answer("POST", "/auth/token/", {"email": login.email, "password": PASSWORD}, refused=401)
    return Ask("POST", f"{API}/auth/token/second-factor/", {"challenge": asked["challenge"], "code": codes[0]})


def _refresh(path: str, status: int) -> Callable[[Ground], Ask]:
    return lambda ground: Ask("POST", f"{API}{path}", {"refresh": ground.somebody()[2]}, status=status)


def _link(login: User, purpose: str) -> str:
    stamp = tokens.stamp_of(login)
    return tokens.mail_token(purpose=purpose, user=login.public_id, email=login.email, stamp=stamp, becomes="")


def _reset(ground: Ground) -> Ask:
    login, _session, _refresh = ground.somebody()
    wanted = {"token": _link(login, "reset"), "password": NEW_PASSWORD}
    return Ask("POST", f"{API}/auth/password-reset/confirm/", wanted, status=204)


def _ask_for_reset(ground: Ground) -> Ask:
    login, _session, _refresh = ground.somebody()
    return Ask("POST", f"{API}/auth/password-reset/", {"email": login.email}, status=202)


def _verify(ground: Ground) -> Ask:
    login, _session, _refresh = ground.somebody()
    User.objects.filter(pk=login.pk).update(email_verified_at=None)
    login.refresh_from_db()
    return Ask("POST", f"{API}/auth/verify-email/", {"token": _link(login, "verify")}, status=204)


def _address(method: str, body: Any = None, status: int = 200) -> Callable[[Ground], Ask]:
    def made(ground: Ground) -> Ask:
        _login, session, _refresh = ground.somebody()
        home = ground.post("/me/addresses/", HOME, session)
        return Ask(method, f"{API}/me/addresses/{home['id']}/", body, session, status)

    return made


def _other_session(ground: Ground) -> Ask:
    login, session, _refresh = ground.somebody()
    ground.post("/auth/token/", {"email": login.email, "password": PASSWORD})
    others = [one for one in ground.get("/me/sessions/", session)["results"] if not one["current"]]
    return Ask("DELETE", f"{API}/me/sessions/{others[0]['id']}/", {}, session, 204)


def _begun_app(ground: Ground) -> tuple[dict[str, str], dict[str, str]]:
    """Return somebody's session, and the body that makes the app that they began their second step."""
    _login, session, _refresh = ground.somebody()
    begun = ground.post("/me/second-factor/app/", {}, session)
    return session, {"sealed": begun["sealed"], "code": keys.shown(keys.from_words(begun["secret"]))}


def _confirm_app(ground: Ground) -> Ask:
    session, wanted = _begun_app(ground)
    return Ask("POST", f"{API}/me/second-factor/app/confirm/", wanted, session)


def _with_app(path: str, method: str, status: int) -> Callable[[Ground], Ask]:
    def made(ground: Ground) -> Ask:
        session, wanted = _begun_app(ground)
        ground.post("/me/second-factor/app/confirm/", wanted, session)
        return Ask(method, f"{API}{path}", {}, session, status)

    return made


def _begun_passkey(ground: Ground) -> tuple[dict[str, str], dict[str, Any]]:
    """Return somebody's session, and the body that keeps the passkey that they began."""
    _login, session, _refresh = ground.somebody()
    begun = ground.post("/me/second-factor/passkeys/", {}, session)
    origin = settings.OTP_WEBAUTHN_ALLOWED_ORIGINS[0]
    made = keys.SecurityKey().make(begun["options"], origin=origin)
    return session, {"sealed": begun["sealed"], "name": "Meu celular", "credential": made}


def _confirm_passkey(ground: Ground) -> Ask:
    session, wanted = _begun_passkey(ground)
    return Ask("POST", f"{API}/me/second-factor/passkeys/confirm/", wanted, session)


def _drop_passkey(ground: Ground) -> Ask:
    session, wanted = _begun_passkey(ground)
    ground.post("/me/second-factor/passkeys/confirm/", wanted, session)
    [passkey] = ground.get("/me/second-factor/", session)["passkeys"]
    return Ask("DELETE", f"{API}/me/second-factor/passkeys/{passkey['id']}/", {}, session, 204)


PASSWORDS = {"current": PASSWORD, "new": NEW_PASSWORD}
APP, PASSKEYS = "/me/second-factor/app/", "/me/second-factor/passkeys/"

CALLS = [
    Call("POST /auth/register/", _register),
    Call("POST /auth/token/", _sign_in, hot=True),
    Call("POST /auth/token/second-factor/", _second_step),
    Call("POST /auth/token/refresh/", _refresh("/auth/token/refresh/", 200), hot=True),
    Call("POST /auth/logout/", _refresh("/auth/logout/", 204)),
    Call("POST /auth/password-reset/", _ask_for_reset),
    Call("POST /auth/password-reset/confirm/", _reset),
    Call("POST /auth/verify-email/", _verify),
    # Without somebody else's server that knows them, the shop says that it looks none up.
    Call("POST /addresses/lookup/", lambda _ground: Ask("POST", f"{API}/addresses/lookup/", LOOKUP, status=LOOKED_UP)),
    Call("GET /me/", look("/me/", of="customer"), hot=True),
    Call("PATCH /me/", own("/me/", "PATCH", {"name": "Ana Maria", "phone": "11987654321"})),
    Call("DELETE /me/", own("/me/", "DELETE", {"password": PASSWORD}, status=204)),
    Call("POST /me/password/", own("/me/password/", "POST", PASSWORDS, status=204)),
    Call("POST /me/verification/", own("/me/verification/", "POST", status=202)),
    Call("GET /me/addresses/", look("/me/addresses/", of="customer")),
    Call("POST /me/addresses/", own("/me/addresses/", "POST", HOME, status=201)),
    Call("GET /me/addresses/{public_id}/", _address("GET")),
    Call("PATCH /me/addresses/{public_id}/", _address("PATCH", {"label": "Trabalho"})),
    Call("DELETE /me/addresses/{public_id}/", _address("DELETE", status=204)),
    Call("GET /me/sessions/", own("/me/sessions/")),
    Call("DELETE /me/sessions/", own("/me/sessions/", "DELETE", {}, status=204)),
    Call("DELETE /me/sessions/{public_id}/", _other_session),
    Call("GET /me/second-factor/", own("/me/second-factor/")),
    Call("POST /me/second-factor/app/", own(APP, "POST", {})),
    Call("POST /me/second-factor/app/confirm/", _confirm_app),
    Call("DELETE /me/second-factor/app/", _with_app(APP, "DELETE", 204)),
    Call("POST /me/second-factor/passkeys/", own(PASSKEYS, "POST", {})),
    Call("POST /me/second-factor/passkeys/confirm/", _confirm_passkey),
    Call("DELETE /me/second-factor/passkeys/{key}/", _drop_passkey),
    Call("POST /me/second-factor/recovery-codes/", _with_app("/me/second-factor/recovery-codes/", "POST", 200)),
]
