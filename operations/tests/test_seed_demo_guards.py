"""What the demonstration does not do unless somebody means it."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import User
from catalog.models import Product, ProductImage
from common import clock
from common.actors import Actor
from operations.demo.logins import DEMO_LOGINS
from operations.integrity import findings
from orders.models import Order
from shop import services as shop

pytestmark = pytest.mark.usefixtures("a_smaller_demonstration")


@pytest.fixture(autouse=True)
def own_media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def run(*words: str) -> str:
    out = StringIO()
    call_command("seed_demo", *words, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_shop_with_a_name_keeps_its_settings() -> None:
    actor = Actor(kind="staff", id="1", door="admin")
    shop.set_policy(key="name", value="Padaria da Vila", actor=actor, now=clock.now())
    before = shop.policy()
    run()
    assert shop.policy() == before


@pytest.mark.django_db
def test_dry_run_makes_nothing(a_smaller_demonstration: int) -> None:
    printed = run("--dry-run", "--flush", "--orders", "5")
    assert f"{a_smaller_demonstration} " in printed
    assert (Product.objects.count(), User.objects.count(), Order.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_never_by_accident_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.production")
    with pytest.raises(CommandError) as refused:
        run()
    assert refused.value.returncode == 1
    assert Product.objects.count() == 0
    run("--force", "--dry-run")


@pytest.mark.django_db
def test_a_count_below_nothing_is_called_wrongly() -> None:
    with pytest.raises(CommandError) as refused:
        run("--orders", "-1")
    assert refused.value.returncode == 2


@pytest.mark.django_db(transaction=True)
def test_flush_needs_the_shops_name(monkeypatch: pytest.MonkeyPatch, a_smaller_demonstration: int) -> None:
    run()
    monkeypatch.setattr("builtins.input", lambda prompt: "something else")
    with pytest.raises(CommandError) as refused:
        run("--flush")
    assert refused.value.returncode == 1
    assert Product.objects.count() == a_smaller_demonstration
    files = [Path(django_settings.MEDIA_ROOT) / name for name in ProductImage.objects.values_list("file", flat=True)]
    monkeypatch.setattr("builtins.input", lambda prompt: shop.policy().name)
    run("--flush")
    placed = Order.objects.exclude(channel="counter").count()
    assert (Product.objects.count(), placed, User.objects.count()) == (a_smaller_demonstration, 8, len(DEMO_LOGINS))
    assert len(files) == a_smaller_demonstration
    assert [file for file in files if file.exists()] == []
    assert findings(now=clock.now()) == []
