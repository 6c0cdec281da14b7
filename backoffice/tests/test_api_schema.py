"""The API against its own description: generated requests, sensible and absurd, through the whole stack.

Whatever comes in, no answer is a 5xx, none has a status or content type the description does not know, every body has
the shape described, and every refusal is problem+json.
"""

from collections import Counter
from typing import Any, cast

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.tests import factories as people
from common import clock
from orders.tests.factories import ordered, stocked
from scheduling.tests.factories import salon

pytestmark = pytest.mark.django_db(transaction=True)

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 5

generator: Any = cast("Any", SchemaGenerator)()
description = generator.get_schema(request=None, public=True)
schema = schemathesis.openapi.from_dict(description)
schema.app = get_wsgi_application()
found: list[Any] = [result.ok() for result in cast("Any", schema).get_all_operations()]
OPERATIONS = {f"{one.method.upper()} {one.path}": one for one in found}


def owners_token() -> str:
    """Sign the owner in; the roles have their permissions."""
    call_command("sync_roles", verbosity=0)
    return str(people.session(people.member("owner"), now=clock.now()).access)


@pytest.fixture(autouse=True)
def a_shop() -> None:
    """Something to find: goods, an order, a professional. Hosts are whatever the generator says."""
    stocked(sku="BOLO", units=50, price="59.90")
    ordered(units={"BOLO": 1})
    salon()


def test_the_description_covers_every_app() -> None:
    parts = {name.split("/api/v1/")[1].split("/")[0] for name in OPERATIONS}
    assert {"carts", "orders", "products", "stock", "slots", "appointments", "auth", "me", "shop"} <= parts
    assert len(OPERATIONS) >= 50


@pytest.mark.parametrize("who", ["guest", "owner"])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_request_is_answered_otherwise_than_described(name: str, who: str) -> None:
    proof = {"Authorization": f"Bearer {owners_token()}"} if who == "owner" else {}
    sensible = OPERATIONS[name].as_strategy(generation_mode=GenerationMode.POSITIVE)
    answered: Counter[int] = Counter()

    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(sensible, OPERATIONS[name].as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    def ask(case: Any) -> None:
        response = case.call(base_url="http://testserver", headers=proof)
        answered[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            kind = response.headers["content-type"][0]
            assert kind.startswith("application/problem+json"), (response.status_code, kind)

    ask()
    assert answered
