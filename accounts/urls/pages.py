"""Routes of the pages about one's own account."""

from django.urls import path

from accounts.pages.letters import ConfirmEmailPage, ForgottenPasswordPage, NewPasswordPage
from accounts.pages.places import ACCOUNT
from accounts.pages.signing_in import SecondStepPage, SignOutPage, sign_in_page
from accounts.urls.security import security_pages

urlpatterns = [
    path("entrar/", sign_in_page, name="account-sign-in"),
    path("entrar/segundo-passo/", SecondStepPage.as_view(place=ACCOUNT), name="account-second-step"),
    path("sair/", SignOutPage.as_view(place=ACCOUNT), name="account-sign-out"),
    *security_pages(ACCOUNT, "seguranca/", app="aplicativo/", passkey="chave/", prove="senha/", codes="codigos/"),
    path("confirmar-email/", ConfirmEmailPage.as_view(), name="account-confirm-email"),
    path("nova-senha/", NewPasswordPage.as_view(), name="account-new-password"),
    path("esqueci-a-senha/", ForgottenPasswordPage.as_view(), name="admin_password_reset"),
]
