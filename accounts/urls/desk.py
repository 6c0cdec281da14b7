"""The desk's pages that need no login."""

from django.urls import path

from accounts.admin import sign_in_page, unlock_page

urlpatterns = [
    path("login/", sign_in_page),
    path("unlock/", unlock_page, name="desk-unlock"),
]
