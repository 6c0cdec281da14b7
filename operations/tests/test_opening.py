"""From nothing to open: a shop of one's own begins in an empty database, with an owner who is no superuser."""

import smtplib
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories as people
from backoffice import roles
from catalog.models import Product
from catalog.tests import factories as catalog
from common import clock, milestones
from common.models import Milestone
from devstack import prepare, report
from shop import services as shop

pytestmark = pytest.mark.django_db

EMAIL = "maria@padaria.example"
PASSWORD = "forno-a-lenha-1987"


def run(*words: str) -> str:
    out = StringIO()
    call_command("open_shop", "--no-input", *words, stdout=out)
    return out.getvalue()


def link_in(text: str) -> str:
    return next(line for line in text.splitlines() if "token=" in line)


def choose_password(link: str) -> None:
    visitor = Client()
    visitor.get(link.removeprefix("http://testserver"), follow=True)
    page = link.removeprefix("http://testserver").partition("?")[0]
    answer = visitor.post(page, {"password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 302


def refused(*words: str) -> CommandError:
    with pytest.raises(CommandError) as problem:
        run(*words)
    return problem.value


def test_opens_with_a_name_and_an_owner_who_chooses_the_password() -> None:
    printed = run("--name", "Padaria da Maria", "--email", EMAIL, "--owner", "Maria Souza", "--language", "en")
    owner = User.objects.get()
    assert (owner.email, owner.name, owner.is_staff, owner.is_superuser) == (EMAIL, "Maria Souza", True, False)
    assert [group.name for group in owner.groups.all()] == ["owner"]
    assert not owner.has_usable_password()
    assert owner.has_perm("catalog.add_product")
    policy = shop.policy()
    assert (policy.name, policy.languages) == ("Padaria da Maria", ("en", "pt-BR"))
    assert milestones.beginning() == milestones.OWN
    assert Product.objects.count() == 0
    choose_password(link_in(printed))
    desk = accounts.Visitor(door="desk", address="203.0.113.9")
    assert accounts.sign_in(email=EMAIL, password=PASSWORD, visitor=desk, now=clock.now()) is not None


def test_a_link_opens_once() -> None:
    link = link_in(run("--email", EMAIL))
    choose_password(link)
    with pytest.raises(AssertionError):
        choose_password(link)


def test_an_open_shop_is_not_opened_again() -> None:
    choose_password(link_in(run("--email", EMAIL, "--name", "Padaria")))
    for words in (["--email", EMAIL], ["--email", "other@padaria.example", "--name", "Mine now"]):
        problem = refused(*words)
        assert problem.returncode == 1
        assert str(problem) == f"Esta loja já está aberta: o dono, {EMAIL}, entra pelo painel."
    assert (User.objects.count(), shop.policy().name) == (1, "Padaria")


def test_a_shop_whose_owner_came_another_way_is_open() -> None:
    people.member()
    assert "já está aberta" in str(refused("--email", EMAIL))
    assert Milestone.objects.count() == 0


def test_an_interrupted_opening_is_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it ends: after the mark, the roles, the name, or before the link was read."""
    for broken in ("sync_roles", "set_policies", "invite"):
        with monkeypatch.context() as patched:
            home = {"sync_roles": roles, "set_policies": shop, "invite": accounts}[broken]
            patched.setattr(home, broken, _interrupted)
            with pytest.raises(KeyboardInterrupt):
                run("--email", EMAIL, "--name", "Padaria")
        assert milestones.beginning() == milestones.OWN
    first = link_in(run("--email", EMAIL, "--name", "Padaria"))
    second = link_in(run("--email", EMAIL, "--name", "Padaria da Maria"))
    assert User.objects.count() == 1
    assert shop.policy().name == "Padaria da Maria"
    choose_password(second)
    with pytest.raises(AssertionError):
        choose_password(first)


def _interrupted(**_given: object) -> None:
    raise KeyboardInterrupt


def test_one_that_waits_for_another_owner_says_for_whom() -> None:
    run("--email", EMAIL)
    assert EMAIL in str(refused("--email", "typo@padaria.example"))
    assert User.objects.count() == 1


def test_dry_run_changes_nothing() -> None:
    assert EMAIL in run("--email", EMAIL, "--dry-run")
    assert (User.objects.count(), Milestone.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["--email", "no address"], 1),
        (["--email", EMAIL, "--name", "x" * 121], 1),
        (["--email", EMAIL, "--name", "a\u0000b"], 1),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(words: list[str], code: int) -> None:
    assert refused(*words).returncode == code
    assert (User.objects.count(), Milestone.objects.count()) == (0, 0)


def test_a_customers_e_mail_is_no_owners() -> None:
    accounts.register(email=EMAIL, password=PASSWORD, name="Maria", now=clock.now())
    User.objects.update(email_verified_at=clock.now())
    assert refused("--email", EMAIL).returncode == 1
    assert not User.objects.filter(is_staff=True).exists()


def test_asks_for_what_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([EMAIL, "Padaria da Maria", "en"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    call_command("open_shop", stdout=StringIO())
    assert (User.objects.get().email, shop.policy().name) == (EMAIL, "Padaria da Maria")
    assert shop.policy().languages[0] == "en"


# The demonstration and a shop of one's own are never mixed.


def test_a_demonstration_is_no_shop_of_ones_own() -> None:
    milestones.begin(name=milestones.DEMONSTRATION, now=clock.now())
    assert "demonstração" in str(refused("--email", EMAIL))
    assert User.objects.count() == 0


@pytest.mark.parametrize("words", [[], ["--dry-run"], ["--orders", "3"]])
def test_no_demonstration_goes_into_a_shop_of_ones_own(words: list[str]) -> None:
    run("--email", EMAIL)
    with pytest.raises(CommandError) as problem:
        call_command("seed_demo", *words, stdout=StringIO())
    assert problem.value.returncode == 1
    assert Product.objects.count() == 0


def test_no_demonstration_goes_into_a_shop_that_nobody_marked_and_somebody_owns() -> None:
    people.member()
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO())
    assert (Product.objects.count(), Milestone.objects.count()) == (0, 0)


def test_the_database_holds_one_beginning() -> None:
    milestones.begin(name=milestones.OWN, now=clock.now())
    with pytest.raises(milestones.OtherBeginningError):
        milestones.begin(name=milestones.DEMONSTRATION, now=clock.now())
    with pytest.raises(IntegrityError, match="milestone_one_beginning"), transaction.atomic():
        milestones.reach(name=milestones.DEMONSTRATION, now=clock.now())
    milestones.begin(name=milestones.OWN, now=clock.now())
    assert (report.DEMONSTRATION, report.OWN) == (milestones.DEMONSTRATION, milestones.OWN)


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.setenv("DEVSTACK_VAR", str(tmp_path))
    return lambda: report.take(var=tmp_path)


def test_make_run_keeps_a_shop_of_ones_own(reported: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run("--email", EMAIL)
    prepare.seed()
    assert "kept as it is" in capsys.readouterr().out
    assert Product.objects.count() == 0
    assert reported() == report.Report(beginning=report.OWN)


def test_make_run_keeps_a_shop_that_somebody_began_to_use(reported: Any) -> None:
    """By hand, and before it had a single product."""
    people.member()
    prepare.seed()
    assert Product.objects.count() == 0
    assert reported().beginning == report.OWN


def test_make_run_empty_opens_and_prints_the_link_until_it_was_used(
    reported: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_EMAIL", EMAIL)
    monkeypatch.setenv("SHOP_NAME", "Padaria")
    prepare.open_empty()
    first = reported()
    assert (first.beginning, first.owner, shop.policy().name) == (report.OWN, EMAIL, "Padaria")
    monkeypatch.delenv("OWNER_EMAIL")
    prepare.open_empty()
    again = reported()
    assert again.owner == EMAIL
    choose_password(again.link)
    prepare.open_empty()
    assert reported() == report.Report(beginning=report.OWN, owner=EMAIL)


def test_make_run_empty_takes_no_demonstration_for_an_empty_shop() -> None:
    catalog.variant(sku="BREAD")
    milestones.begin(name=milestones.DEMONSTRATION, now=clock.now())
    with pytest.raises(CommandError):
        prepare.open_empty()


# The letter


@pytest.fixture
def smtp(settings: Settings) -> None:
    settings.MAIL_DELIVERY = "django.core.mail.backends.smtp.EmailBackend"


def test_the_link_is_mailed_where_mail_is_set_up(smtp: None) -> None:
    printed = run("--email", EMAIL)
    [letter] = mail.outbox
    assert letter.to == [EMAIL]
    assert link_in(printed) in letter.body
    assert printed.splitlines()[-1] == f"Também foi enviado para {EMAIL}."


def test_a_mail_server_that_is_away_leaves_the_link(smtp: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_self: object, _letters: object) -> None:
        raise smtplib.SMTPServerDisconnected("away")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
    out, err = StringIO(), StringIO()
    call_command("open_shop", "--no-input", "--email", EMAIL, stdout=out, stderr=err)
    assert "away" in err.getvalue()
    choose_password(link_in(out.getvalue()))


def test_no_letter_is_written_where_none_goes_out() -> None:
    run("--email", EMAIL)
    assert mail.outbox == []
