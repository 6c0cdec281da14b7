"""Tells shops what happened, signed, and again after growing pauses until they answer that they heard it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from sandbox import clock
from sandbox.book import Book
from sandbox.records import Event
from sandbox.signing import HEADER, sign

PATIENCE_SECONDS = 10
ROUND_SECONDS = 0.5
AT_ONCE = 4


class Teller:
    """A thread that looks after the books: what is due happens, what happened is told."""

    def __init__(self, *, book: Book, secret: str) -> None:
        self._book, self._secret = book, secret
        self._opener = build_opener(ProxyHandler({}))
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)

    def start(self) -> None:
        """Begin to look after the books."""
        self._thread.start()

    def _run(self) -> None:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            while True:
                self._book.changed.clear()
                list(pool.map(self._tell, self._book.tick(now=clock.now())))
                self._book.changed.wait(ROUND_SECONDS)

    def _tell(self, event: Event) -> None:
        body = event.body.encode()
        headers = {
            "Content-Type": "application/json",
            HEADER: sign(body=body, secret=self._secret, at=clock.now()),
        }
        heard, answer = False, ""
        try:
            request = Request(event.notify_url, data=body, headers=headers, method="POST")  # noqa: S310
            with self._opener.open(request, timeout=PATIENCE_SECONDS) as said:
                heard, answer = said.status == 200, str(said.status)
        except HTTPError as refused:
            answer = str(refused.code)
            refused.close()
        except (OSError, HTTPException, ValueError) as lost:
            answer = type(lost).__name__
        self._book.told(event, answer=answer, heard=heard, now=clock.now())
