"""The whole shop in one file, and back again.

Rows are copied by the database itself, so any PostgreSQL from 14 on can read what any other has written, and no program
beside the shop is needed. A backup fits only the migrations it was made at; restore it at that version
of the shop and upgrade then. It holds personal data in plain text: keep it where the database may be kept.
"""

from operations.backups.archive import BackupRefused, Manifest
from operations.backups.restoring import check_target, read_manifest, restore
from operations.backups.taking import Plan, newest, plan, take
from operations.backups.verifying import verify

__all__ = [
    "BackupRefused",
    "Manifest",
    "Plan",
    "check_target",
    "newest",
    "plan",
    "read_manifest",
    "restore",
    "take",
    "verify",
]
