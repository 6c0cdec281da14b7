"""The desk's pages about people: the team, and the customers. What changes goes through `accounts.services`."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from accounts.admin.customers import BlockAdmin, CustomerAdmin
from accounts.admin.team import PasswordPage, SignInAttemptAdmin, UserAdmin

__all__ = ["BlockAdmin", "CustomerAdmin", "PasswordPage", "SignInAttemptAdmin", "UserAdmin"]

# Roles are code: nobody edits a group by hand. Nor does anybody see the secrets of somebody else's second step.
for model in (Group, TOTPDevice, WebAuthnCredential):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
