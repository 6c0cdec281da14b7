"""A mail server as a process, which can be killed: `python -m tools.outages.post PORT FILE`.

What it has taken stands in the file before it says so, a Message-ID a line.
"""

import re
import sys
import threading
from pathlib import Path

from common.tests.mail_server import mail_server

MESSAGE_ID = re.compile(r"^message-id: <([^@>]+)@", re.IGNORECASE | re.MULTILINE)


class Kept(list[str]):
    """Letters that are written down, too."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file, self._guard = file, threading.Lock()

    def append(self, letter: str) -> None:
        """Write down whose letter it is."""
        found = MESSAGE_ID.search(letter)
        with self._guard, self._file.open("a") as file:
            file.write(f"{found.group(1) if found else 'nameless'}\n")


def main(port: int, file: Path) -> None:
    """Take letters until somebody ends the process."""
    with mail_server(port=port) as server:
        server.letters = Kept(file)
        threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
