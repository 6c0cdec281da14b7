"""People for tests, in one line each."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from django.contrib.auth.models import Group

from accounts import services as accounts
from accounts.models import Customer, User
from common.actors import Actor

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
VISITOR = accounts.Visitor(door="api", address="203.0.113.9")
PASSWORD = "pao-de-queijo-quentinho"
CPF = "52998224725"
OTHER_CPF = "11144477735"
CNPJ = "11222333000181"
LETTERED_CNPJ = "12ABC34501DE35"

_numbers = count(1)


def user(**fields: Any) -> User:
    """Return a saved login whose password is PASSWORD."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "email": f"pessoa{number}@exemplo.com.br",
        "name": f"Pessoa {number}",
        "joined_at": NOW,
        "email_verified_at": NOW,
    } | fields
    return User.objects.create_user(password=PASSWORD, **values)


def customer(**fields: Any) -> Customer:
    """Return a saved customer with a login; `user=None` for one without."""
    login = fields.pop("user") if "user" in fields else user()
    number = next(_numbers)
    values = {
        "name": login.name if login else f"Cliente {number}",
        "email": login.email if login else f"cliente{number}@exemplo.com.br",
    }
    return Customer.objects.create(user=login, created_at=NOW, **(values | fields))


def member(role: str = "owner", **fields: Any) -> User:
    """Return a saved member of the team with a role, which may have no permissions yet."""
    login = user(is_staff=True, **fields)
    login.groups.add(Group.objects.get_or_create(name=role)[0])
    return login


def session(login: User, now: datetime = NOW) -> accounts.TokenPair:
    """Sign a login of these factories in."""
    return accounts.sign_in(email=login.email, password=PASSWORD, visitor=VISITOR, now=now)


def address(**fields: Any) -> accounts.AddressFields:
    """Return what a customer writes of an address."""
    written: dict[str, Any] = {
        "postal_code": "01310100",
        "street": "Avenida Paulista",
        "number": "1578",
        "district": "Bela Vista",
        "city": "São Paulo",
        "state": "SP",
    }
    return cast(accounts.AddressFields, written | fields)


def actor(login: User) -> Actor:
    """Return who acts at the desk as this login."""
    return Actor(kind="staff", id=str(login.pk), door="desk")
