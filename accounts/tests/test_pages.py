"""The pages that letters about an account lead to."""

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from accounts.tests.factories import PASSWORD
from accounts.tests.test_mailboxes import EMAIL, OTHER_PASSWORD, letters, register, sign_in

pytestmark = pytest.mark.django_db

CONFIRM, RESET, FORGOT = "/conta/confirmar-email/", "/conta/nova-senha/", "/conta/esqueci-a-senha/"


def test_looking_at_the_link_confirms_nothing_and_the_button_does(client: Client) -> None:
    page = f"{CONFIRM}?token={register()}"
    moved = client.get(page)
    assert (moved.status_code, moved["Location"], moved["Referrer-Policy"]) == (302, CONFIRM, "strict-origin")
    shown = client.get(CONFIRM)
    assert (shown.status_code, shown["Referrer-Policy"]) == (200, "strict-origin")
    assert "no-store" in shown["Cache-Control"]
    assert User.objects.get().email_verified_at is None

    assert "Seu e-mail está confirmado" in client.post(CONFIRM).content.decode()
    assert User.objects.get().email_verified_at is not None
    assert client.post(page).status_code == 400


def test_from_the_forgotten_password_to_the_new_one(client: Client) -> None:
    factories.user(email=EMAIL)
    assert FORGOT in client.get("/admin/login/").content.decode()
    said = [client.post(FORGOT, {"email": email}).content.decode() for email in (EMAIL, "ninguem@exemplo.com.br")]
    assert all("Se este e-mail tiver uma conta" in page for page in said)
    page = f"{RESET}?token={letters()[0]}"
    assert client.get(page, follow=True).status_code == 200

    easy = client.post(page, {"password": "123", "again": "123"})
    assert easy.context["form"].errors["password"]
    different = client.post(page, {"password": OTHER_PASSWORD, "again": PASSWORD})
    assert different.context["form"].non_field_errors()
    assert (
        "Sua senha foi salva"
        in client.post(page, {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}).content.decode()
    )

    sign_in(EMAIL, OTHER_PASSWORD)
    assert client.get(page, follow=True).status_code == 400
    assert client.post(page, {"password": PASSWORD, "again": PASSWORD}).status_code == 400


@pytest.mark.parametrize("page", [CONFIRM, RESET])
@pytest.mark.parametrize("token", ["", "forged", "\x00"])
def test_forged_links_are_told_so(client: Client, page: str, token: str) -> None:
    form = {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert client.post(page + "?token=" + token, form).status_code == 400
    assert User.objects.count() == 0


def test_an_address_that_is_none_is_told_so(client: Client) -> None:
    assert client.post(FORGOT, {"email": "ana"}).context["form"].errors["email"]


def test_a_form_without_its_proof_of_origin_changes_nothing() -> None:
    token = register()
    assert Client(enforce_csrf_checks=True).post(f"{CONFIRM}?token={token}").status_code == 403
    assert User.objects.get().email_verified_at is None
    accounts.verify_email(token=token, now=User.objects.get().joined_at)
