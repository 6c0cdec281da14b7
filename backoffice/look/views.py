"""The page on which the window is dressed, and the window as it would look, which nobody but the team sees."""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.look.forms import COLOURS, LookForm
from backoffice.look.poster import SIZES, poster
from backoffice.look.sharing import shelves
from backoffice.one.forms import SearchForm
from common import clock
from common.errors import Refusal
from desk.admin import desk_actor
from desk.pages import page_response, posted, require
from desk.refusals import explained, problems_of
from desk.versions import Seen
from shop import selectors as shop
from shop.answers import look_answer
from shop.errors import LookChanged
from storefront import selectors as storefront
from storefront import services
from storefront.answers import card_answer
from window import wording
from window.frames import framed, unsaved

WIDGET = "window/agenda.js"
"""Under the name that never changes: it stands on pages of others."""
CHANGE, RENAME = "shop.change_shopsettings", "shop.decide_money"


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show what was chosen for the window, and save it."""
    require(request, CHANGE)
    seen = Seen(sent=posted(request), fresh=_form(request, None))
    form = _form(request, seen.sent)
    if request.method == "GET":
        return _shown(request, form, seen=seen)
    if seen.changed:
        seen.refuse(form)
        return _shown(request, form, seen=seen, status=LookChanged.status)
    offered = next((key for key in COLOURS if f"use_{key}" in request.POST), None)
    if offered is not None:
        sent = request.POST.copy()
        sent[offered] = str(sent[f"use_{offered}"])
        return _shown(request, _form(request, sent), seen=seen)
    if not form.is_valid():
        return _shown(request, form, seen=seen, status=400)
    try:
        services.dress_window(sheet=form.sheet, actor=desk_actor(request), now=clock.now())
    except Refusal as refusal:
        told = _refused(form, refusal, sent=request.POST.copy())
        return _shown(request, told, seen=seen, status=refusal.status)
    messages.success(request, _("The window is saved."))
    return HttpResponseRedirect(request.path)


@require_POST
@csp_replace({"style-src": [SELF]})
def preview(request: HttpRequest) -> HttpResponse:
    """Show the window as it would look. Nothing is stored: the page that was answered is all there is of it."""
    require(request, CHANGE)
    form = _form(request, request.POST)
    if not form.is_valid():
        problems = [(form[name].label if name in form.fields else "", told) for name, told in form.errors.items()]
        return TemplateResponse(request, "backoffice/look/not_yet.html", {"problems": problems}, status=400)
    now = clock.now()
    policy = replace(form.policy, name=form.cleaned_data.get("name", form.policy.name))
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    choices = {
        "name": policy.name,
        "look": _look_shown(form, name=policy.name, today=today),
        "categories": form.order,
        "featured": [msgspec.to_builtins(card_answer(row)) for row in storefront.chosen(ids=form.chosen, now=now)],
    }
    look = replace(form.dressed, logo=None, cover=None)
    response = framed(
        request,
        "own",
        described=wording.of_home(policy=policy, look=look),
        policy=policy,
        look=look,
        context={"name": policy.name, "unsaved": unsaved(choices)},
        is_found=False,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
def links(request: HttpRequest) -> HttpResponse:
    """Show the links that can be sent, and the way to the poster."""
    require(request, CHANGE)
    form = SearchForm(request.GET)
    context = {
        "title": _("Links and poster"),
        "form": form,
        "shelves": list(shelves(policy=shop.policy(), wanted=form.text, now=clock.now())),
    }
    return page_response(request, "backoffice/look/links.html", context)


@require_GET
def print_poster(request: HttpRequest, size: str) -> HttpResponse:
    """Answer the poster in the shop's own language. Raises Http404 for a size that is not printed."""
    require(request, CHANGE)
    if size not in SIZES:
        raise Http404
    policy, look = shop.policy_and_look()
    with translation.override(policy.languages[0].lower()):
        drawn = poster(policy=policy, look=look, address=f"{settings.PUBLIC_URL}/", size=size)
    headers = {"Content-Disposition": f'inline; filename="cartaz-{size}.pdf"'}
    return HttpResponse(drawn, content_type="application/pdf", headers=headers)


def _form(request: HttpRequest, sent: QueryDict | None) -> LookForm:
    policy, look = shop.policy_and_look()
    return LookForm(
        sent,
        request.FILES if sent is not None else None,
        policy=policy,
        look=look,
        shelves=[row for row in storefront.categories() if row["parent_id"] is None],
        products=storefront.on_show(),
        may_rename=request.user.has_perm(RENAME),
    )


def _look_shown(form: LookForm, *, name: str, today: date) -> dict[str, Any]:
    """Return the look as the API would say it, with pictures that only this page has."""
    shown: dict[str, Any] = msgspec.to_builtins(look_answer(form.dressed, name=name, today=today))
    alts = {"logo": name, "cover": form.dressed.cover_alt}
    for key, alt in alts.items():
        picture = form.address_of(key)
        shown[key] = picture and {**picture, "alt": alt}
    return shown


def _refused(form: LookForm, refusal: Refusal, *, sent: QueryDict) -> LookForm:
    """Say what was wrong beside its field; after somebody else's change, saving again is meant to replace it."""
    if isinstance(refusal, LookChanged):
        sent["seen"] = str(shop.look().version)
        form.data = sent
        form.add_error(None, explained(refusal))
        return form
    for name, text in problems_of(refusal):
        form.add_error(name if name in form.fields else None, text)
    return form


def _shown(request: HttpRequest, form: LookForm, *, seen: Seen, status: int = 200) -> HttpResponse:
    offers = [(form[key], form.offers[key]) for key in COLOURS if form.errors and key in form.offers]
    context = {
        "title": _("Shop window"),
        "form": form,
        "page_seen": seen,
        "offers": offers,
        "products": form.labels.values(),
        "stored": {key: form.stored(key) for key in ("logo", "cover")},
        "widget": f"{settings.PUBLIC_URL}/{settings.STATIC_URL.strip('/')}/{WIDGET}",
        "frame": f"{settings.PUBLIC_URL}/incorporar/agendar",
        "sees_changes": request.user.has_perm("shop.view_policychange"),
    }
    return page_response(request, "backoffice/look/page.html", context, status=status)
