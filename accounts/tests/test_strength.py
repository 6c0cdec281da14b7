"""Which passwords are refused: those that people of this country choose, those that leaked, and the names around them."""

from time import process_time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from rest_framework.test import APIClient

from accounts.models import User
from accounts.strength import country, folded, guesses
from accounts.tests import factories
from accounts.tests.doors import pointers
from operations.demo.logins import DEMO_LOGINS
from shop import services as shop
from shop.models import ShopSettings

pytestmark = pytest.mark.django_db

EASY = [
    "brasil2024",
    "Senha12345",
    "Flamengo2024",
    "Corinthians1910!",
    "Palmeiras@2023",
    "maria123456",
    "MariaJose1985",
    "joaoemaria123",
    "saopaulo1554",
    "SãoPaulo1554",
    "minhasenha123",
    "deusefiel2020",
    "Gabriela2010",
    "amoreterno2015",
    "jesusteama1",
    "Flam3ng0!!2024",
    "Timao2012campeao",
    "Vascodagama1898",
    "coração-valente",
    "Feijoada2024!",
    "Salmo91salmo",
    "Nossa.Senhora.1",
    "mudar12345",
    "trocar@2024",
    "qwertyuiop12",
    "1q2w3e4r5t6y",
    "zaq12wsxcde3",
    "iloveyou2024",
    "Passw0rd2024",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "12345678910a",
    "01012001maria",
    "11987654321",
    "(11) 98765-4321",
    "529.982.247-25",
    "7392018465",
]


def complaints(password: str, user: User | None = None) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as problem:
        return [str(one.code) for one in problem.error_list]
    return []


@pytest.mark.parametrize("password", EASY)
def test_what_people_here_choose_is_refused(password: str) -> None:
    assert complaints(password)


@pytest.mark.parametrize(
    "password",
    ["pao-de-queijo-quentinho", "abacaxi azul correndo", "tesoura chuva 7 janela", "Xk9#vLq2pZ", "gostomuitodecafe"],
)
def test_words_that_have_nothing_to_do_with_each_other_are_good(password: str) -> None:
    assert complaints(password) == []


@pytest.mark.parametrize("login", DEMO_LOGINS, ids=[login.role for login in DEMO_LOGINS])
def test_the_demonstration_keeps_its_own_rule(login: object) -> None:
    assert complaints(login.password) == []  # type: ignore[attr-defined]


def test_the_names_of_the_person_and_of_the_shop_are_no_password() -> None:
    shop.open_settings()
    ShopSettings.objects.update(name="Dois Irmãos Confeitaria")
    person = User(name="Zuleide Kowalczyk", email="zuka77@confeitando.com.br")
    for password in (
        "Kowalczyk2024",
        "zuleide-kowalczyk",
        "confeitando1!",
        "zuka77zuka77",
        "DoisIrmaos2024",
        "Irmãos.Confeitaria",
    ):
        assert complaints(password, person), password
    assert complaints("kowalczyk janela chuva", person) == []


@pytest.mark.parametrize(("language", "words"), [("pt-br", "fácil de adivinhar"), ("en", "easy to guess")])
def test_the_complaint_says_what_helps_in_both_languages(language: str, words: str) -> None:
    with override(language), pytest.raises(ValidationError) as problem:
        validate_password("Flamengo2024")
    assert words in " ".join(problem.value.messages)


def test_every_door_that_takes_a_new_password_judges_it() -> None:
    new = {"email": "ana@exemplo.com.br", "name": "Ana", "password": "Flamengo2024"}
    assert pointers(APIClient().post("/api/v1/auth/register/", new)) == {"/password": "password_easy_to_guess"}
    user = factories.member()
    api = APIClient()
    api.force_authenticate(user)
    body = {"current": factories.PASSWORD, "new": "Flamengo2024"}
    assert pointers(api.post("/api/v1/me/password/", body)) == {"/new": "password_easy_to_guess"}
    browser = Client()
    browser.force_login(user)
    sent = {"old_password": factories.PASSWORD, "new_password1": "Flamengo2024", "new_password2": "Flamengo2024"}
    page = browser.post(reverse("admin:password_change"), sent)
    assert (page.status_code, "fácil de adivinhar" in page.content.decode()) == (200, True)


@pytest.mark.parametrize(
    "text", ["", " ", "!" * 128, "é4@0oi1l!a$" * 11, "password" * 16, "a1" * 64, "😀" * 64, "\u0301" * 9]
)
def test_judging_takes_a_moment_whatever_is_sent(text: str) -> None:
    began = process_time()
    assert guesses(text) >= 1
    assert process_time() - began < 1


def test_the_words_are_written_as_they_are_looked_for() -> None:
    assert len(country()) > 900
    assert [word for word in country() if word != folded(word).lower() or not word.isalnum()] == []
