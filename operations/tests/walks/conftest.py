"""What the walks share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def album() -> Path | None:
    """Where the pictures of the manual are put, where somebody wants them."""
    wanted = os.environ.get("MANUAL_PICTURES", "")
    return Path(wanted) if wanted else None
