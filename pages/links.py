"""The token of a link, taken out of the address as soon as the link was followed.

Addresses stand in histories, in the logs of proxies and in what a browser tells the next site. So the page that a link
opens keeps the token in a cookie for that page alone, and sends the browser on to the same address without it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

COOKIE = "balcao_link"
LIFE = timedelta(days=30)
"""How long a browser keeps the token. The token's own life is judged by whoever it opens something for."""

LONGEST = 2048

PRIVATE: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
"""What every page that a link opens answers with: kept by nobody, told to nobody."""

View = Callable[..., HttpResponseBase]


def token_of(request: HttpRequest, *, name: str = "token") -> str:
    """Return the token the visitor brought, now or when the link was followed; empty without one."""
    return request.GET.get(name) or request.COOKIES.get(COOKIE, "")


def without_token(request: HttpRequest, *, name: str = "token", root: str = "") -> HttpResponse | None:
    """Take the token out of the address: return the way to the same page without it, or None if there is none.

    `root`: the path below which the cookie is sent; the page's own without one.
    """
    if request.method not in ("GET", "HEAD") or name not in request.GET:
        return None
    rest = request.GET.copy()
    token = request.GET[name]
    del rest[name]
    path = quote(request.path)
    response = HttpResponseRedirect(f"{path}?{rest.urlencode()}" if rest else path)
    for header, value in PRIVATE.items():
        response.headers[header] = value
    if token.isascii() and token.isprintable() and len(token) <= LONGEST:
        response.set_cookie(
            COOKIE,
            token,
            max_age=LIFE,
            path=quote(root) if root else path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def opened_by_link(view: View) -> View:
    """Let a page be opened by `?token=`, which its address loses at once."""

    @wraps(view)
    def moved(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        return without_token(request) or view(request, *args, **kwargs)

    return moved
