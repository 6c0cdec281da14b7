"""Answers that are the same for everybody, kept for a moment and given again before the request is looked at further.

Only for doors that answer whoever shows nothing of himself alike, and where a moment's delay harms nobody: what is sold
is judged by the cart.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch
from rest_framework.request import Request

from api.throttles import Rates

MOST = 64
"""Answers that a process keeps at a time."""

MARK = "is_the_same_for_everybody"

QUESTION = (
    *("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_IF_NONE_MATCH"),
)
"""What of a request such an answer depends on."""

WHO = ("HTTP_AUTHORIZATION", "HTTP_COOKIE")
"""What shows anything of who asks."""

Question = tuple[Any, ...]


@dataclass(frozen=True)
class KeptAnswer:
    """An answer as it left the shop, and by which route it was asked for; `until`: seconds of the monotonic clock."""

    until: float
    status: int
    headers: dict[str, str]
    content: bytes
    match: ResolverMatch | None


class Kept:
    """Answers by their question, each kept for `settings.LIST_KEPT_SECONDS` and no more than `most` of them."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._answers: OrderedDict[Question, KeptAnswer] = OrderedDict()

    def get(self, question: Question) -> KeptAnswer | None:
        """Return a fresh answer, or None."""
        found = self._answers.get(question)
        return found if found is not None and time.monotonic() < found.until else None

    def put(self, question: Question, answer: KeptAnswer) -> None:
        """Keep an answer; the oldest goes when there are too many."""
        with self._guard:
            self._answers.pop(question, None)
            self._answers[question] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)


def kept_for_a_moment(method: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let what a GET of a view answers be given to whoever asks the same within a moment; a refusal is not kept."""

    @wraps(method)
    def marked(view: Any, request: Request, *words: Any, **named: Any) -> HttpResponse:
        response = method(view, request, *words, **named)
        setattr(response, MARK, True)
        return response

    return marked


class KeptAnswersMiddleware:
    """Gives kept answers; a request that is answered so is counted, logged and bounded in its rate like any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._kept = Kept()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        meta = request.META
        if request.method != "GET" or any(map(meta.get, WHO)):
            return self.get_response(request)
        question = tuple(map(meta.get, QUESTION))
        known = self._kept.get(question)
        if known is not None and Rates().allow_request(request, None):
            request.resolver_match = known.match
            return HttpResponse(known.content, status=known.status, headers=known.headers)
        response = self.get_response(request)
        if getattr(response, MARK, False) and settings.LIST_KEPT_SECONDS:
            self._kept.put(question, _answer(request, response))
        return response


def _answer(request: HttpRequest, response: HttpResponse) -> KeptAnswer:
    return KeptAnswer(
        until=time.monotonic() + settings.LIST_KEPT_SECONDS,
        status=response.status_code,
        headers=dict(response.headers),
        content=response.content,
        match=request.resolver_match,
    )
