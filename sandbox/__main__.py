"""`SANDBOX_KEY=... SANDBOX_SECRET=... python -m sandbox --port 8100`: run the provider until it is told to stop.

The two secrets come from the environment, where no other user of the machine can read them.
"""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

import waitress

from sandbox.provider import KEY, SECRET, book
from sandbox.site import application
from sandbox.teller import Teller

THREADS = 8


def main(words: list[str]) -> int:
    """Serve; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--file", type=Path, help="where it keeps its books; without it they end with the process")
    chosen = parser.parse_args(words)
    if not KEY or not SECRET:
        parser.error("SANDBOX_KEY and SANDBOX_SECRET are missing in the environment")
    signal.signal(signal.SIGTERM, _stop)
    if chosen.file is not None:
        book.keep_in(chosen.file)
    site = application()
    Teller(book=book, secret=SECRET).start()
    waitress.serve(site, host=chosen.host, port=chosen.port, threads=THREADS, ident=None, _quiet=True)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
