"""A mail server for tests: it speaks enough SMTP to take letters, to refuse some, and to hang up."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class MailServer:
    """What the server saw. `patience`: letters it takes before it ends a session. `silent`: it accepts, and says nothing.

    `refusals`: what it answers to a recipient, by the name before the @.
    """

    port: int = 0
    patience: int = 100
    silent: bool = False
    refusals: dict[str, str] = field(default_factory=dict)
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
        if seen.silent:
            self.rfile.read(1)  # until the client hangs up
            return
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
            elif word.startswith("RCPT"):
                self.say(
                    next((said for name, said in seen.refusals.items() if f"<{name.upper()}@" in word), "250 fine")
                )
            else:
                self.say("250 fine")


class _Listener(socketserver.ThreadingTCPServer):
    """A server whose port may be taken again at once."""

    allow_reuse_address = True


@contextmanager
def mail_server(*, patience: int = 100, silent: bool = False, port: int = 0) -> Iterator[MailServer]:
    """Run a mail server. Nobody is at `nobody@`."""
    with _Listener(("127.0.0.1", port), _Session) as server:
        seen = MailServer(port=server.server_address[1], patience=patience, silent=silent)
        seen.refusals["nobody"] = "550 5.1.1 nobody here"
        server.seen = seen  # type: ignore[attr-defined]
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield seen
        finally:
            server.shutdown()
