"""How gateways are spoken to over HTTP: one question, one answer, within bounds.

However slowly an answer comes, whoever asked waits little longer than `calls.TIMEOUT`, and takes no more than
`MOST_BYTES` of it; the time-out of `requests` alone is that of a single read, and so has no end.
"""

import io
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from payments.gateways import calls
from payments.gateways.protocol import Unreachable

MOST_BYTES = 4 * 1024 * 1024
PIECE = 64 * 1024


class BoundedSession(requests.Session):
    """A session whose answers are there whole when it returns them, in time and within bounds."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Return the answer with its whole body. Raises requests.RequestException."""
        deadline = time.monotonic() + calls.TIMEOUT
        answer = super().send(request, **{**options, "timeout": calls.TIMEOUT, "stream": True})
        try:
            answer.raw = io.BytesIO(_whole(answer, deadline=deadline))
        except TimeoutError:
            answer.close()
            raise requests.ReadTimeout(request=request) from None
        except (HTTPError, OSError) as lost:
            answer.close()
            raise requests.ConnectionError(type(lost).__name__, request=request) from None
        return answer


class Line:
    """The connections of each thread to one gateway, signed in with a token; `proxied`: as the machine says."""

    def __init__(self, *, base: str, token: str, proxied: bool = True) -> None:
        self._base, self._token, self._proxied = base, token, proxied
        self._own = threading.local()

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Return the status and the body of the answer; a body that is sent is JSON. Raises Unreachable.

        A redirect is followed nowhere, since what is asked carries the token.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        sent |= {"Content-Type": "application/json"} if body is not None else {}
        try:
            answer = self._session.request(
                method, self._base + path, data=body, params=query, headers=sent, allow_redirects=False
            )
        except requests.RequestException as lost:
            raise Unreachable(type(lost).__name__) from None
        return answer.status_code, answer.content

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._own, "session"):
            session = BoundedSession()
            session.auth = self._signed_in  # and so not what a file of this machine says
            session.trust_env = self._proxied
            self._own.session = session
        return self._own.session  # type: ignore[no-any-return]

    def _signed_in(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _whole(answer: requests.Response, *, deadline: float) -> bytes:
    """Return the body, taken as it comes, so that the clock is looked at between its pieces. Raises OSError."""
    found = b""
    while piece := answer.raw.read1(PIECE, decode_content=True):
        found += piece
        if len(found) > MOST_BYTES or time.monotonic() > deadline:
            raise TimeoutError
    return found
