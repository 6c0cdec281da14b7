"""Copies of the whole shop, and back again, by PostgreSQL's own tools.

A portable copy (`pg_dump`, and the pictures) goes into any PostgreSQL and any later version of the shop. A physical one
(`pg_basebackup`, and the changes by `pg_receivewal`) goes back to any second. Both are encrypted for a key that the
machine which makes them does not have, and are proved by being restored into a server of their own.
"""

from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy, Kind, Manifest
from operations.backups.verifying import Proof

__all__ = ["BackupRefused", "Copy", "Kind", "Manifest", "Proof"]
