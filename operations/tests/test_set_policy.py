"""`manage.py set_policy`: what it prints, what it refuses, with which exit code."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from shop import services as shop
from shop.models import PolicyChange
from shop.policy import DEFAULTS, KEYS

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("set_policy", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_changing_a_setting() -> None:
    assert run("transfer_hold_minutes", "1") == ["transfer_hold_minutes: 2880 -> 1"]

    assert shop.policy().transfer_hold_minutes == 1
    change = PolicyChange.objects.get()
    assert (change.actor_kind, change.actor_id, change.door) == ("system", "set_policy", "command")


def test_lists_are_joined_by_commas() -> None:
    assert run("payment_methods", "transfer, on_site") == ["payment_methods: on_site,transfer -> transfer,on_site"]
    assert shop.policy().payment_methods == ("transfer", "on_site")


def test_what_nothing_can_complete_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="card"):
        run("payment_methods", "on_site,card")
    assert shop.policy() == DEFAULTS


def test_a_dry_run_judges_and_changes_nothing() -> None:
    assert run("transfer_hold_minutes", "1", "--dry-run")[0] == "transfer_hold_minutes: 2880 -> 1"
    assert shop.policy() == DEFAULTS
    with pytest.raises(CommandError):
        run("transfer_hold_minutes", "0", "--dry-run")


def test_listing() -> None:
    lines = run("--list")

    assert len(lines) == len(KEYS)
    assert "transfer_hold_minutes = 2880  (1..43200)" in lines
    assert "payment_methods = on_site,transfer" in lines


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("transfer_hold_minutes", "0"), 1, "transfer_hold_minutes"),
        (("nonsense", "1"), 1, "cart_hold_minutes"),
        (("opening_hours", "1"), 1, "cart_hold_minutes"),
        (("transfer_hold_minutes",), 2, "--list"),
        ((), 2, "--list"),
    ],
)
def test_refusals_have_exit_codes(arguments: tuple[str, ...], code: int, told: str) -> None:
    with pytest.raises(CommandError, match=told) as refused:
        run(*arguments)

    assert refused.value.returncode == code
    assert shop.policy() == DEFAULTS
