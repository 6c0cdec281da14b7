#!/usr/bin/env bash
# Resolves the Pipfile into Pipfile.lock. The lock names no package index (`_meta.sources` is empty): each machine uses
# its own pip configuration. Lock with the oldest supported Python, so that nothing it needs is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

env -u VIRTUAL_ENV -u PIPENV_PIPFILE -u PIPENV_ACTIVE \
    PIPENV_VENV_IN_PROJECT=1 PIPENV_NOSPIN=1 PIPENV_YES=1 PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_VERBOSITY=-1 \
    .dev/pipenv/bin/python -m pipenv lock </dev/null

.venv/bin/python - <<'PYTHON'
import json
import pathlib

path = pathlib.Path("Pipfile.lock")
lock = json.loads(path.read_text())
lock["_meta"]["sources"] = []


def without_index(section: dict) -> dict:
    return {name: {key: value for key, value in entry.items() if key != "index"} for name, entry in section.items()}


lock = {name: section if name == "_meta" else without_index(section) for name, section in lock.items()}
path.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n")
PYTHON
echo "Pipfile.lock is written. Run 'make install' to bring .venv in step with it."
