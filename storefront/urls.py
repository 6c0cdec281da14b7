"""Routes of the shop window, below /api/v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
