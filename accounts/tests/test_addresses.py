"""Addresses, and looking one up at a local stand-in for the postal-code service."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Self
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts import selectors
from accounts import services as accounts
from accounts.errors import LookupNotOffered, LookupUnavailable, TooManyAddresses
from accounts.gateways.postal_codes import Place, PostalCodeService
from accounts.models import Address, User
from accounts.services.addresses import MAX_ADDRESSES
from accounts.tests import factories
from accounts.tests.factories import NOW
from common.errors import NotFound
from common.testing import race

PAULISTA = {"cep": "01310-100", "logradouro": "Avenida Paulista", "bairro": "Bela Vista", "localidade": "São Paulo",
            "uf": "SP"}  # fmt: skip


def add(user: User, **fields: object) -> Address:
    return accounts.add_address(user=user, address=factories.address(**fields), now=NOW)


def defaults(user: User) -> list[str]:
    return [address.label for address in selectors.addresses_of(user=user) if address.is_default]


@pytest.mark.django_db
def test_the_first_address_is_the_default_and_another_can_become_it() -> None:
    user = factories.user()

    add(user, label="casa")
    add(user, label="trabalho")
    assert defaults(user) == ["casa"]
    add(user, label="praia", is_default=True)

    assert defaults(user) == ["praia"]
    assert [address.label for address in selectors.addresses_of(user=user)] == ["praia", "casa", "trabalho"]


@pytest.mark.django_db
def test_changing_an_address() -> None:
    user = factories.user()
    home, work = add(user, label="casa"), add(user, label="trabalho")

    accounts.change_address(user=user, public_id=work.public_id, changes={"number": "10", "is_default": True}, now=NOW)
    accounts.change_address(user=user, public_id=work.public_id, changes={"is_default": False}, now=NOW)

    work.refresh_from_db()
    home.refresh_from_db()
    assert (work.number, work.is_default, home.is_default) == ("10", True, False)


@pytest.mark.django_db
def test_removing_the_default_passes_the_mark_on() -> None:
    user = factories.user()
    home = add(user, label="casa")
    add(user, label="trabalho")
    add(user, label="praia")

    accounts.remove_address(user=user, public_id=home.public_id, now=NOW)

    assert defaults(user) == ["trabalho"]


@pytest.mark.django_db
@pytest.mark.fault("F1")
def test_addresses_of_others_do_not_exist() -> None:
    address, stranger = add(factories.user()), factories.user()

    for public_id in (address.public_id, uuid4()):
        with pytest.raises(NotFound):
            accounts.change_address(user=stranger, public_id=public_id, changes={"number": "10"}, now=NOW)
        with pytest.raises(NotFound):
            accounts.remove_address(user=stranger, public_id=public_id, now=NOW)
        with pytest.raises(NotFound):
            selectors.address_of(user=stranger, public_id=public_id)

    assert Address.objects.get() == address


@pytest.mark.django_db
def test_addresses_are_bounded() -> None:
    user = factories.user()
    for _number in range(MAX_ADDRESSES):
        add(user)

    with pytest.raises(TooManyAddresses) as refused:
        add(user)

    assert refused.value.data == {"max": MAX_ADDRESSES}
    assert Address.objects.count() == MAX_ADDRESSES


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_first_addresses_have_one_default() -> None:
    user = factories.user()

    results = race(workers=8, work=lambda number: add(user, label=str(number), is_default=True))

    assert {type(result) for result in results} == {Address}
    assert Address.objects.filter(is_default=True).count() == 1


@pytest.mark.django_db
def test_the_database_refuses_two_defaults() -> None:
    """The negative control: without the service's lock, the constraint judges."""
    user = factories.user()
    address = add(user)

    with pytest.raises(IntegrityError, match="address_one_default"), transaction.atomic():
        Address.objects.bulk_create([Address(customer=address.customer, is_default=True, **factories.address())])


class Service:
    """A stand-in for the postal-code service on this machine: answers what it is told, in the pace it is told."""

    def __init__(self) -> None:
        self.status, self.body, self.paths = 200, json.dumps(PAULISTA).encode(), list[str]()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.paths.append(self.path)
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ws/{{postal_code}}/json/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with Service() as running:
        settings.POSTAL_CODE_URL = running.url
        yield running


def test_lookup(service: Service) -> None:
    assert accounts.look_up(postal_code="01310100") == Place(
        postal_code="01310100", street="Avenida Paulista", district="Bela Vista", city="São Paulo", state="SP"
    )
    assert service.paths == ["/ws/01310100/json/"]


def test_lookup_in_the_other_dialect(service: Service) -> None:
    service.body = json.dumps(
        {"cep": "01310100", "street": "Avenida Paulista", "neighborhood": None, "city": "São Paulo", "state": "SP"}
    ).encode()

    assert accounts.look_up(postal_code="01310100").district == ""


@pytest.mark.parametrize(("status", "body"), [(200, b'{"erro": true}'), (200, b'{"erro": "true"}'), (404, b"{}")])
def test_lookup_of_an_unknown_code(service: Service, status: int, body: bytes) -> None:
    service.status, service.body = status, body

    with pytest.raises(NotFound):
        accounts.look_up(postal_code="99999999")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"[" * 60_000),
        (200, b"{}"),
        (200, json.dumps(PAULISTA | {"uf": "XX"}).encode()),
        (200, json.dumps(PAULISTA | {"localidade": "S\u00e3o\nPaulo"}).encode()),
        (200, b" " * 70_000 + json.dumps(PAULISTA).encode()),
        (200, b"\xff\xfe\xfa"),
    ],
)
def test_lookup_at_a_service_that_speaks_nonsense(service: Service, status: int, body: bytes) -> None:
    service.status, service.body = status, body

    with pytest.raises(LookupUnavailable) as refused:
        accounts.look_up(postal_code="01310100")

    assert refused.value.retry_after == 60


def test_lookup_at_a_service_that_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(LookupUnavailable):
            PostalCodeService(url=f"http://127.0.0.1:{port}/{{postal_code}}").find(postal_code="01310100")


@pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\n", b"x"])
def test_lookup_at_a_service_that_drips_has_one_deadline(drip: bytes) -> None:
    """A byte every now and then resets a socket's own timeout; it must not reset ours."""
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        line, _address = listener.accept()
        with line:
            while not over.wait(0.05):
                try:
                    line.sendall(drip)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/{{postal_code}}"
        with pytest.raises(LookupUnavailable):
            PostalCodeService(url=url, timeout=0.3).find(postal_code="01310100")
        over.set()
        thread.join(timeout=5)

    assert not thread.is_alive()


def test_lookup_where_no_service_is_set_up(settings: Settings) -> None:
    settings.POSTAL_CODE_URL = ""

    with pytest.raises(LookupNotOffered):
        accounts.look_up(postal_code="01310100")
