"""What happens to every request before its view: an id, a language, and a polite answer to garbage."""

import re
import uuid
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from common.errors import FieldError, Malformed
from common.problems import problem_response, refusal_of

Next = Callable[[HttpRequest], HttpResponse]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Gives each request an id, or keeps the one a proxy gave it; log lines and tasks carry it on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ProblemMiddleware:
    """Below /api/, turns what escapes the views into problem+json, and refuses bytes that are no text."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.get_response(request)
        if _is_garbage(request):
            error = FieldError(pointer="", code="invalid_text", detail="The address holds bytes that are no text.")
            return problem_response(Malformed(errors=[error]), path="/api/")
        response = self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type", "").startswith("text/html"):
            return self._instead_of_html(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Will answer a refusal that a plain Django view raised."""
        if request.path.startswith("/api/") and refusal_of(exception) is not None:
            return problem_response(exception, path=request.path)
        return None

    @staticmethod
    def _instead_of_html(request: HttpRequest, response: HttpResponse) -> HttpResponse:
        status = response.status_code
        if status >= 500:
            return problem_response(RuntimeError("an HTML error page below /api/"), path=request.path)
        return problem_response(Malformed(), path=request.path)


class LanguageMiddleware:
    """Chooses the language: what the client asks for, Portuguese when it asks for none we speak."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language or settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            return response


def _is_garbage(request: HttpRequest) -> bool:
    """Whether path or query hold NUL or bytes that are not UTF-8."""
    raw = unquote_to_bytes(request.META.get("QUERY_STRING", "").replace("+", " "))
    path = request.path_info
    try:
        raw.decode("utf-8")
        path.encode("utf-8")
    except UnicodeError:
        return True
    return b"\x00" in raw or "\x00" in path or "\ufffd" in path
