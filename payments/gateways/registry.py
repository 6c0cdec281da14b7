"""Which ways to pay this shop has: built from the settings and from what the owner filled in.

A method is offered only where something can complete it. To add an adapter: its file, its line in `REMOTE`, its
variables in `config/settings/gateways.py`.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from payments.brcode import MAX_NAME, letters
from payments.gateways.counter import Counter
from payments.gateways.pix import StaticPix
from payments.gateways.protocol import PaymentGateway
from payments.gateways.transfer import Transfer
from shop.policy import Policy


def _configured(name: str, adapter: str) -> PaymentGateway | None:
    """Return the adapter of that name, made with what the settings say of it; None where they say nothing.

    It is loaded when first needed: a shop pays nothing for gateways that it does not have.
    """
    access = settings.PAYMENT_ACCESS.get(name)
    return _made(adapter, tuple(sorted(access.items()))) if access else None


@lru_cache(maxsize=8)
def _made(adapter: str, access: tuple[tuple[str, str], ...]) -> PaymentGateway:
    made: PaymentGateway = import_string(adapter)(**dict(access))
    return made


REMOTE: dict[str, Callable[[], PaymentGateway | None]] = {
    name: partial(_configured, name, adapter)
    for name, adapter in {
        "sandbox": "payments.gateways.sandbox.Sandbox",
        "stripe": "payments.gateways.stripe.Stripe",
        "mercadopago": "payments.gateways.mercadopago.MercadoPago",
    }.items()
}
"""Gateways that speak to the outside, by name; each returns None while it is not configured."""

NAMES: Mapping[str, str | Promise] = {
    "counter": _("Counter"),
    "transfer": _("Bank transfer"),
    "pix": _("Pix to the shop's key"),
    "sandbox": _("Sandbox (play money)"),
    "stripe": "Stripe",
    "mercadopago": "Mercado Pago",
}


def shown_name(name: str) -> str:
    """Return what people call a gateway."""
    return str(NAMES.get(name, name))


def for_method(*, method: str, policy: Policy) -> PaymentGateway | None:
    """Return the gateway that a new payment of `method` goes through; None where nothing can complete it."""
    if method == "on_site":
        return Counter()
    if method == "transfer":
        return Transfer()
    wanted = settings.PAYMENT_GATEWAYS.get(method, "")
    if wanted == "pix" and method == "pix":
        return static_pix(policy=policy)
    gateway = remote(wanted)
    return gateway if gateway is not None and method in gateway.methods else None


def remote(name: str) -> PaymentGateway | None:
    """Return the gateway of that name that speaks to the outside; None where it is unknown or not configured."""
    build = REMOTE.get(name)
    return build() if build is not None else None


def all_remote() -> list[PaymentGateway]:
    """Return every gateway that speaks to the outside and is configured."""
    return [gateway for name in REMOTE if (gateway := remote(name)) is not None]


def is_remote(name: str) -> bool:
    """Say whether payments of that gateway are known to somebody outside, configured now or not."""
    return name in REMOTE


def static_pix(*, policy: Policy) -> StaticPix | None:
    """Return what makes a Pix to the shop's own key; None where the shop has filled in none."""
    if not policy.pix_key or policy.currency != "BRL":
        return None
    payee = next(filter(None, (letters(name, most=MAX_NAME) for name in (policy.pix_name, policy.name))), "LOJA")
    return StaticPix(key=policy.pix_key, payee=payee, city=policy.pix_city or "BRASIL")
