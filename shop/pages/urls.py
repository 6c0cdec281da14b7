"""Route of the page at the shop's bare address."""

from django.urls import path

from shop.pages import views

urlpatterns = [path("", views.home, name="home")]
