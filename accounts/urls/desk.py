"""The desk's pages about one's own login."""

from django.contrib import admin
from django.urls import path

from accounts.admin import PasswordPage
from accounts.pages.places import DESK
from accounts.pages.signing_in import SecondStepPage, desk_sign_in_page, unlock_page
from accounts.urls.security import security_pages

urlpatterns = [
    path("login/", desk_sign_in_page),
    path("login/second-step/", SecondStepPage.as_view(place=DESK), name="desk-second-step"),
    path("unlock/", unlock_page, name="desk-unlock"),
    path("password_change/", admin.site.admin_view(PasswordPage.as_view())),
    *security_pages(DESK, "security/", app="app/", passkey="passkey/", prove="prove/", codes="codes/"),
]
