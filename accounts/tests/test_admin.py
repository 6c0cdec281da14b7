"""The desk's pages about people, as the owner sees them."""

import re
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Customer, RefreshFamily, User
from accounts.tests import factories
from accounts.tests.factories import CPF, NOW, PASSWORD
from backoffice.tests.desk import complaints_of, text_of
from common.testing import statements

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "uma-senha-bem-comprida"


@pytest.fixture
def owner() -> User:
    call_command("sync_roles", stdout=StringIO())
    return factories.member(role="owner", name="Dona Ana")


@pytest.fixture
def desk(owner: User) -> Client:
    """A browser in which the owner is signed in."""
    return at_desk(owner)


def at_desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_the_owner_invites_somebody_who_chooses_a_password(desk: Client) -> None:
    add = reverse("admin:accounts_user_add")
    page = desk.get(add).content.decode()
    assert page.count('name="role"') == 5
    for hidden in ("is_superuser", "user_permissions", 'name="password"', "is_staff"):
        assert hidden not in page

    answer = desk.post(add, {"name": "Bruno", "email": " Bruno@Exemplo.com.br", "role": "counter"}, follow=True)

    user = User.objects.get(email="bruno@exemplo.com.br")
    assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
    assert [group.name for group in user.groups.all()] == ["counter"]
    link = re.search(r"http://testserver(/admin/\S+?)</b>", " ".join(messages_of(answer)))
    assert link

    guest = Client()
    followed = guest.get(link[1])
    assert (followed.status_code, followed["Location"]) == (302, link[1].partition("?")[0])
    assert "Bruno" in guest.get(followed["Location"]).content.decode()
    for passwords in ({"password": "123", "again": "123"}, {"password": NEW_PASSWORD, "again": "outra"}):
        assert guest.post(link[1], passwords).status_code == 200
    user.refresh_from_db()
    assert not user.has_usable_password()
    answer = guest.post(link[1], {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:login"))

    assert accounts.sign_in(
        email="bruno@exemplo.com.br", password=NEW_PASSWORD, visitor=factories.VISITOR, now=NOW
    ).access
    assert guest.get(link[1], follow=True).status_code == 404
    assert guest.post(link[1], {"password": PASSWORD, "again": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    "token", ["", "x.y", "MQ.y", "Nzc3.abc-def", "AAAA.x", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5.x", "x" * 5000, "\n;é"]
)
def test_links_that_nobody_sent(token: str) -> None:
    link = "/admin/accounts/user/welcome/?" + urlencode({"token": token})
    assert Client().get(link, follow=True).status_code == 404
    assert Client().post(link, {"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 404


def test_an_invitation_needs_a_new_address_and_a_role(desk: Client, owner: User) -> None:
    add = reverse("admin:accounts_user_add")

    for wrong in (
        {"name": "Bruno", "email": owner.email.upper(), "role": "counter"},
        {"name": "Bruno", "email": "bruno", "role": "counter"},
        {"name": "Bruno", "email": "bruno@exemplo.com.br", "role": "superuser"},
        {"name": "", "email": "bruno@exemplo.com.br", "role": "counter"},
    ):
        assert desk.post(add, wrong).status_code == 200

    assert User.objects.count() == 1


def test_nobody_smuggles_more_into_the_form(desk: Client) -> None:
    smuggled = {"is_superuser": "on", "user_permissions": "1", "password": "x", "is_staff": "on"}
    desk.post(
        reverse("admin:accounts_user_add"),
        {"name": "Bruno", "email": "bruno@exemplo.com.br", "role": "counter", **smuggled},
    )
    user = User.objects.get(email="bruno@exemplo.com.br")
    change = {"name": "Bruno B.", "role": "professional", "is_active": "on", "email": "x@y.com.br", **smuggled}
    desk.post(reverse("admin:accounts_user_change", args=[user.pk]), change)

    user.refresh_from_db()
    assert (user.name, user.email, user.is_superuser) == ("Bruno B.", "bruno@exemplo.com.br", False)
    assert user.user_permissions.count() == 0
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == ["professional"]


def test_switching_a_member_off_ends_their_sessions(desk: Client) -> None:
    member = factories.member(role="counter")
    factories.session(member)

    desk.post(reverse("admin:accounts_user_change", args=[member.pk]), {"name": member.name, "role": "counter"})

    member.refresh_from_db()
    assert member.is_active is False
    assert RefreshFamily.objects.get().ending == "closed"


@pytest.mark.parametrize("change", [{"role": "owner"}, {"role": "counter", "is_active": "on"}])
def test_nobody_locks_themselves_out(desk: Client, owner: User, change: dict[str, str]) -> None:
    path = reverse("admin:accounts_user_change", args=[owner.pk])

    answer = desk.post(path, {"name": "Outra", **change}, follow=True)

    assert (answer.status_code, len(complaints_of(answer))) == (409, 1)
    assert 'value="Outra"' in text_of(answer)
    owner.refresh_from_db()
    assert (owner.name, owner.is_active) == ("Dona Ana", True)
    assert [group.name for group in owner.groups.all()] == ["owner"]


def test_a_new_link_replaces_a_forgotten_password(desk: Client) -> None:
    member = factories.member(role="counter")

    asked = desk.get(reverse("admin:accounts_user_new_link", args=[member.pk]))
    assert (asked.status_code, "welcome" in text_of(asked)) == (200, False)
    answer = desk.post(reverse("admin:accounts_user_new_link", args=[member.pk]), follow=True)

    link = re.search(r"http://testserver(/admin/\S+?)</b>", " ".join(messages_of(answer)))
    assert link
    Client().post(link[1], {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert accounts.sign_in(email=member.email, password=NEW_PASSWORD, visitor=factories.VISITOR, now=NOW).access


def test_superusers_are_out_of_the_owners_reach(desk: Client) -> None:
    root = User.objects.create_superuser("root@exemplo.com.br", PASSWORD, name="Root")

    assert "root@exemplo.com.br" not in desk.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert desk.get(reverse("admin:accounts_user_change", args=[root.pk])).status_code == 302
    answer = desk.post(reverse("admin:accounts_user_new_link", args=[root.pk]), follow=True)
    assert "/welcome/" not in answer.content.decode()
    desk.post(reverse("admin:accounts_user_change", args=[root.pk]), {"name": "x", "role": "counter"})

    root.refresh_from_db()
    assert (root.name, root.is_superuser) == ("Root", True)


def test_customers_are_not_among_the_team(desk: Client) -> None:
    customer = factories.customer()
    assert customer.user is not None

    assert customer.user.email not in desk.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert desk.get(reverse("admin:accounts_user_change", args=[customer.user.pk])).status_code == 302


def test_customers_are_read_and_blocked(desk: Client) -> None:
    customer = factories.customer(name="Carla Dias", document=CPF, phone="+5511987654321")
    assert customer.user is not None
    accounts.add_address(user=customer.user, address=factories.address(), now=NOW)
    listed = reverse("admin:accounts_customer_changelist")

    assert "529.982.247-25" in desk.get(listed).content.decode()
    page = desk.get(reverse("admin:accounts_customer_change", args=[customer.pk])).content.decode()
    assert "Avenida Paulista" in page
    assert 'name="email"' not in page
    assert 'name="_save"' not in page
    desk.post(listed, {"action": "block", "_selected_action": [customer.pk]})
    assert Customer.objects.get().is_active is False
    desk.post(listed, {"action": "unblock", "_selected_action": [customer.pk]})
    assert Customer.objects.get().is_active is True


def test_a_refused_block_is_told_and_the_others_go_on(desk: Client, owner: User) -> None:
    mine, other = factories.customer(user=owner), factories.customer()
    listed = reverse("admin:accounts_customer_changelist")

    answer = desk.post(listed, {"action": "block", "_selected_action": [mine.pk, other.pk]}, follow=True)

    assert len(messages_of(answer)) == 2
    assert [row.is_active for row in Customer.objects.order_by("pk")] == [True, False]


@pytest.mark.parametrize("page", ["accounts_user", "accounts_customer"])
def test_lists_do_not_ask_more_for_more_rows(desk: Client, page: str) -> None:
    factories.customer()
    factories.member(role="counter")
    desk.get(reverse(f"admin:{page}_changelist"))
    with statements() as few:
        desk.get(reverse(f"admin:{page}_changelist"))
    for _row in range(15):
        factories.customer()
        factories.member(role="counter")
    with statements() as many:
        desk.get(reverse(f"admin:{page}_changelist"))

    assert len(many) == len(few)


@pytest.mark.fault("F14")
@pytest.mark.parametrize(
    ("role", "page", "status"),
    [
        ("counter", "accounts_user_changelist", 403),
        ("counter", "accounts_user_add", 403),
        ("counter", "accounts_customer_changelist", 200),
        ("professional", "accounts_customer_changelist", 403),
        ("professional", "accounts_user_changelist", 403),
        ("owner", "accounts_user_changelist", 200),
        ("owner", "accounts_customer_changelist", 200),
        ("owner", "accounts_customer_add", 403),
    ],
)
def test_pages_by_role(owner: User, role: str, page: str, status: int) -> None:
    assert at_desk(factories.member(role=role)).get(reverse(f"admin:{page}")).status_code == status


def test_the_counter_cannot_block(owner: User) -> None:
    customer = factories.customer()
    counter = at_desk(factories.member(role="counter"))

    counter.post(reverse("admin:accounts_customer_changelist"), {"action": "block", "_selected_action": [customer.pk]})

    customer.refresh_from_db()
    assert customer.is_active


def test_roles_are_not_edited_at_the_desk(desk: Client) -> None:
    assert desk.get("/admin/auth/group/").status_code == 404
    assert Group.objects.count() == 5
