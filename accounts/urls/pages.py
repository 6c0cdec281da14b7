"""Routes of the pages about one's own account."""

from django.urls import path

from accounts.pages import ConfirmEmailPage, ForgottenPasswordPage, NewPasswordPage

urlpatterns = [
    path("confirmar-email/", ConfirmEmailPage.as_view(), name="account-confirm-email"),
    path("nova-senha/", NewPasswordPage.as_view(), name="account-new-password"),
    path("esqueci-a-senha/", ForgottenPasswordPage.as_view(), name="admin_password_reset"),
]
