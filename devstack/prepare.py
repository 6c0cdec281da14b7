"""Bring the database of the development stack up to date: migrations, roles, a shop, static files.

The shop is the demonstration, or with `--empty` one of somebody's own; a database holds one of them and never becomes
the other. A program of its own (`python -m devstack.prepare`), because it needs Django and the supervisor must not. It
is safe to repeat; whatever is already done is skipped, so that a second start takes seconds.
"""

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from devstack import report, window

OWNER, LANGUAGE = "owner@balcao.example", "pt-BR"
"""Of a shop that is opened empty, unless OWNER_EMAIL and SHOP_LANGUAGE say otherwise."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Name a piece of work before it starts and tell how long it took."""
    began = time.monotonic()
    print(f"  {name:<12} ", end="", flush=True)
    yield
    print(f"({time.monotonic() - began:.1f} s)", flush=True)


def migrate() -> None:
    """Apply the migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        print("up to date ", end="", flush=True)
        return
    print(f"applying {len(plan)} ", end="", flush=True)
    call_command("migrate", interactive=False, verbosity=0)


def sync_roles() -> None:
    """Apply the table of roles and permissions."""
    call_command("sync_roles", verbosity=0, stdout=io.StringIO())
    print("in step ", end="", flush=True)


def seed() -> None:
    """Fill a shop that nobody uses with the demonstration, complete one that was interrupted, keep any other."""
    found = import_string("operations.opening.found")()  # only now that the models are loaded
    stage = import_string("operations.demo.seeding.stage")()
    if _is_own(found):
        print("somebody's own, kept as it is ", end="", flush=True)
        report.leave(report.Report(beginning=report.OWN, owner=found.owner))
        return
    report.leave(report.Report(beginning=report.DEMONSTRATION))
    if apps.get_model("catalog", "Product").objects.exists() and stage != "interrupted":
        print("kept as it is ", end="", flush=True)
        return
    if stage == "absent":
        print("filling the empty shop with the demonstration ", end="", flush=True)
        call_command("seed_demo", verbosity=0, stdout=io.StringIO())
        return
    print("completing the demonstration, which was interrupted ", end="", flush=True)
    try:
        call_command("seed_demo", verbosity=0, stdout=io.StringIO())
    except CommandError as failure:  # what is there can be sold; the rest is no reason to stay closed
        print(f"- left half filled: {failure} ", end="", flush=True)


def _is_own(found: Any) -> bool:
    """Whether somebody opened the shop for themselves, or began to use one that nobody marked."""
    if found.beginning:
        return bool(found.beginning == report.OWN)
    used = apps.get_model("catalog", "Product"), apps.get_model("accounts", "User")
    return any(model.objects.exists() for model in used)


def open_empty() -> None:
    """Open a shop of somebody's own, or find it open; a demonstration is refused."""
    found = import_string("operations.opening.found")()
    if found.beginning == report.OWN and found.owner:
        print("open already, kept as it is ", end="", flush=True)
        report.leave(report.Report(beginning=report.OWN, owner=found.owner))
        return
    email = os.environ.get("OWNER_EMAIL") or found.awaited or OWNER
    out = io.StringIO()
    language = os.environ.get("SHOP_LANGUAGE") or LANGUAGE
    name = os.environ.get("SHOP_NAME", "")
    call_command("open_shop", email=email, name=name, language=language, no_input=True, stdout=out)
    print("opened empty ", end="", flush=True)
    link = next(line for line in out.getvalue().splitlines() if "token=" in line)
    report.leave(report.Report(beginning=report.OWN, owner=email, link=link))


def build_window() -> None:
    """Build the shop window; without it the shop opens all the same, and says so."""
    print(f"{window.in_words()} ", end="", flush=True)


def collect_static() -> None:
    """Copy the static files to the place from which the web server serves them."""
    if settings.DEBUG or getattr(settings, "WHITENOISE_USE_FINDERS", False):
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # its absence is worth a warning to WhiteNoise
        print("served from their sources ", end="", flush=True)
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    print("collected ", end="", flush=True)


STEPS: tuple[tuple[str, Callable[[], None], str], ...] = (
    ("Migrations", migrate, "Look at the newest migration; `make manage ARGS=showmigrations` shows where it stands."),
    ("Roles", sync_roles, "Run `make manage ARGS=sync_roles` for the details."),
    ("Shop", seed, "Run `make manage ARGS=seed_demo` for the details."),
    ("Window", build_window, "Run `make window` for the details."),
    ("Static files", collect_static, "Run `make manage ARGS=collectstatic` for the details."),
)
EMPTY = (
    "Shop",
    open_empty,
    "Without EMPTY=1 `make run` opens what is there; an empty shop needs a database of its own.",
)
"""What stands in the place of the demonstration."""


def main(arguments: list[str]) -> int:
    """Do every step in order; stop at the first that fails and say what to do. Return the exit code."""
    django.setup()
    for name, work, remedy in STEPS:
        if name == "Shop" and "--empty" in arguments:
            name, work, remedy = EMPTY
        try:
            with step(name):
                work()
        except (CommandError, DatabaseError, OSError) as failure:
            print(
                f"failed\n\n{type(failure).__name__}: {str(failure).strip()}\n  -> {remedy}",
                file=sys.stderr,
                flush=True,
            )
            if os.environ.get("DEVSTACK_TRACEBACK"):
                raise
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
