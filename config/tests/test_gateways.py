"""The gateways of the settings: one that is chosen or begun is whole, or the shop does not start and says why."""

from typing import Any

import pytest

from config.settings.gateways import PARTS
from config.tests.test_settings import SECRETS, load, shown
from payments.gateways import registry

SANDBOX = {
    "SANDBOX_URL": "http://127.0.0.1:8100/",
    "SANDBOX_KEY": "key-of-a-test",
    "SANDBOX_SECRET": "secret-of-a-test",
}


def complaint(**environment: str) -> str:
    done = load(code="settings.DEBUG", module="offline", **environment)
    assert done.returncode == 1
    assert not any(value in done.stderr for value in SANDBOX.values() if value != SANDBOX["SANDBOX_URL"])
    [line] = done.stderr.splitlines()
    return line


def test_without_any_variable_no_gateway_is_configured() -> None:
    assert shown("settings.PAYMENT_ACCESS", module="offline") == {}
    assert shown("settings.PAYMENT_GATEWAYS", module="offline") == {"pix": "pix", "card": ""}


@pytest.mark.parametrize("method", ["PIX_GATEWAY", "CARD_GATEWAY"])
def test_a_chosen_gateway_names_what_it_lacks_with_an_example(method: str) -> None:
    assert complaint(**{method: "sandbox"}) == (
        f"{method}=sandbox needs SANDBOX_URL, SANDBOX_KEY, SANDBOX_SECRET too; for example "
        "SANDBOX_URL=http://127.0.0.1:8100 SANDBOX_KEY=a-key-of-your-own-choice "
        "SANDBOX_SECRET=a-secret-of-your-own-choice."
    )


@pytest.mark.parametrize("name", sorted(SANDBOX))
def test_a_gateway_that_is_begun_is_finished(name: str) -> None:
    said = complaint(**{one: value for one, value in SANDBOX.items() if one != name})
    assert f" needs {name} too; for example {name}=" in said


@pytest.mark.parametrize(
    ("name", "value"), [("CARD_GATEWAY", "paypal"), ("CARD_GATEWAY", "pix"), ("PIX_GATEWAY", "Sandbox")]
)
def test_an_unknown_gateway_ends_the_start(name: str, value: str) -> None:
    assert complaint(**{name: value}).startswith(f"{name}={value} is not one of ")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "SANDBOX_URL",
            "127.0.0.1:8100",
            "SANDBOX_URL is not an address of http or https; for example SANDBOX_URL=http",
        ),
        ("SANDBOX_KEY", "two words", "SANDBOX_KEY is not a key of letters, digits and signs; for example SANDBOX_KEY="),
    ],
)
def test_a_part_that_cannot_be_right_is_named(name: str, value: str, said: str) -> None:
    assert complaint(**{**SANDBOX, name: value}).startswith(said)


def test_a_gateway_may_be_there_without_being_chosen() -> None:
    found = shown("settings.PAYMENT_ACCESS", module="offline", **SANDBOX)
    assert found == {"sandbox": {"url": "http://127.0.0.1:8100", "key": "key-of-a-test", "secret": "secret-of-a-test"}}


def test_play_money_is_not_taken_in_production() -> None:
    done = load(code="settings.DEBUG", **SECRETS, **SANDBOX)
    assert done.returncode == 1
    assert "The sandbox takes play money and has no place in production; unset" in done.stderr


def test_whatever_can_be_configured_has_an_adapter(settings: Any) -> None:
    assert set(registry.REMOTE) == set(PARTS)
    for name, parts in PARTS.items():
        assert registry.remote(name) is None
        settings.PAYMENT_ACCESS = {name: {argument: one.example for argument, one in parts.items()}}
        gateway = registry.remote(name)
        assert gateway is not None
        assert gateway.name == name
        assert gateway.remote
        assert registry.remote(name) is gateway, "made once"
        assert registry.shown_name(name) != name
        settings.PAYMENT_ACCESS = {}


def test_an_adapter_that_is_not_configured_is_not_loaded() -> None:
    code = (
        "import django, sys; django.setup(); import payments.gateways.registry as r; r.all_remote();"
        "loaded = {'payments.gateways.' + name for name in r.REMOTE} | {'stripe'};"
        "assert not loaded & set(sys.modules), loaded & set(sys.modules); print(sorted(r.REMOTE))"
    )
    done = load(code=code, module="offline")
    assert done.returncode == 0, done.stderr
    assert "sandbox" in done.stdout
