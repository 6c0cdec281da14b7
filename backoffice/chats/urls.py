"""The pages' addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.chats import views

app_name = "chats"

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    path("send/", admin.site.admin_view(views.send), name="send"),
    path("sent/", admin.site.admin_view(views.sent), name="sent"),
    path("sent/<int:pk>/take-back/", admin.site.admin_view(views.take_back), name="take_back"),
    path("words/", admin.site.admin_view(views.words), name="words"),
    path("words/<str:occasion>/", admin.site.admin_view(views.rewrite), name="rewrite"),
]
