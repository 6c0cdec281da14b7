"""How the shop is set up: settings, files, roles, opening hours."""

import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.checks import run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from api.proxies import most_pass
from backoffice import roles
from common import backups, examinations
from operations.demo.logins import DEMO_LOGINS
from operations.diagnosis.base import Finding, Probe, age
from shop import services as shop

LITTLE_ROOM = 500_000_000


def in_production() -> bool:
    """Say whether these are the settings of a real shop."""
    return os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".production")


def debug(now: datetime) -> Iterator[Finding]:
    """DEBUG shows strangers the inside of the shop."""
    if settings.DEBUG:
        yield Finding("problem" if in_production() else "warning", _("DEBUG is on"), _("Unset DEBUG and start again."))
    else:
        yield Finding("ok", _("DEBUG is off"))


def shops_clock(now: datetime) -> Iterator[Finding]:
    """Return a clock that was set is a demonstration."""
    if settings.SHOP_NOW is not None:
        what = _("The shop's clock was set to %(when)s") % {"when": settings.SHOP_NOW.isoformat()}
        yield Finding("warning", what, _("Unset SHOP_NOW and start again."))
    else:
        yield Finding("ok", _("The shop goes by the real clock"))


def deployment(now: datetime) -> Iterator[Finding]:
    """Django's own advice for what stands on the internet; asked under production settings only."""
    if not in_production():
        yield Finding("note", _("Not production: Django's advice for deployments was not asked"))
        return
    told = run_checks(include_deployment_checks=True)
    for message in told:
        yield Finding("warning", f"{message.id}: {message.msg}", message.hint or _("See `manage.py check --deploy`."))
    if not told:
        yield Finding("ok", _("Django has nothing to say against this deployment"))


def proxies(now: datetime) -> Iterator[Finding]:
    """Check that requests come over as many proxies as the settings say."""
    found = most_pass()
    if found is None:
        yield Finding("ok", _("Requests come over as many proxies as TRUSTED_PROXIES says"))
        return
    words = {"found": found, "expected": settings.TRUSTED_PROXIES}
    what = _("Most requests come over %(found)d proxies, and TRUSTED_PROXIES says %(expected)d") % words
    remedy = _("Set TRUSTED_PROXIES to the proxies that stand in front, and let nobody reach the web port past them.")
    yield Finding("warning", what, remedy)


def letters(now: datetime) -> Iterator[Finding]:
    """Check that letters leave the shop, and none is printed where logs are read."""
    backend = settings.MAIL_DELIVERY
    remedy = _("Set EMAIL_URL to the shop's mail server.")
    if backend.endswith(".dummy.EmailBackend"):
        yield Finding("warning", _("No e-mail leaves the shop"), remedy)
    elif backend.endswith(".console.EmailBackend"):
        yield Finding("problem", _("E-mails are printed into the log, with the links that open orders"), remedy)
    else:
        yield Finding("ok", _("E-mails are handed to %(backend)s") % {"backend": backend.rsplit(".", 2)[-2]})


def media(now: datetime) -> Iterator[Finding]:
    """Pictures can be stored, read and deleted, and there is room for them."""
    name = f"doctor-{uuid.uuid4().hex}.txt"
    try:
        stored = default_storage.save(name, ContentFile(b"doctor"))
        with default_storage.open(stored) as handle:
            whole = handle.read() == b"doctor"
        default_storage.delete(stored)
    except OSError as problem:
        remedy = _("Give the directory of MEDIA_ROOT (%(path)s) to the user of the shop.") % {
            "path": settings.MEDIA_ROOT
        }
        yield Finding("problem", _("Pictures cannot be stored: %(why)s") % {"why": problem}, remedy)
        return
    if whole:
        yield Finding("ok", _("Pictures can be stored"))
    else:
        yield Finding("problem", _("A stored file came back changed"), _("Look at the storage behind MEDIA_ROOT."))
    yield from _room_at(Path(settings.MEDIA_ROOT), remedy=_("Make room or move MEDIA_ROOT."))


