"""Routes of people, below /api/v1/."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("auth/register/", views.RegistrationView.as_view(), name="auth-register"),
    path("auth/token/", views.SignInView.as_view(), name="auth-token"),
    path("auth/token/second-factor/", views.SecondFactorView.as_view(), name="auth-second-factor"),
    path("auth/token/refresh/", views.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout/", views.SignOutView.as_view(), name="auth-logout"),
    path("auth/verify-email/", views.EmailVerificationView.as_view(), name="auth-verify-email"),
    path("auth/password-reset/", views.PasswordResetView.as_view(), name="auth-password-reset"),
    path(
        "auth/password-reset/confirm/",
        views.PasswordResetConfirmationView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path("me/", views.MeView.as_view(), name="me"),
    path("me/password/", views.PasswordView.as_view(), name="me-password"),
    path("me/sessions/", views.SessionsView.as_view(), name="me-sessions"),
    path("me/sessions/<uuid:public_id>/", views.SessionView.as_view(), name="me-session"),
    path("me/addresses/", views.AddressesView.as_view(), name="me-addresses"),
    path("me/addresses/<uuid:public_id>/", views.AddressView.as_view(), name="me-address"),
    path("addresses/lookup/", views.LookupView.as_view(), name="addresses-lookup"),
]
