"""Measure how fast the window of a running shop is: `python -m tools.lighthouse [http://127.0.0.1:8000]`."""

import sys
from collections.abc import Sequence

from devstack.errors import StackError
from tools.lighthouse import below, measured, table

RUNS = 5


def main(words: Sequence[str]) -> int:
    """Print the medians and return the exit code."""
    base = words[0].rstrip("/") if words else "http://127.0.0.1:8000"
    try:
        found = measured(base, runs=RUNS, categories=["performance"])
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1
    print(table(found))
    return 1 if below(found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
