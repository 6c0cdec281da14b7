"""Seals over an appointment's history: each step carries a hash of itself and of the step before it."""

import hashlib
import json
from collections.abc import Mapping


def chain_of(*, previous: str, step: Mapping[str, object]) -> str:
    """Return the SHA-256 (hex) over the previous seal and the step's values, whatever their order."""
    canonical = json.dumps(
        {"previous": previous, **{key: str(value) for key, value in step.items()}}, sort_keys=True, ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
