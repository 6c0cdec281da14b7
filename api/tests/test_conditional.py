"""ETag and 304."""

import json
import time
from typing import Any, ClassVar

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from api.conditional import Kept, conditional, kept
from api.permissions import Public
from common.errors import NotFound
from storefront.tests.shop import on_sale, variant


class Window(APIView):
    """Something anyone may read."""

    authentication_classes = []
    permission_classes = [Public]
    data: Any = {"price": "59.90"}

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        return conditional(request, self.data)


def ask(data: Any = None, **meta: Any) -> Any:
    """Return the rendered answer."""
    response = Window.as_view(data=data or {"price": "59.90"})(APIRequestFactory().get("/", **meta))
    if hasattr(response, "render"):
        response.render()
    return response


def test_what_is_new_comes_whole_with_its_tag() -> None:
    response = ask()
    assert (response.status_code, json.loads(response.content)) == (200, {"price": "59.90"})
    assert response["Content-Type"] == "application/json"
    assert response["ETag"].startswith('W/"')
    assert "public" in response["Cache-Control"]
    assert ask({"price": "60.00"})["ETag"] != response["ETag"]


@pytest.mark.parametrize("form", ["{tag}", '"x", {tag}', "*", "{strong}"])
def test_what_is_known_is_not_sent_again(form: str) -> None:
    tag = ask()["ETag"]
    response = ask(HTTP_IF_NONE_MATCH=form.format(tag=tag, strong=tag.removeprefix("W/")))
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("form", ["", '"x"', "W/", 'garbage, "', "é"])
def test_any_other_tag_gets_the_whole(form: str) -> None:
    assert ask(HTTP_IF_NONE_MATCH=form).status_code == 200


class List(APIView):
    """A list that is kept for a moment."""

    authentication_classes = []
    permission_classes = [Public]
    built: ClassVar[list[str]] = []

    def get(self, request: Request) -> HttpResponse:
        """Answer."""
        return kept(request, lambda: self.count(request.get_full_path()))

    def count(self, path: str) -> dict[str, int]:
        """Return how often the list was built; refuse a strange wish."""
        if "strange" in path:
            raise NotFound()
        self.built.append(path)
        return {"built": len(self.built)}


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """Start with nothing kept, and a second for which a list is."""
    settings.LIST_KEPT_SECONDS = 1
    monkeypatch.setattr("api.conditional._kept", Kept(most=2))
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    List.built.clear()
    return List.built


def ask_list(path: str = "/", **meta: Any) -> Any:
    """Return the rendered list."""
    response = List.as_view()(APIRequestFactory().get(path, **meta))
    if hasattr(response, "render"):
        response.render()
    return response


def test_the_same_question_within_a_second_gets_the_same_body(
    built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = ask_list(), ask_list()
    assert built == ["/"]
    assert first.content == again.content == b'{"built":1}'
    assert first["ETag"] == again["ETag"]
    assert ask_list(HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    monkeypatch.setattr(time, "monotonic", lambda: 1001.0)
    assert ask_list().content == b'{"built":2}'
    assert ask_list(HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_another_page_host_or_language_is_another_question(built: list[str]) -> None:
    ask_list()
    ask_list("/?page=2")
    ask_list("/?page=2", HTTP_HOST="localhost")
    with translation.override("en"):
        ask_list("/?page=2", HTTP_HOST="localhost")
    assert len(built) == 4


def test_no_more_is_kept_than_there_is_room_for(built: list[str]) -> None:
    for page in "1232":
        ask_list(f"/?page={page}")
    assert built == ["/?page=1", "/?page=2", "/?page=3"]
    ask_list("/?page=1")
    assert len(built) == 4


def test_a_refusal_is_not_kept(built: list[str]) -> None:
    assert [ask_list("/?strange").status_code for _time in range(2)] == [404, 404]
    assert ask_list("/").status_code == 200


def test_the_list_of_products_shows_a_change_a_second_later(
    built: list[str], client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def names() -> list[str]:
        return [product["name"] for product in client.get("/api/v1/products/").json()["results"]]

    on_sale("Bolo", variant("BOLO", "59.90"), stock=1)
    assert names() == ["Bolo"]
    on_sale("Pão", variant("PAO", "2.50"), stock=1)
    assert names() == ["Bolo"]
    monkeypatch.setattr(time, "monotonic", lambda: 1001.0)
    assert names() == ["Bolo", "Pão"]
