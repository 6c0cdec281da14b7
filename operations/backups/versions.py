"""Which migrations a copy has, beside those that this version of the shop knows."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy


def refuse_newer(copy: Copy) -> None:
    """Raise BackupRefused for a copy of a shop that this version is too old for."""
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)}
    unknown = sorted(
        name for name in set(copy.manifest.migrations) - _known() if name.split(".", maxsplit=1)[0] in ours
    )
    if unknown:
        raise BackupRefused(
            f"The copy is of a newer version of the shop, {copy.manifest.version}, with {', '.join(unknown[:3])}"
            f"{', ...' if len(unknown) > 3 else ''}: use that version."
        )


def lacking(copy: Copy) -> list[str]:
    """Return the migrations that a copy has still to go through."""
    return sorted(_known() - set(copy.manifest.migrations))


def _known() -> set[str]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {f"{app}.{name}" for app, name in loader.disk_migrations}
