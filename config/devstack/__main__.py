"""`python -m config.devstack run|services|reset`: what the Makefile calls. See ``make help``."""

import argparse
import os
import signal
import sys

from config.devstack import processes
from config.devstack.supervisor import Supervisor, reset


def main(arguments: list[str]) -> int:
    """Run one command of the development stack and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.devstack", description=__doc__)
    parser.add_argument("command", choices=["run", "services", "reset"])
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the calling program is killed")
    chosen = parser.parse_args(arguments)
    if chosen.command == "reset":
        return reset()
    if chosen.end_with_parent:
        processes.die_with_parent(signal.SIGTERM, os.getppid())
    supervisor = Supervisor()
    return supervisor.run_shop() if chosen.command == "run" else supervisor.run_services()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
