"""Views and a task that fail with people's data all around them."""

from typing import Any, cast

import structlog
from celery import shared_task
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.permissions import Public
from common import workers
from common.errors import Busy
from config import urls

log = structlog.get_logger(__name__)


class Asked(APIView):
    permission_classes = [Public]

    def post(self, request: Request) -> Response:
        person = cast("dict[str, Any]", request.data)
        try:
            return Response(_greeting(**person))
        except KeyError as problem:
            name = person["name"]
            raise ValueError(f"{name} cannot be greeted") from problem


def _greeting(*, name: str, email: str, phone: str) -> str:
    told = {"name": name, "phone": phone}
    return told[email]


def page(request: HttpRequest, token: str) -> HttpResponse:
    name = request.GET["name"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{name}' -- {name}")
        cursor.execute("SELECT %s::int", [name])
    return HttpResponse(token)


def refused(request: HttpRequest) -> HttpResponse:
    try:
        raise ConnectionRefusedError(request.GET["name"])
    except OSError:
        log.warning("tried_again_later", exc_info=True)
    raise Busy(request.GET["name"])


def asking(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(workers.ask("config.tests.failing.slips", request.GET["name"])))


@shared_task(name="config.tests.failing.fails")
def fails(name: str, email: str) -> None:
    told = {"name": name}
    told.update(missing=told[email])


@shared_task(name="config.tests.failing.slips")
def slips(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [name])
    name.nothing_of_that_name  # type: ignore[attr-defined]  # noqa: B018


urlpatterns = [
    path("api/v1/failing/", Asked.as_view()),
    path("failing/<str:token>/", page),
    path("refused/", refused),
    path("asking/", asking),
    *urls.urlpatterns,
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
