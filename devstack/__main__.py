"""`python -m devstack run|services|reset`: what the Makefile calls. See ``make help``."""

import argparse
import os
import signal
import sys
from pathlib import Path

from devstack import processes, state
from devstack.supervisor import Supervisor, reset


def main(arguments: list[str]) -> int:
    """Run one command of the development stack and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    parser.add_argument("command", choices=["run", "services", "reset"])
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the calling program is killed")
    parser.add_argument("--var", type=Path, default=state.VAR, help="where the data lives (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if chosen.command == "reset":
        return reset(var=chosen.var)
    parent = os.getppid() if chosen.end_with_parent else None
    if parent is not None:
        processes.die_with_parent(signal.SIGTERM, parent)
    supervisor = Supervisor(var=chosen.var, parent=parent)
    return supervisor.run_shop() if chosen.command == "run" else supervisor.run_services()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