def _room_at(place: Path, *, remedy: str) -> Iterator[Finding]:
    """Warn where little room is left in a directory, if it is on this machine."""
    free = shutil.disk_usage(place).free if place.exists() else LITTLE_ROOM
    if free < LITTLE_ROOM:
        what = _("Only %(mb)d MB are free at %(path)s") % {"mb": free // 1_000_000, "path": place}
        yield Finding("warning", what, remedy)


def team(now: datetime) -> Iterator[Finding]:
    """Check that the roles are in place, somebody is the owner, nobody from the demonstration works in a real shop."""
    changes = roles.sync_roles(dry_run=True)
    if changes:
        what = _("%(count)d permissions of roles differ from the table") % {"count": len(changes)}
        yield Finding("warning", what, _("Run `manage.py sync_roles`."))
    else:
        yield Finding("ok", _("The roles are as they should be."))
    active = User.objects.filter(is_active=True, is_staff=True)
    if not active.filter(groups__name=roles.OWNER).exists() and not active.filter(is_superuser=True).exists():
        remedy = _("Run `manage.py createsuperuser`, log in and invite the owner.")
        yield Finding("warning", _("Nobody can log in as the owner"), remedy)
    emails = [login.email for login in DEMO_LOGINS]
    if in_production() and User.objects.filter(email__in=emails, is_active=True).exists():
        remedy = _("Switch these logins off at once: their passwords are in the source code.")
        yield Finding("problem", _("Logins of the demonstration can log in"), remedy)


def profile(now: datetime) -> Iterator[Finding]:
    """Check that the shop is open sometimes, and its time zone exists on this machine and in PostgreSQL."""
    policy = shop.policy()
    try:
        ZoneInfo(policy.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        what = _("This machine does not know the time zone %(zone)s") % {"zone": policy.timezone}
        yield Finding("problem", what, _("Install the package tzdata."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [policy.timezone])
        if not cursor.fetchone()[0]:
            what = _("PostgreSQL does not know the time zone %(zone)s") % {"zone": policy.timezone}
            yield Finding("problem", what, _("Install time zones on the database's machine."))
    if policy.opening_hours:
        yield Finding("ok", _("The shop has opening hours, in %(zone)s") % {"zone": policy.timezone})
    else:
        remedy = _("Enter them at the desk; without them there is no pickup and no appointment.")
        yield Finding("warning", _("The shop has no opening hours"), remedy)
    if "transfer" in policy.payment_methods and not policy.transfer_instructions:
        remedy = _('`manage.py set_policy transfer_instructions "..."`, or at the desk.')
        yield Finding("warning", _("Customers may pay by transfer but are not told where to"), remedy)


def last_backup(now: datetime) -> Iterator[Finding]:
    """Check that a real shop has a copy of last night and one proved this week, receives changes, and has room."""
    known = backups.state()
    yield from _room_at(
        Path(settings.BACKUP_DIR), remedy=_("Make room or move BACKUP_DIR: without it no change is kept.")
    )
    remedy = _("Run `manage.py backup --verify` every night, or do what you do elsewhere and let this pass.")
    if known.copied_at is None:
        yield Finding("warning" if in_production() else "note", _("There is no copy of the shop"), remedy)
        return
    what = _("The last copy is %(age)s old") % {"age": age(since=known.copied_at, now=now)}
    yield Finding("warning", what, remedy) if known.is_old(now=now) else Finding("ok", what)
    if known.failed_at is not None:
        yield Finding(
            "problem",
            _("The last proof of a copy failed, %(age)s ago") % {"age": age(since=known.failed_at, now=now)},
            _("Take another copy, prove it with `manage.py verify_backup`, and read the report in BACKUP_DIR."),
        )
    elif known.is_unproved(now=now):
        yield Finding("warning", _("No copy was proved this week"), _("Run `manage.py backup --verify`."))
    if known.changes_until is None:
        return
    since = {"age": age(since=known.changes_until, now=now)}
    if known.is_silent(now=now):
        what = _("Changes are kept only until %(age)s ago") % since
        yield Finding("warning", what, _("Start `manage.py receive_wal` again, or give it up with --drop-slot."))
    else:
        yield Finding("ok", _("Every change is kept, up to %(age)s ago") % since)


def integrity(now: datetime) -> Iterator[Finding]:
    """Say when the shop's data was last looked at, and which of its promises did not hold."""
    known = examinations.state()
    if known.at is None:
        remedy = _("Start the workers, which look every night, or run `manage.py check_integrity --keep`.")
        yield Finding("warning" if in_production() else "note", _("Nobody has looked at the shop's data yet"), remedy)
        return
    what = _("The shop's data was looked at %(age)s ago") % {"age": age(since=known.at, now=now)}
    if known.is_old(now=now):
        yield Finding("warning", what, _("Start the worker of `heavy`, or run `manage.py check_integrity --keep`."))
    else:
        yield Finding("ok", what)
    for one in known.broken:
        yield Finding("problem", f"{one.check}: {one.failure or one.shown_promise}", one.shown_remedy)


PROBES = (
    Probe("debug", debug, needs_database=False),
    Probe("shop's clock", shops_clock, needs_database=False),
    Probe("deployment", deployment, needs_database=False),
    Probe("proxies", proxies, needs_database=False),
    Probe("letters", letters, needs_database=False),
    Probe("media", media, needs_database=False),
    Probe("backup", last_backup),
    Probe("integrity", integrity),
    Probe("team", team),
    Probe("profile", profile),
)
