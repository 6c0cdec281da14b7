"""Which leases a use case takes, and over what, for tests."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from common import locks


@pytest.fixture
def leased(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every lease that is taken, in order, by the names that it covers."""
    found: list[list[str]] = []
    take = locks.lease

    def noted(keys: Iterable[str], **how: Any) -> AbstractContextManager[None]:
        names = sorted(keys)
        found.append(names)
        return take(names, **how)

    monkeypatch.setattr(locks, "lease", noted)
    return found
