"""What a door reads off a request: who acts, which key, which token, which body."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from rest_framework.request import Request

from api.bodies import Body, list_names, read_value
from common.actors import Actor
from common.addresses import client_address
from common.errors import FieldError, IdempotencyKeyInvalid, IdempotencyKeyRequired, Malformed
from common.keys import USER, IdempotencyKey

KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
Body_ = TypeVar("Body_", bound=Body)

ACCESS_TOKEN = "access_token"  # noqa: S105 - the name of a parameter


def actor_of(request: Request, *, door: str = "api", staff_needs: str = "") -> Actor:
    """Return who acts: staff, a customer who signed in, or a guest.

    `staff_needs`: members of the team without that permission act as any customer does.
    """
    user, address = request.user, client_address(request.META)
    if not getattr(user, "is_authenticated", False):
        return Actor(kind="guest", id="", door=door, address=address)
    staff = user.is_staff and (not staff_needs or user.has_perm(staff_needs))
    return Actor(kind="staff" if staff else "customer", id=str(user.pk), door=door, address=address)


def once_from(request: Request, *, scope: str) -> IdempotencyKey:
    """Return the request's idempotency key, scoped to the caller.

    `scope` names the route; what a guest's keys belong to beyond it is added with `IdempotencyKey.within`.

    Raises IdempotencyKeyRequired, IdempotencyKeyInvalid.
    """
    once = once_if_given(request, scope=scope)
    if once is None:
        raise IdempotencyKeyRequired()
    return once


def once_if_given(request: Request, *, scope: str) -> IdempotencyKey | None:
    """Return the request's idempotency key as `once_from` does, or None without one.

    An empty key is an invalid one: that is what servers make of a header they cannot read.

    Raises IdempotencyKeyInvalid.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not KEY_PATTERN.fullmatch(key):
        raise IdempotencyKeyInvalid()
    user = request.user
    if getattr(user, "is_authenticated", False):
        scope = f"{USER}{user.pk}:{scope}"
    return IdempotencyKey(scope=scope, key=key, fingerprint=_fingerprint(request))


def scheme_token(request: Request, scheme: str) -> str | None:
    """Return the token of `Authorization: <scheme> <token>`, or of `?access_token=`; None without one."""
    given, _space, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if given.lower() == scheme.lower() and token.strip():
        return str(token.strip())
    return request.query_params.get(ACCESS_TOKEN)


def read(shape: type[Body_], data: Any) -> Body_:
    """Return what a body says. Raises Malformed with everything that is wrong; the door answers invalid_request."""
    return read_value(shape, data)


def read_query(shape: type[Body_], request: Request, *, allow: Iterable[str] = ()) -> Body_:
    """Return the checked query parameters; lists may be given several times, the others once.

    `allow`: names read elsewhere, such as those of a page. Raises Malformed.
    """
    allowed = {*allow, ACCESS_TOKEN}
    given = {name: values for name, values in request.query_params.lists() if name not in allowed}
    lists = list_names(shape)
    repeated = sorted(name for name, values in given.items() if len(values) > 1 and name not in lists)
    if repeated:
        detail = _("Given more than once.")
        raise Malformed(errors=[FieldError(pointer=f"/{name}", code="repeated", detail=detail) for name in repeated])
    return read(shape, {name: values if name in lists else values[0] for name, values in given.items()})


def _fingerprint(request: Request) -> str:
    canonical = json.dumps(request.data, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{request.method} {request.path} {canonical}".encode()).hexdigest()
