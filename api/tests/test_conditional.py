"""ETag and 304."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from api.conditional import conditional
from api.permissions import Public


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
