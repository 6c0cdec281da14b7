"""Roles: the table, and the command that applies it."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from accounts.tests import factories
from backoffice import roles

pytestmark = pytest.mark.django_db


def test_the_table_names_only_permissions_that_exist() -> None:
    roles.sync_roles()

    for role, wanted in roles.ROLES.items():
        held = {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in Group.objects.get(name=role).permissions.select_related("content_type")
        }
        assert held == wanted


def test_no_role_may_do_what_belongs_to_nobody() -> None:
    """Rows that a service must write are never added or edited by hand, and logins and roles are never deleted."""
    never = {
        "accounts.delete_user",
        "accounts.delete_customer",
        "auth.change_group",
        "auth.change_permission",
        "inventory.change_stockitem",
        "inventory.add_stockmovement",
        "orders.change_order",
        "orders.delete_order",
        "payments.change_payment",
        "shop.add_shopsettings",
        "shop.delete_shopsettings",
    }

    for wanted in roles.ROLES.values():
        assert not wanted & never


def test_the_counter_sells_and_the_owner_decides() -> None:
    counter, owner, professional = (roles.ROLES[name] for name in ("counter", "owner", "professional"))

    assert counter < owner
    assert {"orders.confirm_order", "orders.fulfil_order", "inventory.adjust_stock"} <= counter
    assert not counter & {"shop.change_shopsettings", "payments.refund_payment", "catalog.change_variant"}
    assert not professional & {"orders.view_order", "accounts.view_customer", "inventory.adjust_stock"}


def test_sync_is_repeatable_and_corrects_what_was_changed_by_hand() -> None:
    first = roles.sync_roles()
    assert first[0] == "owner: new role"
    assert roles.sync_roles() == []

    counter = Group.objects.get(name="counter")
    counter.permissions.add(Permission.objects.get(codename="change_shopsettings"))
    counter.permissions.remove(Permission.objects.get(codename="confirm_order"))
    others = Group.objects.create(name="visitors")
    others.permissions.add(Permission.objects.get(codename="view_order"))

    expected = ["counter: + orders.confirm_order", "counter: - shop.change_shopsettings"]
    assert roles.sync_roles(dry_run=True) == expected
    assert roles.sync_roles(dry_run=True) == expected
    assert roles.sync_roles() == expected
    assert roles.sync_roles() == []
    assert others.permissions.count() == 1


def test_a_dry_run_writes_nothing() -> None:
    assert roles.sync_roles(dry_run=True)
    assert Group.objects.count() == 0


def test_a_misspelt_permission_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "ROLES", {"owner": frozenset({"orders.confirm_orders", "orders.view_order"})})

    with pytest.raises(roles.UnknownPermissionsError, match=r"orders\.confirm_orders"):
        roles.sync_roles()
    with pytest.raises(CommandError, match=r"orders\.confirm_orders"):
        call_command("sync_roles")

    assert Group.objects.count() == 0


def test_the_command_tells_what_it_did() -> None:
    out = StringIO()
    call_command("sync_roles", stdout=out)
    assert "owner: new role" in out.getvalue().splitlines()

    out = StringIO()
    call_command("sync_roles", stdout=out)
    assert len(out.getvalue().splitlines()) == 1


def test_a_member_has_what_the_role_has() -> None:
    roles.sync_roles()
    member = factories.member(role="counter")

    assert member.get_all_permissions() == roles.ROLES["counter"]
    assert not member.is_superuser
