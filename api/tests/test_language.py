"""Answers speak the language that was asked for, by cookie or header, and say which; an address never chooses one."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

MISSING = "/api/v1/orders/NOSUCHONE/"

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("pt-BR", "pt-br"),
        ("en", "en"),
        ("en-GB,en;q=0.8", "en"),
        ("xx", "pt-br"),
        ("", "pt-br"),
        ("en;q=nonsense", "pt-br"),
    ],
)
def test_the_header_chooses(client: Client, asked: str, language: str) -> None:
    answer = client.get(MISSING, headers={"accept-language": asked})
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_both_languages_say_it_in_their_words(client: Client) -> None:
    titles = {client.get(MISSING, headers={"accept-language": asked}).json()["title"] for asked in ("pt-BR", "en")}
    assert len(titles) == 2


def test_the_cookie_goes_before_the_header_on_a_page(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.get("/admin/login/", headers={"accept-language": "pt-BR"})
    assert answer.headers["Content-Language"] == "en"


def test_an_address_that_begins_with_a_language_is_only_an_address(client: Client) -> None:
    answer = client.get("/en/api/v1/products/", headers={"accept-language": "pt-BR"})
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == "pt-br"


def test_the_next_request_does_not_inherit_it(client: Client) -> None:
    client.get(MISSING, headers={"accept-language": "en"})
    assert client.get(MISSING).headers["Content-Language"] == "pt-br"
    assert translation.get_language() == "pt-br"
