"""What the people's app refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Busy, Conflict, Forbidden, Invalid, Refusal, Unauthenticated


class InvalidCredentials(Unauthenticated):
    """E-mail and password do not fit; the answer never tells which, nor whether the login exists or is switched off."""

    code = "invalid_credentials"
    title = _("E-mail or password do not match")


class SecondFactorRequired(Unauthenticated):
    """The password is right; the login has a second step, to be answered with the challenge within ten minutes.

    `passkey` is what a browser hands to `navigator.credentials.get`; null where the login has no passkey.
    """

    code = "second_factor_required"
    title = _("One more step to sign in")
    fields = ("challenge", "methods", "passkey")


class SetUpSecondFactor(Forbidden):
    """The role of this login needs a second step, which is set up on a page of the desk before anything else."""

    title = _("Your role needs a second step. Set it up at the desk, then sign in again")


class FactorNeeded(Conflict):
    """The role of this login needs a second step, so the last one stays."""

    code = "factor_needed"
    title = _("Your role needs a second step: set up another one before you remove this one")


class TokenReused(Unauthenticated):
    """A refresh token came back after its exchange, so somebody else may hold it; the whole session is over."""

    code = "token_reused"
    title = _("This session has been ended for safety")


class InvalidToken(Refusal):
    """The link of a letter is forged, was used, or is too old."""

    status = 400
    code = "invalid_token"
    title = _("This link is no longer good")


class StaffAccount(Forbidden):
    """A login of the team is closed at the desk, not by its owner through the shop window."""

    title = _("This login belongs to the shop's team")


class EmailTaken(Conflict):
    """Another login already has this e-mail; only ever told to staff."""

    code = "email_taken"
    title = _("This e-mail is already in use")


class TooManyAddresses(Conflict):
    """The customer keeps as many addresses as the shop stores."""

    code = "too_many_addresses"
    title = _("Too many addresses")
    fields = ("max",)


class OwnLogin(Conflict):
    """Nobody may lock themselves out of the desk."""

    code = "own_login"
    title = _("Nobody can switch off or demote their own login")


class LookupNotOffered(Invalid):
    """The shop has no postal-code service set up; the address is typed by hand."""

    code = "lookup_not_offered"
    title = _("Addresses are not looked up here")


class LookupUnavailable(Busy):
    """The postal-code service does not answer, or not in words we know."""

    code = "lookup_unavailable"
    title = _("The address service does not answer")
