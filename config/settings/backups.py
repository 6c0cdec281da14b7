"""Where copies of the shop go, who can read them, and for how long they are kept."""

from pathlib import Path

from config.settings.environment import POSTGRES, env

# Public keys of age; what is written is readable by the holders of their private halves alone, this machine included.
BACKUP_RECIPIENTS = env.age_keys("BACKUP_RECIPIENTS")
# The private half, where copies are proved or restored: never on the machine that serves.
BACKUP_IDENTITY_FILE = env("BACKUP_IDENTITY_FILE", default="")
# A login that may read everything (and REPLICATION for physical copies), past any pooler; empty: DATABASE_URL's.
BACKUP_DATABASE_URL = env.address("BACKUP_DATABASE_URL", **POSTGRES)
# Of how many days, weeks and months the last copy is kept; and back to how many days any second can be restored.
BACKUP_KEEP = {
    "daily": env.whole_number("BACKUP_KEEP_DAILY", default=7),
    "weekly": env.whole_number("BACKUP_KEEP_WEEKLY", default=5),
    "monthly": env.whole_number("BACKUP_KEEP_MONTHLY", default=12),
}
BACKUP_POINT_IN_TIME_DAYS = env.whole_number("BACKUP_POINT_IN_TIME_DAYS", default=14)
# Where a copy is unpacked and proved; it takes as much room as the shop itself.
BACKUP_SCRATCH_DIR = env("BACKUP_SCRATCH_DIR", default="")
# Where PostgreSQL's own programs are; empty: looked for in Debian's places and on the PATH.
POSTGRES_BIN = env("POSTGRES_BIN", default="")
# Names a function that says how PostgreSQL is started by a user it refuses; only development needs one.
POSTGRES_WRAPPER = ""


def directory(var: Path) -> Path:
    """Return where copies are kept."""
    return Path(env("BACKUP_DIR", default=str(var / "backups")))
