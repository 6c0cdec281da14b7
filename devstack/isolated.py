"""`python -m devstack.isolated manage.py check`: one command with throw-away servers, away from real data."""

import os
import signal
import sys

from devstack import processes, throwaway
from devstack.errors import StackError


def main(words: list[str]) -> int:
    """Run `words` (a Python file, `-m` and a module, or any program) beside fresh servers; return its exit code."""
    if not words:
        print(__doc__, file=sys.stderr)
        return 2
    command = [sys.executable, *words] if words[0] == "-m" or words[0].endswith(".py") else words
    try:
        with throwaway.both() as (database, memory):
            environment = dict(os.environ, DATABASE_URL=database.url, REDIS_URL=memory.url)
            environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
            child = processes.spawn(command, environment=environment)
            try:
                return child.wait()
            finally:
                processes.end(child, politely=signal.SIGTERM, seconds=10)
    except StackError as failure:
        print(failure, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
