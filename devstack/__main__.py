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
    parser.add_argument("--empty", action="store_true", help="a shop of your own without demonstration data")
    parser.add_argument("--var", type=Path, help=f"where the data lives (default: {state.VAR}, or {state.EMPTY_VAR})")
    chosen = parser.parse_args(arguments)
    var = chosen.var or (state.EMPTY_VAR if chosen.empty else state.VAR)
    if chosen.command == "reset":
        return reset(var=var)
    parent = os.getppid() if chosen.end_with_parent else None
    if parent is not None:
        processes.die_with_parent(signal.SIGTERM, parent)
    supervisor = Supervisor(var=var, parent=parent, empty=chosen.empty)
    return supervisor.run_shop() if chosen.command == "run" else supervisor.run_services()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
