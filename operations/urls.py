"""The routes of the operator."""

from django.urls import path

from operations import views

urlpatterns = [path("metrics", views.figures, name="metrics")]
