"""Every door says who may knock: a view that says nothing lets nobody in, and the public ones are this list."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.response import Response
from rest_framework.views import APIView

from api.permissions import Public, Undeclared

PUBLIC = {
    "addresses/lookup/", "auth/password-reset/", "auth/password-reset/confirm/", "auth/verify-email/", "auth/logout/", "auth/register/", "auth/token/", "auth/token/second-factor/", "auth/token/refresh/",
    "appointments/", "appointments/<uuid:public_id>/", "appointments/<uuid:public_id>/calendar.ics",
    "appointments/<uuid:public_id>/cancel/", "appointments/<uuid:public_id>/reschedule/",
    "carts/", "carts/<uuid:cart_id>/", "carts/<uuid:cart_id>/lines/", "carts/<uuid:cart_id>/lines/<uuid:line_id>/",
    "carts/<uuid:cart_id>/quote/", "categories/", "orders/<str:number>/", "orders/<str:number>/cancel/",
    "orders/<str:number>/reschedule-pickup/", "orders/<str:number>/history/", "orders/<str:number>/payments/",
    "payments/webhooks/<slug:gateway>/",  # believed by its signature alone
    "products/", "products/<slug:slug>/",
    "professionals/", "professionals/<uuid:public_id>/calendar.ics", "services/", "shop/", "slots/", "slots/next/", "variants/<str:sku>/availability/",
}  # fmt: skip
# Doors that are no views of REST framework: unknown paths, the description, health, figures (404 without a token), languages, files; the desk has its own login.
PLAIN = {r"^api/", "api/schema/", "health/live/", "health/ready/", "i18n/setlang/", "metrics", r"^media/(?P<path>.+)$"}
# Pages for customers: the shop's own, and those that an access token opens.
PAGES = {
    "", "orders/<str:number>/", "orders/<str:number>/cancel/", "orders/<str:number>/pickup/",
    "orders/<str:number>/pay/", "orders/<str:number>/pay/state/",
    "appointments/<uuid:public_id>/", "appointments/<uuid:public_id>/cancel/", "appointments/<uuid:public_id>/confirm/", "appointments/<uuid:public_id>/move/",
    "conta/confirmar-email/", "conta/nova-senha/", "conta/esqueci-a-senha/",
    "conta/entrar/", "conta/entrar/segundo-passo/", "conta/sair/", "conta/seguranca/", "conta/seguranca/senha/",
    "conta/seguranca/aplicativo/", "conta/seguranca/aplicativo/remove/", "conta/seguranca/chave/",
    "conta/seguranca/chave/<int:number>/remove/", "conta/seguranca/codigos/",
    "conta/seguranca/session/<uuid:public_id>/end/",
}  # fmt: skip


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give every route with what answers it."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback


DOORS = dict(routes(get_resolver().url_patterns))
API_DOORS = {
    route: door.view_class
    for route, door in DOORS.items()
    if issubclass(getattr(door, "view_class", getattr(door, "cls", object)), APIView)
}


WINDOW = {
    "^agendar/?$",
    "^categoria/(?P<slug>[a-zA-Z0-9_-]+)/?$",
    r"^cores/(?P<light>[0-9a-f]{6})-(?P<dark>[0-9a-f]{6})\.css$",
    "^incorporar/(?:agendar|carrinho|finalizar|pedido/[A-Za-z0-9-]+|visita/[0-9a-f-]{36})/?$",
    "^pedido/(?P<number>[A-Za-z0-9-]+)/?$",
    "^produto/(?P<slug>[a-zA-Z0-9_-]+)/?$",
    "^visita/(?P<public_id>[0-9a-f-]{36})/?$",
    (
        "^(?P<place>carrinho|confirmar-email|entrar|esqueci-a-senha|finalizar|minha-conta|minha-conta/dados|minha-conta/enderecos|"
        "minha-conta/seguranca|minha-conta/visitas|nova-senha)/?$"
    ),
    "icone-<int:size>.png",
    "loja.webmanifest",
    "previa/",
    "robots.txt",
    "sem-conexao",
    "sitemap.xml",
    "sw.js",
}
"""Pages of the shop window: read by everybody, without cookies; but `previa/`, which is for who dresses it."""


SIGHT = {
    "categories/", "products/", "products/<slug:slug>/", "professionals/", "services/", "shop/", "slots/", "slots/next/",
}  # fmt: skip
"""Doors of the API that a replica may answer to anybody."""

EXACT = {"variants/<str:sku>/availability/"}
"""Asked for the number as it is now, so the primary answers everybody."""

OWN = ("appointments/", "carts/", "orders/", "auth/", "payments/", "addresses/", "professionals/<uuid")
"""Doors below these open by a proof, or change something."""


def rules_of(door: type[APIView]) -> list[Any]:
    """Return every permission a view asks for, whatever the method."""
    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        if hasattr(door, method.lower()):
            view = door()
            view.request = RequestFactory().generic(method, "/")  # type: ignore[assignment]
            found += [(method, rule) for rule in view.get_permissions()]
    return found


@pytest.mark.parametrize("route", sorted(API_DOORS))
def test_every_view_says_who_may_ask(route: str) -> None:
    rules = rules_of(API_DOORS[route])
    assert rules, "a view without any rule lets everybody in"
    assert not [rule for _method, rule in rules if isinstance(rule, Undeclared)]


def test_the_public_doors_are_these() -> None:
    public = {
        route.removeprefix("api/v1/")
        for route, door in API_DOORS.items()
        if route.startswith("api/v1/") and any(isinstance(rule, Public) for _method, rule in rules_of(door))
    }
    assert public - PUBLIC - {"orders/"} == set()
    assert PUBLIC - public == set()
    assert {method for method, rule in rules_of(API_DOORS["api/v1/orders/"]) if isinstance(rule, Public)} == {"POST"}


def test_what_is_no_view_of_the_api_is_known_by_name() -> None:
    assert {
        route for route in DOORS if route not in API_DOORS and not route.startswith("admin/")
    } == PLAIN | PAGES | WINDOW


def test_a_view_that_forgot_refuses_everybody() -> None:
    class Forgetful(APIView):
        authentication_classes = ()

        def get(self, request: Any) -> Response:
            return Response({"secret": "everything"})

    request = RequestFactory().get("/api/v1/forgetful/")
    request.user = AnonymousUser()
    response = Forgetful.as_view()(request)
    assert response.status_code == 403
    assert json.loads(response.content)["code"] == "forbidden"


def test_the_doors_that_a_replica_may_answer_are_these() -> None:
    seen = {
        route.removeprefix("api/v1/")
        for route, door in API_DOORS.items()
        if getattr(getattr(door, "get", None), "is_seen_by_anybody", False)
    }
    assert seen == SIGHT
    assert {route for route in PUBLIC - seen if not route.startswith(OWN)} == EXACT
    pages = {route for route, door in DOORS.items() if getattr(door, "is_seen_by_anybody", False)}
    assert (WINDOW | {""}) - pages == {"previa/", next(route for route in WINDOW if route.startswith("^incorporar"))}
    assert pages - WINDOW == {""}
