"""Forms of the desk for people: what they look like and which text is acceptable. Rules stay in the services."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import selectors
from accounts import services as accounts
from accounts.errors import EmailTaken, InvalidCredentials, SecondFactorRequired
from accounts.models import Block, User
from accounts.tokens import DEVICE_COOKIE
from common import clock
from common.errors import TooManyRequests
from common.identity import normal_email

if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    BlockModelForm = forms.ModelForm[Block]
else:
    UserModelForm = BlockModelForm = forms.ModelForm

ROLE_SHORT = {
    "owner": _("Owner"),
    "manager": _("Manager"),
    "counter": _("Counter"),
    "professional": _("Professional"),
    "viewer": _("Viewer"),
}
ROLE_NAMES = {
    "owner": _("Owner: everything the shop needs every day, prices, settings and the team"),
    "manager": _(
        "Manager: every day's work, products, prices, agenda and the close of the day, within the limits you set; not "
        "the team, the bank details or the limits"
    ),
    "counter": _("Counter: orders, stock and money at the counter"),
    "professional": _("Professional: their own agenda"),
    "viewer": _(
        "Viewer, an accountant for example: sees orders, payments, stock and days and saves them as spreadsheets, "
        "without contacts of customers; changes nothing"
    ),
}


def role_choices() -> list[tuple[str, Any]]:
    """Return the roles there are, those that may most first, each with a sentence that says what it is for."""
    names = set(Group.objects.values_list("name", flat=True))
    known = [name for name in ROLE_NAMES if name in names]
    return [(name, ROLE_NAMES.get(name, name)) for name in (*known, *sorted(names - ROLE_NAMES.keys()))]


class _MemberForm(UserModelForm):
    role = forms.ChoiceField(
        label=_("Role"), choices=role_choices, widget=UnfoldAdminRadioSelectWidget(), help_text=_("What they may do.")
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ("name",)


class InvitationForm(_MemberForm):
    """Somebody new on the team."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(),
        help_text=_("They sign in with it and choose their own password by the link you get next."),
    )

    class Meta(_MemberForm.Meta):
        fields = ("name", "email")

    def clean_email(self) -> str:
        """Return the stored form of the address."""
        try:
            email = normal_email(self.cleaned_data["email"])
        except ValueError as problem:
            raise forms.ValidationError(_("This is not an e-mail address.")) from problem
        if selectors.has_login(email=email):
            raise forms.ValidationError(str(EmailTaken.title))
        return email


class MemberForm(_MemberForm):
    """Somebody on the team."""

    class Meta(_MemberForm.Meta):
        fields = ("name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.groups.first() if self.instance.pk else None
        self.fields["role"].initial = held.name if held else None


class NewPasswordForm(forms.Form):
    """Somebody chooses a password."""

    password = forms.CharField(
        label=_("Your new password"),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    again = forms.CharField(
        label=_("The same once more"),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        cleaned = super().clean() or {}
        if cleaned.get("password") != cleaned.get("again"):
            raise forms.ValidationError(_("The two passwords differ."))
        return cleaned


class AddressForm(forms.Form):
    """Somebody names their e-mail."""

    email = forms.CharField(
        label=_("E-mail"), max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email"})
    )


class CodeForm(forms.Form):
    """The second step of signing in: a code, or what a passkey signed, which a script puts in."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "characters"}
        ),
        help_text=_("Six digits from the app, or one of your recovery codes."),
    )
    credential = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput())

    def clean(self) -> dict[str, Any]:
        """Refuse an empty form."""
        cleaned = super().clean() or {}
        if not cleaned.get("code") and not cleaned.get("credential") and not self.errors:
            self.add_error("code", _("Type the code."))
        return cleaned


class ProofForm(forms.Form):
    """Somebody who is signed in types their password again."""

    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class AppForm(forms.Form):
    """Somebody shows that an authenticator app is set up."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    """Somebody names a passkey that is to be made."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("So that you know it again: my phone, the key on my ring."),
    )


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """A door for people, guarded by the same lock as the API's."""

    door = "api"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.challenge: dict[str, object] = {}
        """What the second step is to answer, where the password was right and there is one."""

    def clean(self) -> dict[str, Any]:
        """Let in somebody whose password fits.

        `locked` is the code of a door that is closed, `second_step` that of one that asks for more.
        """
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("username") and typed.get("password"):
            visitor = accounts.visitor_of(
                meta=self.request.META, door=self.door, device_token=self.request.COOKIES.get(DEVICE_COOKIE, "")
            )
            try:
                self.user_cache = accounts.check_credentials(
                    email=typed["username"],
                    password=typed["password"],
                    visitor=visitor,
                    now=clock.now(),
                    team_only=self.door == "desk",
                )
            except InvalidCredentials as refusal:
                raise forms.ValidationError(str(refusal.title), code="invalid_login") from refusal
            except TooManyRequests as refusal:
                raise forms.ValidationError(str(refusal.detail), code="locked") from refusal
            except SecondFactorRequired as refusal:
                self.challenge = refusal.data
                raise forms.ValidationError(str(refusal.title), code="second_step") from refusal
        return typed


class DeskSignInForm(SignInForm):
    """The sign-in of the desk, for the team alone."""

    door = "desk"


class DeskPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """Somebody of the team changes their own password; it ends their other sessions at both doors."""

    def __init__(self, *args: Any, visitor: accounts.Visitor, session: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visitor = visitor
        self.session = session

    def clean_old_password(self) -> str:
        """Judge the password behind the lock."""
        password: str = self.cleaned_data["old_password"]
        try:
            accounts.prove_again(
                user=self.user, password=password, visitor=self.visitor, session=self.session, now=clock.now()
            )
        except (InvalidCredentials, TooManyRequests) as refusal:
            raise forms.ValidationError(str(refusal.detail)) from refusal
        return password

    def save(self, commit: bool = True) -> User:
        """Store the new password and return the login as it is now."""
        changed = accounts.choose_password(
            user=self.user,
            session=self.session,
            new=self.cleaned_data["new_password1"],
            now=clock.now(),
        )
        self.user.password, self.user.session_stamp = changed.password, changed.session_stamp
        return changed


class BlockForm(BlockModelForm):
    """Whom to block; judged by the service, marks and all."""

    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget())
    document = forms.CharField(
        label=_("CPF or CNPJ"), max_length=24, required=False, widget=UnfoldAdminTextInputWidget()
    )

    class Meta:
        model = Block
        fields = ("email", "phone", "document", "reason")

    def _get_validation_exclusions(self) -> set[str]:
        """Leave what may be written down to the service, which knows more spellings than the columns do."""
        return {*super()._get_validation_exclusions(), *self.fields}  # type: ignore[misc]
