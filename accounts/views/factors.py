"""One's own second step of signing in."""

from django.http import HttpResponse
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import services as accounts
from accounts.answers.factors import (
    AppRequest,
    NewAppResponse,
    NewPasskeyResponse,
    PasskeyRequest,
    ProofRequest,
    RecoveryCodesResponse,
    SecondFactorResponse,
    factors_answer,
    new_app_answer,
    new_passkey_answer,
)
from accounts.errors import FactorNeeded, InvalidCredentials, InvalidToken
from accounts.views.callers import session_of, user_of, visitor_of
from api.answers import nothing, respond, respond_private
from api.openapi import operation
from api.permissions import IsSignedIn
from api.requests import read
from common import clock
from common.errors import NotFound


def _proof(request: Request) -> str:
    """Return the password that was sent along; empty without one."""
    password = read(ProofRequest, request.data).password
    return "" if password is UNSET else password


class SecondFactorsView(APIView):
    """What one signs in with beside the password."""

    permission_classes = (IsSignedIn,)

    @operation(responses={200: SecondFactorResponse})
    def get(self, request: Request) -> HttpResponse:
        """Show one's app, passkeys and how many recovery codes are left."""
        return respond(factors_answer(user_of(request)))


class AppView(APIView):
    """One's authenticator app."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=ProofRequest, responses={200: NewAppResponse}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> HttpResponse:
        """Begin to set an app up; nothing changes before a code proves that the app has the secret.

        Takes the password, unless the session that asks began within the last ten minutes.
        """
        app = accounts.begin_app(
            user=user_of(request),
            password=_proof(request),
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return respond_private(new_app_answer(app))

    @operation(request=ProofRequest, responses={204: None}, refusals=[InvalidCredentials, NotFound, FactorNeeded])
    def delete(self, request: Request) -> HttpResponse:
        """Let the app no longer be asked for; every other session ends. Takes the password as setting up does."""
        accounts.drop_app(
            user=user_of(request),
            password=_proof(request),
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()


class AppConfirmationView(APIView):
    """The proof that an app is set up."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=AppRequest, responses={200: RecoveryCodesResponse}, refusals=[InvalidToken])
    def post(self, request: Request) -> HttpResponse:
        """Ask for the app's code from now on; every other session ends. Answers the first recovery codes, once."""
        wanted = read(AppRequest, request.data)
        codes = accounts.finish_app(
            user=user_of(request),
            sealed=wanted.sealed,
            code=wanted.code,
            session=session_of(request),
            now=clock.now(),
        )
        return respond_private(RecoveryCodesResponse(recovery_codes=codes))


class PasskeysView(APIView):
    """One's passkeys."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=ProofRequest, responses={200: NewPasskeyResponse}, refusals=[InvalidCredentials])
    def post(self, request: Request) -> HttpResponse:
        """Begin to make a passkey; nothing changes before the device's answer. Takes the password as an app does."""
        passkey = accounts.begin_passkey(
            user=user_of(request),
            password=_proof(request),
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return respond_private(new_passkey_answer(passkey))


class PasskeyConfirmationView(APIView):
    """The proof that a device made a passkey."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=PasskeyRequest, responses={200: RecoveryCodesResponse}, refusals=[InvalidToken])
    def post(self, request: Request) -> HttpResponse:
        """Keep the passkey; every other session ends. Answers recovery codes, once, if these are the first."""
        wanted = read(PasskeyRequest, request.data)
        codes = accounts.finish_passkey(
            user=user_of(request),
            sealed=wanted.sealed,
            credential=wanted.credential,
            name=wanted.name,
            session=session_of(request),
            now=clock.now(),
        )
        return respond_private(RecoveryCodesResponse(recovery_codes=codes))


class PasskeyView(APIView):
    """One of one's passkeys."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=ProofRequest, responses={204: None}, refusals=[InvalidCredentials, NotFound, FactorNeeded])
    def delete(self, request: Request, key: str) -> HttpResponse:
        """Forget a passkey; every other session ends. Takes the password as setting up does."""
        accounts.drop_passkey(
            user=user_of(request),
            key=key,
            password=_proof(request),
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return nothing()


class RecoveryCodesView(APIView):
    """One's recovery codes."""

    permission_classes = (IsSignedIn,)
    throttle_scope = "login"

    @operation(request=ProofRequest, responses={200: RecoveryCodesResponse}, refusals=[InvalidCredentials, NotFound])
    def post(self, request: Request) -> HttpResponse:
        """Make new codes and show them once; the old ones are worth nothing. Takes the password as setting up does."""
        codes = accounts.fresh_codes(
            user=user_of(request),
            password=_proof(request),
            visitor=visitor_of(request),
            session=session_of(request),
            now=clock.now(),
        )
        return respond_private(RecoveryCodesResponse(recovery_codes=codes))
