"""The desk's pages about one's own login."""

from django.contrib import admin
from django.urls import path

from accounts.admin import PasswordPage, sign_in_page, unlock_page

urlpatterns = [
    path("login/", sign_in_page),
    path("unlock/", unlock_page, name="desk-unlock"),
    path("password_change/", admin.site.admin_view(PasswordPage.as_view())),
]
