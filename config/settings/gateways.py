"""Which gateways complete the ways to pay, and what each is reached with.

What is missing is named where the shop starts, so that no way to pay is offered that nobody can complete. A gateway may
be configured without being chosen: what was paid through it before is still looked after and given back.
"""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from config.settings.environment import Part, env, wrong

STATIC_PIX = "pix"
NOWHERE = ("", STATIC_PIX)
"""What PIX_GATEWAY may say besides the name of a gateway: nobody, or the shop's own key."""

PARTS: dict[str, dict[str, Part]] = {
    "sandbox": {
        "url": env.part("SANDBOX_URL", example="http://127.0.0.1:8100", is_address=True),
        "key": env.part("SANDBOX_KEY", example="a-key-of-your-own-choice"),
        "secret": env.part("SANDBOX_SECRET", example="a-secret-of-your-own-choice"),
    },
    "stripe": {
        "key": env.part("STRIPE_SECRET_KEY", example="sk_live_..."),
        "webhook_secret": env.part("STRIPE_WEBHOOK_SECRET", example="whsec_..."),
        "account": env.part("STRIPE_ACCOUNT", example="acct_...", is_needed=False),
        "base": env.part(
            "STRIPE_API_BASE", example="https://api.stripe.com", default="https://api.stripe.com", is_address=True
        ),
    },
    "mercadopago": {
        "token": env.part("MERCADOPAGO_ACCESS_TOKEN", example="APP_USR-..."),
        "webhook_secret": env.part("MERCADOPAGO_WEBHOOK_SECRET", example="the-signature-of-the-application"),
        "account": env.part("MERCADOPAGO_ACCOUNT", example="123456789", is_needed=False),
        "base": env.part(
            "MERCADOPAGO_API_BASE",
            example="https://api.mercadopago.com",
            default="https://api.mercadopago.com",
            is_address=True,
        ),
    },
}
"""By the gateway's name, what its adapter is made with: its argument, and the variable behind it."""

CHOSEN: dict[str, str] = {
    "pix": env.str("PIX_GATEWAY", default=STATIC_PIX).strip(),
    "card": env.str("CARD_GATEWAY", default="").strip(),
}


def access() -> dict[str, dict[str, str]]:
    """Return what each configured gateway is reached with, by the names of its adapter's arguments.

    Raises ImproperlyConfigured for a gateway that is chosen and unknown, and for one that is chosen or begun and
    lacks something.
    """
    for method, name in CHOSEN.items():
        if name not in PARTS and name not in (NOWHERE if method == STATIC_PIX else NOWHERE[:1]):
            raise wrong(f"{method.upper()}_GATEWAY", name, f"one of {', '.join(sorted(PARTS))}", min(PARTS))
    return {
        name: {argument: one.value for argument, one in parts.items()}
        for name, parts in PARTS.items()
        if _is_whole(name, parts)
    }


def _is_whole(name: str, parts: Mapping[str, Part]) -> bool:
    """Say whether a gateway is there; one of which only a part is there ends the start."""
    because = [f"{method.upper()}_GATEWAY={name}" for method, wanted in CHOSEN.items() if wanted == name]
    because += [one.name for one in parts.values() if one.is_set]
    missing = [one for one in parts.values() if one.is_needed and not one.value]
    if because and missing:
        examples = " ".join(f"{one.name}={one.example}" for one in missing)
        raise ImproperlyConfigured(
            f"{because[0]} needs {', '.join(one.name for one in missing)} too; for example {examples}."
        )
    return bool(because)
