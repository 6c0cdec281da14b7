"""What is generated for programs, and that it works."""

from pathlib import Path

import pytest
import yaml
from pytest_django.live_server_helper import LiveServer

from devstack import node, window
from devstack.errors import StackError
from devstack.state import ROOT
from orders.models import Order
from storefront.tests.shop import on_sale, variant
from tools import clients, weight

DOCUMENT = {
    "components": {
        "schemas": {
            "Line": {
                "type": "object",
                "required": ["sku", "quantity"],
                "properties": {
                    "sku": {"type": "string", "examples": ["BOLO"]},
                    "quantity": {"type": "integer", "minimum": 2},
                },
            }
        }
    }
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#/components/schemas/Line"}, {"sku": "BOLO", "quantity": 2}),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Line"}}, [{"sku": "BOLO", "quantity": 2}]),
        ({"anyOf": [{"type": "string", "format": "email"}, {"type": "null"}]}, "ana@cliente.example"),
        ({"enum": ["pickup", "delivery"]}, "pickup"),
        ({"type": ["string", "null"], "default": None}, None),
        ({"type": "boolean"}, True),
    ],
)
def test_a_body_shows_what_its_schema_means(schema: dict[str, object], value: object) -> None:
    assert clients.example(schema, document=DOCUMENT) == value


def test_every_operation_is_a_request_of_the_collection_and_fresh(tmp_path: Path) -> None:
    clients.collection(tmp_path)
    made = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.bru")}
    kept = {path.relative_to(clients.BRUNO): path.read_text() for path in clients.BRUNO.rglob("*.bru")}
    assert kept == made, "run `make client`"
    operations = [
        operation["operationId"]
        for methods in yaml.safe_load(clients.OPENAPI.read_text())["paths"].values()
        for operation in methods.values()
    ]
    assert {path.stem for path in made} - {"collection", "make run"} == set(operations)


def test_a_file_that_two_chunks_need_weighs_once() -> None:
    manifest: weight.Manifest = {
        "main": {"file": "main.js", "imports": ["shared"]},
        "page": {"file": "page.js", "imports": ["shared", "main"]},
        "shared": {"file": "shared.js"},
    }
    assert sorted(weight.needed(manifest, "main", "page")) == ["main.js", "page.js", "shared.js"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.real_clock
def test_the_example_of_the_client_buys_something(live_server: LiveServer) -> None:
    try:
        window.install()
    except StackError as failure:
        pytest.skip(failure.problem)
    on_sale("Bolo", variant("BOLO", "42.00"), stock=2)
    done = node.run(str(ROOT / "clients/typescript/example.ts"), live_server.url, seconds=60)
    order = Order.objects.get()
    assert (done.returncode, done.stdout) == (0, f"{order.number} confirmed BRL 42.00 Bolo\n"), done.stderr
