"""Somebody who sits at the desk, for tests."""

from io import StringIO
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from accounts.models import User


def member(*, role: str, name: str = "Dona Ana") -> User:
    """Return a member of the team with a role from the table of roles, never a superuser."""
    call_command("sync_roles", stdout=StringIO())
    user = User.objects.create_user(f"{role}@balcao.example", "uma-senha-bem-comprida", name=name, is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    return user


def at_desk(*, role: str, name: str = "Dona Ana") -> Client:
    """Return a browser in which a member of that role is signed in."""
    client = Client(enforce_csrf_checks=False)
    client.force_login(member(role=role, name=name))
    return client


def messages_of(answer: Any) -> list[str]:
    """Return what the desk said at the top of the page."""
    return [str(message) for message in answer.context["messages"]]


def complaints_of(answer: Any) -> list[str]:
    """Return what a form of the desk said was wrong, each with the field it is about."""
    return [str(text) for text in answer.context["desk_page"]["problems"]]


def text_of(answer: Any) -> str:
    """Return the page."""
    content: bytes = answer.content
    return content.decode()
