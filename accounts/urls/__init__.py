"""Routes of people, below /api/v1/."""

from django.urls import path

from accounts.views import addresses, factors, profile, signing_in

urlpatterns = [
    path("auth/register/", signing_in.RegistrationView.as_view(), name="auth-register"),
    path("auth/token/", signing_in.SignInView.as_view(), name="auth-token"),
    path("auth/token/second-factor/", signing_in.SecondFactorView.as_view(), name="auth-second-factor"),
    path("auth/token/refresh/", signing_in.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", signing_in.SignOutView.as_view(), name="auth-logout"),
    path("auth/verify-email/", signing_in.EmailVerificationView.as_view(), name="auth-verify-email"),
    path("auth/password-reset/", signing_in.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "auth/password-reset/confirm/",
        signing_in.PasswordResetConfirmationView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("me/", profile.MeView.as_view(), name="me"),
    path("me/password/", profile.PasswordView.as_view(), name="me-password"),
    path("me/verification/", profile.VerificationView.as_view(), name="me-verification"),
    path("me/sessions/", profile.SessionsView.as_view(), name="me-sessions"),
    path("me/sessions/<uuid:public_id>/", profile.SessionView.as_view(), name="me-session"),
    path("me/second-factor/", factors.SecondFactorsView.as_view(), name="me-second-factor"),
    path("me/second-factor/app/", factors.AppView.as_view(), name="me-app"),
    path("me/second-factor/app/confirm/", factors.AppConfirmationView.as_view(), name="me-app-confirm"),
    path("me/second-factor/passkeys/", factors.PasskeysView.as_view(), name="me-passkeys"),
    path("me/second-factor/passkeys/confirm/", factors.PasskeyConfirmationView.as_view(), name="me-passkey-confirm"),
    path("me/second-factor/passkeys/<str:key>/", factors.PasskeyView.as_view(), name="me-passkey"),
    path("me/second-factor/recovery-codes/", factors.RecoveryCodesView.as_view(), name="me-recovery-codes"),
    path("me/addresses/", addresses.AddressesView.as_view(), name="me-addresses"),
    path("me/addresses/<uuid:public_id>/", addresses.AddressView.as_view(), name="me-address"),
    path("addresses/lookup/", addresses.LookupView.as_view(), name="addresses-lookup"),
]
