"""Weigh what the first page of the window loads: `python -m tools.weight` fails above the limit.

Counted is every script that the first page needs before it can be used, as it goes over the wire (brotli).
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from devstack.window import BUILT
from window.built import ENTRY

PAGE = "src/pages/home.tsx"
LIMIT = 90 * 1024

Manifest = Mapping[str, Mapping[str, Any]]


def needed(manifest: Manifest, *names: str) -> Iterator[str]:
    """Give the files of these chunks and of what they import, each once."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(manifest[name].get("imports", ()))
            yield manifest[name]["file"]


def main() -> int:
    """Print the weight of each file and of all; return 1 above the limit."""
    manifest: Manifest = json.loads((BUILT / "manifest.json").read_text())
    weights = {name: (BUILT / f"{name}.br").stat().st_size for name in needed(manifest, ENTRY, PAGE)}
    for name, weight in weights.items():
        print(f"{weight:>7,} {name}")
    total = sum(weights.values())
    print(f"{total:>7,} of {LIMIT:,} bytes")
    return 0 if total <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
