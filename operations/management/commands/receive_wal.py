"""`manage.py receive_wal`: keeps every change to the database, for going back to any second. Runs until it is ended."""

import signal
import threading
import time
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from operations import backups
from operations.backups import receiving, taking


class Command(BaseCommand):
    """Exit code 0: ended by a signal. 1: changes cannot be received or kept. 2: the database does not answer."""

    help = "Receive every change to the database as it happens, and keep it encrypted in BACKUP_DIR. Never ends."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --plain, --every and --drop-slot."""
        parser.add_argument("--plain", action="store_true", help="do not encrypt")
        parser.add_argument("--every", type=float, default=30, metavar="SECONDS", help="how often it is kept; 30")
        parser.add_argument("--drop-slot", action="store_true", help="tell the server that nobody receives any more")

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive until a signal comes; what was received by then is kept before it ends."""
        try:
            keys = taking.keys_for(plain=options["plain"])
            if options["drop_slot"]:
                receiving.drop_slot(keys=keys)
                self.stdout.write(_("The server keeps no changes for us any more."))
                return
            ended = _Ended()
            with receiving.receiver() as process:
                while not ended.is_set:
                    receiving.keep(process=process, keys=keys)
                    ended.wait(options["every"])
            receiving.keep_the_rest(keys=keys)
        except backups.BackupRefused as refusal:
            raise CommandError(str(refusal), returncode=1) from refusal
        except DatabaseError as problem:
            raise CommandError(_("The database does not answer: %(why)s") % {"why": problem}, returncode=2) from problem


class _Ended:
    """Whether somebody has asked this process to end."""

    def __init__(self) -> None:
        self.is_set = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._set)

    def _set(self, number: int, frame: FrameType | None) -> None:
        self.is_set = True

    def wait(self, seconds: float) -> None:
        """Wait so long, or until then; a signal ends no sleep by itself."""
        deadline = time.monotonic() + seconds
        while not self.is_set and time.monotonic() < deadline:
            threading.Event().wait(0.2)
