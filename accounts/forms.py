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
from accounts.errors import EmailTaken, InvalidCredentials
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

ROLE_SHORT = {"owner": _("Owner"), "counter": _("Counter"), "professional": _("Professional")}
ROLE_NAMES = {
    "owner": _("Owner: everything the shop needs every day, prices, settings and the team"),
    "counter": _("Counter: orders, stock and money at the counter"),
    "professional": _("Professional: their own agenda"),
}


def role_choices() -> list[tuple[str, Any]]:
    """Return the roles there are, each with a sentence that says what it is for."""
    names = Group.objects.order_by("pk").values_list("name", flat=True)
    return [(name, ROLE_NAMES.get(name, name)) for name in names]


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


class DeskSignInForm(AuthenticationForm):  # type: ignore[misc]
    """The desk's door, guarded by the same lock as the API's."""

    def clean(self) -> dict[str, Any]:
        """Let in a member of the team whose password fits; `locked` is the code of a door that is closed."""
        typed: dict[str, Any] = self.cleaned_data
        if typed.get("username") and typed.get("password"):
            visitor = accounts.visitor_of(
                meta=self.request.META, door="desk", device_token=self.request.COOKIES.get(DEVICE_COOKIE, "")
            )
            try:
                self.user_cache = accounts.check_credentials(
                    email=typed["username"],
                    password=typed["password"],
                    visitor=visitor,
                    now=clock.now(),
                    team_only=True,
                )
            except InvalidCredentials as refusal:
                raise self.get_invalid_login_error() from refusal
            except TooManyRequests as refusal:
                raise forms.ValidationError(str(refusal.detail), code="locked") from refusal
        return typed


class DeskPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """Somebody of the team changes their own password; it ends their other sessions at both doors."""

    def __init__(self, *args: Any, session: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    def save(self, commit: bool = True) -> User:
        """Store the new password and return the login as it is now."""
        changed = accounts.change_password(
            user=self.user,
            session=self.session,
            current=self.cleaned_data["old_password"],
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
