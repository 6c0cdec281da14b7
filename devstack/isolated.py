"""`python -m devstack.isolated manage.py check`: one command with throw-away servers, away from real data.

`--keep DIRECTORY` before the command leaves their data there, and the next command with that directory finds it again.
"""

import os
import signal
import sys
from pathlib import Path

from devstack import processes, throwaway
from devstack.errors import StackError


def main(words: list[str]) -> int:
    """Run `words` (a Python file, `-m` and a module, or any program) beside fresh servers; return its exit code."""
    directory = None
    if words[:1] == ["--keep"]:
        directory, words = Path(*words[1:2]).resolve(), words[2:]
    if not words:
        print(__doc__, file=sys.stderr)
        return 2
    command = [sys.executable, *words] if words[0] == "-m" or words[0].endswith(".py") else words
    try:
        with throwaway.kept(directory) if directory else throwaway.both() as (database, memory):
            environment = dict(os.environ, DATABASE_URL=database.url, REDIS_URL=memory.url)
            environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
            if directory:
                environment.setdefault("BALCAO_VAR", str(directory))  # pictures and keys belong to the rows
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
