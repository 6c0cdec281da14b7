"""Roles: the table, and the command that applies it."""

import re
from collections import Counter
from html import unescape
from io import StringIO

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse

from accounts.forms import ROLE_SHORT, role_choices
from accounts.models import User
from accounts.tests import factories
from accounts.tests.doors import get
from backoffice import roles
from backoffice.admin.shop import OWNERS_OWN
from backoffice.tests.desk import at_desk
from backoffice.tests.pages import Tab
from orders.tests.factories import ordered, stocked
from scheduling.models import Professional
from scheduling.tests import factories as make
from shop.services import open_settings, policy

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
    assert not counter & {"shop.change_shopsettings", "catalog.change_variant"}
    assert not professional & {"orders.view_order", "accounts.view_customer", "inventory.adjust_stock"}


def test_the_manager_runs_the_shop_and_the_owner_decides_about_it() -> None:
    manager, owner = roles.ROLES["manager"], roles.ROLES["owner"]

    assert roles.ROLES["counter"] < manager < owner
    assert owner - manager == {
        "accounts.add_user",
        "accounts.change_user",
        "accounts.view_signinattempt",
        "audit.view_entry",
        "commissions.add_commissionrule",
        "commissions.change_commissionrule",
        "commissions.pay_commission",
        "counter.discount_freely",
        "customers.erase_customerrecord",
        "shop.decide_money",
        "spreadsheets.export_people",
        "spreadsheets.import_sheet",
    }


def test_the_viewer_only_looks_and_at_nobodys_contacts() -> None:
    viewer = roles.ROLES["viewer"]

    assert {name for name in viewer if not name.partition(".")[2].startswith(("view_", "export_"))} == set()
    assert not viewer & {
        "accounts.view_customer",
        "customers.view_customerrecord",
        "orders.view_ordercontact",
        "scheduling.view_appointment",
        "spreadsheets.export_people",
    }


def test_the_viewer_sees_an_order_without_how_to_reach_its_customer() -> None:
    stocked(sku="PAO", units=5, price="10.00")
    order = ordered(units={"PAO": 1}, payment_method="transfer")
    contact = order.contact
    type(contact).objects.filter(pk=contact.pk).update(phone="+5511912345678", note="o portão azul")
    pages = [
        reverse("admin:orders_order_changelist"),
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("spreadsheets:export", args=["orders"]),
    ]
    for role, sees in (("viewer", False), ("counter", True)):
        desk = at_desk(role=role)
        for page in pages[: 2 if sees else 3]:
            answer = desk.get(page)
            text = answer.getvalue().decode() if answer.streaming else answer.content.decode()
            assert answer.status_code == 200
            assert contact.name in text
            assert (contact.email in text) is sees
        text = desk.get(pages[1]).content.decode()
        assert ("91234" in text, "portão azul" in text) == (sees, sees)
    user = User.objects.get(email="viewer@balcao.example")
    assert get(f"/orders/{order.number}/", user=user).status_code == 404


@pytest.mark.parametrize("role", ["manager", "counter", "professional", "viewer"])
def test_whoever_only_looks_at_a_row_sees_what_the_row_holds(role: str, rf: RequestFactory) -> None:
    """A field of the form alone has neither a name nor a value on a page without a form."""
    roles.sync_roles()
    request = rf.get("/admin/")
    request.user = factories.member(role=role)
    looked_at, unknown = 0, []
    for model, page in admin.site._registry.items():
        row = model()
        if page.has_view_permission(request) and not page.has_change_permission(request):
            looked_at += 1
            columns = {column.name for column in model._meta.get_fields()}
            for name in flatten_fieldsets(page.get_fieldsets(request, row)):
                said = getattr(page, name, None)
                is_cell = getattr(said, "label", None) or getattr(said, "header", None)  # of a list, not of a page
                if is_cell or (name not in columns and said is None and not hasattr(row, name)):
                    unknown.append(f"{model._meta.label_lower}.{name}")
    assert looked_at
    assert not unknown, "\n".join(unknown)


@pytest.mark.parametrize("role", ["manager", "counter", "professional", "viewer"])
def test_no_page_of_the_desk_leads_to_a_closed_door(role: str) -> None:
    """Three clicks from the first page, two pages of each kind."""
    stocked(sku="PAO", units=5, price="10.00")
    ordered(units={"PAO": 1}, payment_method="transfer")
    salon = make.salon(names=["Ana"])
    desk = at_desk(role=role)
    Professional.objects.filter(pk=salon.people["Ana"].pk).update(user=User.objects.get(email=f"{role}@balcao.example"))
    make.booked(make.at(10), who=salon.id("Ana"), name="Rita")
    asked: dict[str, int] = {}
    closed, waiting, kinds = [], [("/admin/", "", 0)], Counter[str]()
    while waiting:
        page, start, clicks = waiting.pop(0)
        kind = re.sub(r"[0-9a-f-]{36}|[0-9]+", "N", page.partition("?")[0])
        if page in asked or kinds[kind] == 2:
            continue
        kinds[kind] += 1
        answer = desk.get(page, follow=True)
        asked[page] = answer.status_code
        if answer.status_code >= 400:
            closed.append((answer.status_code, page, start))
        elif clicks < 3 and not answer.streaming and "html" in answer.headers["Content-Type"]:
            links = re.findall(r'href="(/admin/[^"#]*)', answer.content.decode())
            waiting += [(unescape(link), page, clicks + 1) for link in links if "logout" not in link]
    assert len(asked) > 5
    assert not closed, "\n".join(map(str, closed))


def test_every_role_has_a_sentence_for_the_invitation() -> None:
    roles.sync_roles()
    assert [name for name, _sentence in role_choices()] == ["owner", "manager", "counter", "professional", "viewer"]
    assert all(str(sentence) != name for name, sentence in role_choices())
    assert ROLE_SHORT.keys() == roles.ROLES.keys()


def test_the_manager_changes_the_shop_but_not_its_bank_name_or_limits() -> None:
    desk = at_desk(role="manager")
    tab = Tab(desk, reverse("admin:shop_shopsettings_change", args=[open_settings().pk]))
    assert not set(OWNERS_OWN) & tab.sent.keys()
    before = policy()
    answer = tab.type(pickup_lead_minutes="45", pix_key="gerente@example.com", legal_name="Outra").save()
    assert answer.status_code == 302
    after = policy()
    assert (after.pickup_lead_minutes, after.pix_key, after.legal_name) == (45, before.pix_key, before.legal_name)


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
