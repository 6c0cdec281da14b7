"""The frame of every page of the window: what it loads, what it says of itself, how the shop is reached."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, time
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from api.replica import for_anybody
from common import clock
from common.text import chat_url
from shop.look import Look
from shop.models import OpeningHours
from shop.policy import Policy
from window.built import assets
from window.wording import Description, in_a_script

Page = Callable[..., HttpResponseBase]


def page(view: Page) -> Page:
    """Make a page of the window: only read, styled by files alone, and asked for anew each time."""

    @wraps(view)
    @require_safe
    @csp_replace({"style-src": [SELF], "worker-src": [SELF], "manifest-src": [SELF]})
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = for_anybody(request, lambda: view(request, *args, **kwargs))
        response.headers.setdefault("Cache-Control", "no-cache")
        return response

    shown.is_seen_by_anybody = True  # type: ignore[attr-defined]
    return shown


def framed(
    request: HttpRequest,
    name: str,
    *,
    described: Description,
    policy: Policy,
    look: Look,
    context: Mapping[str, Any],
    is_found: bool = True,
    status: int = 200,
) -> HttpResponse:
    """Return a page of the window; `is_found`: whether search engines may keep it."""
    frame = {
        "assets": assets(),
        "is_installable": settings.WINDOW_INSTALLABLE,
        "described": described,
        "is_found": is_found,
        "shop": policy,
        "look": look,
        "colours": colours_of(look),
        "notice": look.notice_on(today=_today(policy, now=clock.now())),
        "sentry": _sentry(),
        **_contact(policy),
    }
    response = render(request, f"window/{name}.html", {**frame, **context}, status=status)
    if not is_found:
        response.headers["X-Robots-Tag"] = "noindex"
    if settings.SENTRY_WINDOW_DSN:
        response._csp_update = {"connect-src": [_origin(settings.SENTRY_WINDOW_DSN)]}  # type: ignore[attr-defined]
    return response


def unsaved(choices: Mapping[str, Any]) -> SafeString:
    """Return choices that are not saved yet as the program of the page reads them."""
    return in_a_script(json.dumps(choices, ensure_ascii=False))


def colours_of(look: Look) -> str:
    """Return the address of the style sheet with the colours of the shop; empty where they are the house's.

    Its name says all that is in it, so it is kept for ever, and a preview needs nothing saved.
    """
    painted = look.palettes
    return f"/cores/{painted[0].main[1:]}-{painted[1].main[1:]}.css" if painted else ""


def _sentry() -> str:
    """Return whom the page's program tells of accidents, as it reads it; empty where nobody is named."""
    if not settings.SENTRY_WINDOW_DSN:
        return ""
    named = {
        "dsn": settings.SENTRY_WINDOW_DSN,
        "release": settings.RELEASE,
        "environment": settings.SENTRY_ENVIRONMENT,
    }
    return json.dumps(named)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _today(policy: Policy, *, now: datetime) -> Any:
    return now.astimezone(ZoneInfo(policy.timezone)).date()


def _contact(policy: Policy) -> dict[str, Any]:
    days = dict(OpeningHours.Weekday.choices)
    hours = [
        (days[row.weekday], f"{row.opens:%H:%M} – {'24:00' if row.closes == time(0) else f'{row.closes:%H:%M}'}")
        for row in policy.opening_hours
    ]
    return {"hours": hours, "chat": chat_url(phone=policy.whatsapp) if policy.whatsapp else ""}
