"""A mail server for tests: it speaks enough SMTP to take letters, to refuse some, and to hang up."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class MailServer:
    """What the server saw. `patience`: letters it takes before it ends a session."""

    port: int = 0
    patience: int = 100
    sessions: int = 0
    letters: list[str] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Any

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        seen: MailServer = self.server.seen
        seen.sessions += 1
        taken = 0
        self.say("220 mail.example")
        for line in iter(self.rfile.readline, b""):
            word = line.decode().strip().upper()
            if word == "DATA":
                self.say("354 go on")
                seen.letters.append("".join(text.decode() for text in iter(self.rfile.readline, b".\r\n")))
                taken += 1
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            elif word.startswith("MAIL") and taken >= seen.patience:
                self.say("421 enough for now")
                return
            else:
                self.say("550 nobody here" if word.startswith("RCPT") and "NOBODY@" in word else "250 fine")


@contextmanager
def mail_server(*, patience: int = 100) -> Iterator[MailServer]:
    """Run a mail server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        seen = MailServer(port=server.server_address[1], patience=patience)
        server.seen = seen  # type: ignore[attr-defined]
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield seen
        finally:
            server.shutdown()
