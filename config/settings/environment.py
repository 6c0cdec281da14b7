"""The variables of the environment, judged where they are read: a wrong one ends the start in a line that names it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

KEY = re.compile(r"[!-~]*")
RATE = re.compile(r"[0-9]+/(s|sec|m|min|h|hour|d|day)")
FLAGS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MIN_KEY_LENGTH = 50
MIN_KEY_SYMBOLS = 10


def wrong(name: str, value: str, what: str, example: str) -> ImproperlyConfigured:
    """Return the one line that says which variable is wrong and what a right one looks like."""
    return ImproperlyConfigured(f"{name}={value} is not {what}; for example {name}={example}.")


@dataclass(frozen=True)
class Part:
    """One variable of several that only together make something work.

    `is_set`: whether anybody named it. `is_needed`: whether nothing works without it.
    """

    name: str
    value: str
    example: str
    is_set: bool
    is_needed: bool = True


class ShopEnv(Env):  # type: ignore[misc]
    """The environment with judgement. Each reader raises ImproperlyConfigured for what it cannot be."""

    def whole_number(self, name: str, *, default: int) -> int:
        """Return a number that is 0 or more."""
        text = str(self.str(name, default="")).strip()
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise wrong(name, text, "a whole number", str(default))
        return int(text)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        text = str(self.str(name, default="")).strip()
        if not text:
            return default
        if text.lower() not in FLAGS:
            raise wrong(name, text, "true or false", str(default).lower())
        return FLAGS[text.lower()]

    def rate(self, name: str, *, default: str) -> str:
        """Return a rate such as 60/min; an empty one means no limit."""
        text = str(self.str(name, default=default)).strip()
        if text and not RATE.fullmatch(text):
            raise wrong(name, text, "a rate (requests per s, min, h or day)", default)
        return text

    def level(self, name: str, *, default: str) -> str:
        """Return a level of the log."""
        text = str(self.str(name, default=default)).strip().upper()
        if text not in LEVELS:
            raise wrong(name, text, f"one of {', '.join(LEVELS)}", default)
        return text

    def address(self, name: str, *, schemes: tuple[str, ...], example: str) -> str:
        """Return the address of a server, or an empty text where none is named.

        Its text is never repeated in the complaint: it may hold a password.
        """
        text = str(self.str(name, default="")).strip()
        if not text:
            return ""
        try:
            parts = urlsplit(text)
            named = bool(parts.hostname or parts.path or parts.query) and (parts.port or 1) > 0
        except ValueError:
            named = False
        if not named or parts.scheme not in schemes:
            raise ImproperlyConfigured(f"{name} is not an address of {' or '.join(schemes)}; for example {example}.")
        return text

    def part(
        self, name: str, *, example: str, default: str = "", is_address: bool = False, is_needed: bool = True
    ) -> Part:
        """Return a variable that is of use together with others: an address, or a key without spaces.

        A value is never repeated in the complaint.
        """
        text = str(self.str(name, default="")).strip()
        if is_address:
            text = self.address(name, schemes=("http", "https"), example=f"{name}={example}").rstrip("/")
        elif not KEY.fullmatch(text):
            raise ImproperlyConfigured(
                f"{name} is not a key of letters, digits and signs; for example {name}={example}."
            )
        return Part(name=name, value=text or default, example=example, is_set=bool(text), is_needed=is_needed)

    def instant(self, name: str) -> datetime | None:
        """Return an instant with its offset from UTC; None where none is named."""
        text = str(self.str(name, default="")).strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise wrong(name, text, "an instant with its offset from UTC", "2026-12-24T09:00:00-03:00")
        return found

    def signing_key(self, name: str) -> str:
        """Return a key that nobody guesses."""
        return self._strong(name, str(self.str(name)))

    def signing_keys(self, name: str) -> list[str]:
        """Return keys, each as strong as the one that signs: what opens a token also makes one."""
        return [self._strong(name, str(key)) for key in self.list(name, default=[])]

    def _strong(self, name: str, text: str) -> str:
        if len(text) < MIN_KEY_LENGTH or len(set(text)) < MIN_KEY_SYMBOLS or text.startswith("django-insecure-"):
            raise ImproperlyConfigured(
                f"{name} is too weak: at least {MIN_KEY_LENGTH} random characters. "
                'For example: python3 -c "import secrets; print(secrets.token_urlsafe(60))"'
            )
        return text

    def hosts(self, name: str) -> list[str]:
        """Return the names under which the shop is reached; `*`, or a whole `.com`, would let anybody choose one."""
        names: list[Any] = self.list(name)
        if any("*" in host or (host.startswith(".") and "." not in host.strip(".")) for host in names):
            raise wrong(name, ",".join(names), "a list of host names", "shop.example.com,www.example.com")
        return [str(host) for host in names]


POSTGRES: dict[str, Any] = {
    "schemes": ("postgres", "postgresql"),
    "example": "DATABASE_URL=postgres://balcao:password@127.0.0.1:5432/balcao",
}
REDIS: dict[str, Any] = {
    "schemes": ("redis", "rediss", "unix"),
    "example": "REDIS_URL=redis://:password@127.0.0.1:6379/0",
}

env = ShopEnv()


def passkey_place(public_url: str) -> tuple[str, list[str]]:
    """Return the name to which passkeys belong, and the origins whose pages may use them; none where browsers refuse.

    Browsers make passkeys for names, not for numbers, and only over https; this machine goes by `localhost`.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if host in ("127.0.0.1", "::1", "0.0.0.0", "localhost"):  # noqa: S104
        port = f":{parts.port}" if parts.port else ""
        return "localhost", [f"{parts.scheme}://localhost{port}"]
    is_number = host.replace(".", "").isdigit() or ":" in host
    return host, [f"{parts.scheme}://{parts.netloc}"] if parts.scheme == "https" and not is_number else []
