"""Refusals and accidents as RFC 9457 problem+json: one exception handler for the API, one for the rest below /api/.

Also what Django refuses before any view runs (a wrong path, a bad host, a huge form) is answered here,
so a client below /api/ never has to read HTML.
"""

import sys
from collections.abc import Mapping
from math import ceil
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.views import set_rollback

from api.renderers import dumps
from common import counters, security
from common.errors import (
    Busy,
    FieldError,
    Forbidden,
    Malformed,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Refusal,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMedia,
)
from common.security import Event
from common.transactions import translated

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
INTERNAL = "internal_error"


def exception_handler(problem: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Turn whatever a view raised into problem+json; what is no refusal is logged and answered 500.

    Written here and now: an answer of REST framework's that is written later holds the request, which holds it, so
    whatever the body said would stay until garbage is collected.
    """
    request = context.get("request")
    set_rollback()
    response = problem_response(problem, path=request.path if request is not None else "")
    authenticate = getattr(context.get("view"), "get_authenticate_header", None)
    if response.status_code == 401 and authenticate is not None and request is not None:
        response["WWW-Authenticate"] = authenticate(request) or "Bearer"
    return response


def problem_response(problem: Exception, *, path: str) -> HttpResponse:
    """Answer a problem."""
    status, body, headers = _described(problem, path=path)
    return HttpResponse(dumps(body), status=status, content_type=PROBLEM_JSON, headers=headers)


def _described(problem: Exception, *, path: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    refusal = refusal_of(problem)
    if refusal is None:
        counters.increment("internal_error")
        log.error("internal_error", exc_info=problem, path=path)
        return 500, _body(500, INTERNAL, str(_("Something went wrong on our side")), None, path, {}), {}
    counters.count(("refusal", refusal.code))
    if isinstance(refusal, Forbidden):
        security.note(Event.ACCESS_REFUSED, path=path)
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, Busy | TooManyRequests) else {}
    data = {name: value for name, value in refusal.data.items() if value is not None or name in refusal.fields}
    return refusal.status, _body(refusal.status, refusal.code, str(refusal.title), refusal.detail, path, data), headers


def refusal_of(problem: Exception) -> Refusal | None:
    """Return the refusal an exception means, or None for a bug."""
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, exceptions.ParseError | SuspiciousOperation):
        return Malformed(errors=[FieldError(pointer="", code="parse_error", detail=str(problem))])
    if isinstance(problem, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Unauthenticated()
    if isinstance(problem, exceptions.PermissionDenied | PermissionDenied):
        return Forbidden()
    if isinstance(problem, exceptions.NotFound | Http404):
        return NotFound()
    if isinstance(problem, exceptions.MethodNotAllowed):
        return MethodNotAllowed(str(problem.detail))
    if isinstance(problem, exceptions.NotAcceptable):
        return NotAcceptable(str(problem.detail))
    if isinstance(problem, exceptions.UnsupportedMediaType):
        return UnsupportedMedia(str(problem.detail))
    if isinstance(problem, exceptions.Throttled):
        return TooManyRequests(retry_after=max(1, ceil(getattr(problem, "wait", None) or 1)))
    return translated(problem)


def _body(status: int, code: str, title: str, detail: str | None, path: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": escape_uri_path(path),
        "code": code,
        **data,
    }


def is_api(path: str) -> bool:
    """Say whether a path is answered to programs, never with HTML."""
    return path.startswith(("/api/", "/health/"))


@csrf_exempt
def no_such_route(request: HttpRequest) -> HttpResponse:
    """Answer an unknown path below /api/, whatever the method."""
    detail = None if request.path.endswith("/") else _("Every address ends with a slash.")
    return problem_response(NotFound(detail), path=request.path)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an unknown path."""
    return problem_response(NotFound(), path=request.path) if is_api(request.path) else error_page(request, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refuses before a view runs."""
    return problem_response(Malformed(), path=request.path) if is_api(request.path) else error_page(request, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django forbids before a view runs."""
    if is_api(request.path):
        return problem_response(Forbidden(), path=request.path)
    security.note(Event.ACCESS_REFUSED, path=request.path)
    return error_page(request, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was sent without the secret its page was given."""
    security.note(Event.FORM_REFUSED, path=request.path)
    if is_api(request.path):
        return problem_response(Forbidden(), path=request.path)
    return error_page(request, status=403, name="csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an accident outside REST framework; a database that is away is no accident."""
    problem = sys.exc_info()[1]
    if isinstance(problem, Exception) and is_api(request.path):
        return problem_response(problem, path=request.path)
    if problem is not None and translated(problem) is not None:
        return error_page(request, status=503)
    if not is_api(request.path):
        return error_page(request, status=500)
    body = _body(500, INTERNAL, str(_("Something went wrong on our side")), None, request.path, {})
    return HttpResponse(dumps(body), status=500, content_type=PROBLEM_JSON)


def error_page(request: HttpRequest, *, status: int, name: str = "") -> HttpResponse:
    """Return the page a person reads, in their language; nothing is asked of the database for it."""
    with translation.override(translation.get_language_from_request(request)):
        template = f"{status}_{name}.html" if name else f"{status}.html"
        text = render_to_string(template, {"is_desk": request.path.startswith("/admin/")})
    return HttpResponse(text, status=status, headers={"Retry-After": "2"} if status == 503 else {})
