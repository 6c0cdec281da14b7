"""The desk's pages about the team: its members, one's own password, and who came in.

The list of logins shows the team only, and superusers to superusers alone.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import PasswordChangeView
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action

from accounts import services as accounts
from accounts.forms import ROLE_SHORT, DeskPasswordForm, InvitationForm, MemberForm, NewPasswordForm
from accounts.models import SignInAttempt, User
from accounts.pages.places import DESK, session_of, visitor_of
from common import clock
from common.errors import Malformed, NotFound, Refusal
from desk.admin import DeskAdmin, desk_actor
from desk.pages import FramedPages, Question, ReadOnlyAdmin, asked_first, page_response
from desk.refusals import explained
from pages.links import opened_by_link, token_of


@sensitive_post_parameters()
@never_cache
@csrf_protect
@opened_by_link
def _welcome_page(request: HttpRequest) -> HttpResponse:
    uid, _dot, token = token_of(request).partition(".")
    user = accounts.invited(uid=uid, token=token)
    context: dict[str, Any] = {"title": gettext("Welcome")}
    if user is None:
        return page_response(request, "accounts/welcome.html", context, status=404)
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            accounts.accept_invitation(uid=uid, token=token, password=form.cleaned_data["password"], now=clock.now())
        except Malformed as refusal:
            for complaint in refusal.errors:
                form.add_error("password", complaint.detail)
        else:
            messages.success(request, gettext("Your password is saved. Sign in with it."))
            return HttpResponseRedirect(reverse("admin:login"))
    context |= {"form": form, "name": user.get_short_name(), "email": user.email}
    return page_response(request, "accounts/welcome.html", context)


class PasswordPage(PasswordChangeView):
    """A member of the team changes their own password; the session that does so goes on."""

    form_class = DeskPasswordForm
    success_url = reverse_lazy("admin:password_change_done")
    template_name = "registration/password_change_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say who asks, and name the session that goes on."""
        visitor = visitor_of(self.request, place=DESK)
        return {**super().get_form_kwargs(), "session": session_of(self.request), "visitor": visitor}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the desk's frame shows."""
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnlyAdmin):
    """Who came in, who was turned away, and whence."""

    list_display = ("at", "email", "step", "outcome", "door", "address", "agent")
    list_filter = ("outcome", "step", "door")
    search_fields = ("email", "address")
    search_help_text = _("E-mail or address on the internet")
    ordering = ("-at", "-pk")
    show_full_result_count = False

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Find attempts by a part of either: the dots of an address are no marks."""
        return Q(email__icontains=text.strip()) | Q(address__icontains=text.strip())


@admin.register(User)
class UserAdmin(FramedPages, DeskAdmin):
    """The team."""

    list_display = ("shown_name", "email", "role", "shown_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("name", "email")
    search_words = ("name",)
    search_also = ("email",)
    ordering = ("sort_key", "pk")
    fieldsets = ((None, {"fields": ("name", "email", "role", "is_active")}),)
    add_fieldsets = ((None, {"fields": ("name", "email", "role")}),)
    actions_detail = ("new_link", "remove_factors")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return the team, without superusers unless one is looking."""
        team = super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")
        return team if request.user.is_superuser else team.filter(is_superuser=False)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the invitation for somebody new, the member's form for everybody else."""
        kwargs["form"] = MemberForm if obj else InvitationForm
        kwargs["fields"] = kwargs["form"].Meta.fields
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Keep the e-mail of an existing login as it is."""
        return ("email",) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Leave superusers to the command line. Unfold asks with a bare id too, and then means the page."""
        superuser = isinstance(obj, User) and obj.is_superuser
        return bool(super().has_change_permission(request, obj)) and not superuser

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never delete a login: it is switched off."""
        return False

    @admin.display(description=_("name"), ordering="sort_key")
    def shown_name(self, user: User) -> str:
        """Show what the person is called."""
        return user.name

    @admin.display(description=_("Role"))
    def role(self, user: User) -> str:
        """Name what the person may do."""
        names = [str(ROLE_SHORT.get(group.name, group.name)) for group in user.groups.all()]
        return ", ".join(names) or ("superuser" if user.is_superuser else "-")

    @admin.display(description=_("Active"), boolean=True, ordering="is_active")
    def shown_active(self, user: User) -> bool:
        """Say whether the person can sign in."""
        return user.is_active

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Invite somebody, or change a member."""
        cleaned = form.cleaned_data
        now = clock.now()
        if change:
            accounts.change_member(
                user=obj,
                name=cleaned["name"],
                role=cleaned["role"],
                is_active=cleaned["is_active"],
                actor=desk_actor(request),
                now=now,
            )
            return
        invitation = accounts.invite(email=cleaned["email"], name=cleaned["name"], role=cleaned["role"], now=now)
        obj.pk = invitation.user.pk
        self._show_link(request, invitation)

    @action(description=_("New link to choose a password"), permissions=["change"])
    def new_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, and show a fresh link for somebody who forgot the password or never chose one."""
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        back = reverse("admin:accounts_user_change", args=[user.pk])
        question = Question(
            title=gettext("New link to choose a password"),
            intro=gettext("Whoever has the link chooses the password of %(name)s. The link is shown to you alone.")
            % {"name": user.name},
            submit=gettext("Show the link"),
            back=back,
        )
        if (asked := asked_first(request, admin=self, question=question, obj=user)) is not None:
            return asked
        try:
            self._show_link(request, accounts.renew_invitation(user=user))
        except Refusal as refusal:
            messages.error(request, explained(refusal))
        return HttpResponseRedirect(back)

    @action(description=_("Remove the second step"), permissions=["change"], url_path="remove-factors")
    def remove_factors(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then remove the second step of somebody who lost their device."""
        user = self.get_object(request, object_id)
        if user is None:
            raise Http404
        address = reverse("admin:accounts_user_change", args=[user.pk])
        question = Question(
            title=gettext("Remove the second step"),
            intro=gettext(
                "%(name)s will sign in with the password alone until a new second step is set up. Do this only if you "
                "are sure who asks: call back, or meet in person. It is recorded, and %(name)s is told by e-mail."
            )
            % {"name": user.name},
            submit=gettext("Remove the second step"),
            back=address,
            danger=True,
        )
        if (asked := asked_first(request, admin=self, question=question, obj=user)) is not None:
            return asked
        back = HttpResponseRedirect(address)
        try:
            accounts.remove_factors(user=user, actor=desk_actor(request), now=clock.now())
        except NotFound:
            messages.error(request, gettext("%(name)s has no second step.") % {"name": user.name})
            return back
        self.log_change(request, user, gettext("The second step was removed."))
        text = gettext("%(name)s now signs in with the password alone, and was told by e-mail.")
        messages.success(request, text % {"name": user.name})
        return back

    def get_urls(self) -> list[URLPattern]:
        """Add the page behind the invitation's link, which needs no login."""
        welcome = path("welcome/", self.welcome, name="accounts_user_welcome")
        return [welcome, *super().get_urls()]

    def _show_link(self, request: HttpRequest, invitation: accounts.Invitation) -> None:
        page = request.build_absolute_uri(reverse("admin:accounts_user_welcome"))
        text = gettext("Send this link to %(name)s, by WhatsApp for example. It works once, for a few days:")
        shown = text % {"name": invitation.user.name}
        link = f"{page}?token={invitation.uid}.{invitation.token}"
        messages.success(request, format_html("{} <br><b>{}</b>", shown, link))

    def welcome(self, request: HttpRequest) -> HttpResponseBase:
        """Let an invited person choose a password."""
        return _welcome_page(request)
