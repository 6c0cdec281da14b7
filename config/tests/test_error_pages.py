"""What a person reads when something is wrong: a page of the shop, in their language."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from backoffice.tests.desk import at_desk, text_of
from config import urls


def _raising(problem: Exception) -> Callable[[HttpRequest], Any]:
    def view(request: HttpRequest) -> Any:
        raise problem

    return view


urlpatterns = [
    path("admin/broken/", _raising(ZeroDivisionError())),
    path("broken/", _raising(ZeroDivisionError())),
    path("closed/", _raising(PermissionDenied())),
    path("odd/", _raising(SuspiciousOperation())),
    path("away/", _raising(OperationalError("connection refused"))),
    *urls.urlpatterns,
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "portuguese", "english"),
    [
        ("/nada/", 404, "Não há nada aqui", "There is nothing here"),
        ("/closed/", 403, "Isto não está aberto para você", "This is not open to you"),
        ("/odd/", 400, "Isto não pode ser lido", "This request cannot be read"),
        ("/%FF/", 400, "Isto não pode ser lido", "This request cannot be read"),
        ("/broken/", 500, "Algo deu errado do nosso lado", "Something went wrong on our side"),
        ("/admin/broken/", 500, "Algo deu errado do nosso lado", "Something went wrong on our side"),
        ("/away/", 503, "Indisponível por um momento", "Temporarily unavailable"),
    ],
)
def test_each_is_a_page_in_the_visitors_language(address: str, status: int, portuguese: str, english: str) -> None:
    client = Client(raise_request_exception=False)
    for language, text in (("pt-BR", portuguese), ("en", english)):
        answer = client.get(address, HTTP_ACCEPT_LANGUAGE=language)
        page = text_of(answer)
        assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")
        assert f"<h1>{text}</h1>" in page
        assert 'name="viewport"' in page
        assert ("/admin/" in page) is address.startswith("/admin/")


@pytest.mark.django_db
def test_the_desk_says_no_on_pages_of_its_own() -> None:
    counter = at_desk(role="counter")
    for address, status, text in (
        ("/admin/accounts/user/", 403, "Isto não está aberto para você"),
        ("/admin/nada/", 404, "Não há nada aqui"),
    ):
        answer = counter.get(address, HTTP_ACCEPT_LANGUAGE="pt-BR")
        assert answer.status_code == status
        assert f"<h1>{text}</h1>" in text_of(answer)
        assert "Para a primeira página do painel" in text_of(answer)


@pytest.mark.django_db
def test_a_form_without_its_secret_is_told_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {}, HTTP_ACCEPT_LANGUAGE="pt-BR")
    assert answer.status_code == 403
    assert "<h1>Este formulário está velho demais</h1>" in text_of(answer)
