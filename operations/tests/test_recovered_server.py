"""The server of one's own in which a recovery is proved: it says why nobody can ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.backups import cluster, programs
from operations.backups.refusal import BackupRefused


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A room with the files of a server that was stopped."""
    monkeypatch.setattr(cluster, "SIGN_IN_SECONDS", 5)
    with cluster.room() as home:
        with cluster.empty(home, least=1):
            pass
        yield home


def test_who_cannot_sign_in_does_not_wait_for_ever(home: Path) -> None:
    _program, version = programs.newest("initdb", least=1)
    recovered = cluster.recovered(
        home, data=home / "data", major=version, user="renamed", database=cluster.DATABASE, settings_of_it={}
    )
    with pytest.raises(BackupRefused, match='role "renamed" does not exist'), recovered:
        pass
