"""When `make run` starts a sandbox, and where: never in the place of what somebody chose."""

from pathlib import Path
from typing import Any

import pytest

from devstack import ports, shop
from devstack.shop import Place


def chosen(tmp_path: Path, *, host: str = "127.0.0.1", **environment: str) -> Any:
    return shop.choose_sandbox(environment, place=Place(host, ports.free_port()), var=tmp_path)


def test_cards_and_pix_are_paid_there_unless_somebody_chose(tmp_path: Path) -> None:
    found = chosen(tmp_path)
    assert (found.variables["CARD_GATEWAY"], found.variables["PIX_GATEWAY"]) == ("sandbox", "sandbox")
    assert found.url == f"http://127.0.0.1:{found.port}"
    own_pix = chosen(tmp_path, PIX_GATEWAY="pix")
    assert (own_pix.variables["CARD_GATEWAY"], own_pix.variables["PIX_GATEWAY"]) == ("sandbox", "pix")
    assert chosen(tmp_path, PIX_GATEWAY="pix", CARD_GATEWAY="") is None
    assert chosen(tmp_path, SANDBOX_URL="http://192.0.2.1:8100") is None


def test_other_settings_choose_for_themselves(tmp_path: Path) -> None:
    assert chosen(tmp_path, DJANGO_SETTINGS_MODULE="config.settings.production") is None


def test_its_secrets_stay_from_run_to_run_and_are_not_the_shops(tmp_path: Path) -> None:
    first, again = chosen(tmp_path).variables, chosen(tmp_path).variables
    assert first["SANDBOX_KEY"] == again["SANDBOX_KEY"]
    assert len({first["SANDBOX_KEY"], first["SANDBOX_SECRET"]}) == 2
    assert chosen(tmp_path, SANDBOX_KEY="mine").variables["SANDBOX_KEY"] == "mine"
    assert "mine" not in " ".join(chosen(tmp_path, SANDBOX_KEY="mine").command(var=tmp_path))


@pytest.mark.parametrize(
    ("host", "public", "hostname"),
    [("127.0.0.1", "https://shop.example", "127.0.0.1"), ("0.0.0.0", "http://192.0.2.7:8000", "192.0.2.7")],
)
def test_it_is_reached_as_the_shop_is(tmp_path: Path, host: str, public: str, hostname: str) -> None:
    found = chosen(tmp_path, host=host, PUBLIC_URL=public)
    assert (found.host, found.url) == (host, f"http://{hostname}:{found.port}")
