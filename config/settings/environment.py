"""The variables of the environment, judged where they are read: a wrong one ends the start in a line that names it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from common.postgres import addresses
from common.sentinels import SCHEME as SENTINEL
from common.sentinels import is_watched
from common.sentinels import parse as parse_sentinels

KEY = re.compile(r"[!-~]*")
DSN = re.compile(r"https?://[0-9A-Za-z]+@[0-9A-Za-z.-]+(:[0-9]{1,5})?(/[0-9A-Za-z._-]+)*/[0-9]+")
HEADERS = re.compile(r"\s*[0-9A-Za-z._-]+=[!-+\--~]+\s*(,\s*[0-9A-Za-z._-]+=[!-+\--~]+\s*)*")
SHARE = re.compile(r"0|1|[01]\.0*|0?\.[0-9]{1,9}")
PLACE = re.compile(r"[0-9A-Za-z._-]{1,64}")
HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
RATE = re.compile(r"[0-9]+/(s|sec|m|min|h|hour|d|day)")
FLAGS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MIN_ACCESS_LENGTH = 24
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

    def whole_number(self, name: str, *, default: int, least: int = 0) -> int:
        """Return a number that is `least` or more."""
        text = str(self.str(name, default="")).strip()
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < least:
            raise wrong(name, text, f"a whole number from {least} on" if least else "a whole number", str(default))
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

    def choice(self, name: str, *, among: tuple[str, ...]) -> str:
        """Return one of a few words, or an empty text."""
        text = str(self.str(name, default="")).strip().lower()
        if text and text not in among:
            raise wrong(name, text, f"one of {', '.join(among)}, or empty", among[0])
        return text

    def level(self, name: str, *, default: str) -> str:
        """Return a level of the log."""
        text = str(self.str(name, default=default)).strip().upper()
        if text not in LEVELS:
            raise wrong(name, text, f"one of {', '.join(LEVELS)}", default)
        return text

    def address(
        self,
        name: str,
        *,
        schemes: tuple[str, ...],
        example: str,
        place: Callable[[SplitResult], bool] = bool,
    ) -> str:
        """Return the address of a server, or an empty text where none is named. `place` judges what follows its name.

        Its text is never repeated in the complaint: it may hold a password.
        """
        text = str(self.str(name, default="")).strip()
        if not text:
            return ""
        try:
            if SENTINEL in schemes and is_watched(text):
                parse_sentinels(text)
                return text
            several = addresses.servers(text) if schemes == addresses.SCHEMES else []
            parts = urlsplit(addresses.with_one(text) if several else text)
            named = bool(parts.hostname or parts.path or parts.query) and (parts.port or 1) > 0
        except ValueError:
            named = False
        if not named or parts.scheme not in schemes or not place(parts):
            raise ImproperlyConfigured(f"{name} is not an address of {' or '.join(schemes)}; for example {example}.")
        return text

    def dsn(self, name: str) -> str:
        """Return the address (DSN) of a project of Sentry, or an empty text where none is named.

        Its text is never repeated in the complaint: it holds a key.
        """
        text = str(self.str(name, default="")).strip()
        if text and not DSN.fullmatch(text):
            raise ImproperlyConfigured(
                f"{name} is not the DSN of a project of Sentry; for example {name}=https://key@sentry.example.com/1."
            )
        return text

    def headers(self, name: str) -> dict[str, str]:
        """Return headers, written as `name=value,name=value` with percent signs for what is no letter or digit.

        Their text is never repeated in the complaint: it holds a key.
        """
        text = str(self.str(name, default="")).strip()
        if text and not HEADERS.fullmatch(text):
            raise ImproperlyConfigured(
                f"{name} is not a list of headers; for example {name}=authorization=Bearer%20key."
            )
        return {
            key.strip(): unquote(value.strip())
            for key, _is, value in (one.partition("=") for one in text.split(","))
            if key
        }

    def share(self, name: str, *, default: float) -> float:
        """Return a share between nothing, 0, and all, 1."""
        text = str(self.str(name, default="")).strip()
        if not text:
            return default
        if not SHARE.fullmatch(text):
            raise wrong(name, text, "a share from 0 to 1", "0.1")
        return float(text)

    def place(self, name: str, *, default: str) -> str:
        """Return the name of the place where the shop runs."""
        text = str(self.str(name, default="")).strip() or default
        if not PLACE.fullmatch(text):
            raise wrong(name, text, "a name of letters, digits, dots and hyphens", "production")
        return text

    def list_of_origins(self, name: str) -> list[str]:
        """Return origins of pages, such as https://shop.example: scheme, name and port, and nothing after them."""
        found = [str(one).strip() for one in self.list(name, default=[])]
        for one in found:
            try:
                parts = urlsplit(one)
                is_origin = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
            except ValueError:
                is_origin = False
            if not is_origin or one != f"{parts.scheme}://{parts.netloc}":
                raise wrong(name, one, "a list of origins", "https://shop.example.com,https://www.example.com")
        return found

    def sender(self, name: str, *, default: str) -> str:
        """Return whom letters come from: an address, or a name with the address in angle brackets."""
        text = str(self.str(name, default="")).strip() or default
        mailbox = parseaddr(text)[1]
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", mailbox) or "\n" in text:
            raise wrong(name, text, "an e-mail address", "Padaria da Maria <contato@padaria.example>")
        return text

    def some_of(self, name: str, *, known: tuple[str, ...], default: list[str]) -> list[str]:
        """Return some of a few words, separated by commas; none where the variable is empty."""
        found = [str(one).strip() for one in self.list(name, default=default)]
        if not set(found) <= set(known):
            raise wrong(name, ",".join(found), f"some of {', '.join(known)}", ",".join(known[:2]))
        return found

    def mail_server(self, name: str) -> dict[str, Any]:
        """Return Django's settings of the mail server; `none` says that no letter is to leave the shop."""
        text = str(self.str(name)).strip()
        if text == "none":
            return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
        self.address(
            name, schemes=MAIL, example=f"{name}=smtp+tls://user:password@smtp.example.com:587, or {name}=none"
        )
        found: dict[str, Any] = dict(self.email_url_config(text))
        return found

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

    def page(self, name: str, *, default: str) -> str:
        """Return an address that people see, without a slash at its end."""
        found = self.address(name, schemes=("http", "https"), example=f"{name}=https://shop.example.com")
        return (found or default).rstrip("/")

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

    def access_key(self, name: str) -> str:
        """Return a key that opens one door to whoever sends it; empty where none is named."""
        text = str(self.str(name, default="")).strip()
        if text and not (KEY.fullmatch(text) and len(text) >= MIN_ACCESS_LENGTH):
            raise ImproperlyConfigured(
                f"{name} is too weak: at least {MIN_ACCESS_LENGTH} random letters and digits. "
                'For example: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        return text

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Return networks of internet addresses; a single address is one of its own. `0.0.0.0/0` would be everybody."""
        found = []
        for text in self.list(name, default=[]):
            try:
                network = ip_network(str(text).strip())
            except ValueError:
                network = None
            if network is None or network.prefixlen == 0:
                raise wrong(name, str(text), "a network of internet addresses", "10.1.0.0/16,127.0.0.1")
            found.append(network)
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

    def age_keys(self, name: str) -> list[str]:
        """Return public keys of age, none where none is named."""
        keys = [str(key).strip() for key in self.list(name, default=[])]
        for key in keys:
            if not AGE_KEY.fullmatch(key):
                raise wrong(name, key[:8], "a public key of age (`manage.py backup_key` makes one)", "age1" + "q" * 58)
        return keys

    def hosts(self, name: str) -> list[str]:
        """Return the names under which the shop is reached; `*`, or a whole `.com`, would let anybody choose one."""
        names: list[Any] = self.list(name)
        if any(
            not HOST.fullmatch(str(host)) or (host.startswith(".") and "." not in host.strip(".")) for host in names
        ):
            raise wrong(name, ",".join(names), "a list of host names", "shop.example.com,www.example.com")
        return [str(host) for host in names]


def _is_redis(parts: SplitResult) -> bool:
    """Say whether an address names one server, or a socket, and the number of a database there."""
    number = parse_qs(parts.query).get("db", ["0"])[0] if parts.scheme == "unix" else parts.path.strip("/")
    return (number or "0").isdigit() and "," not in parts.netloc.rpartition("@")[2]


MAIL = ("smtp", "smtps", "smtp+tls", "smtp+ssl")

POSTGRES: dict[str, Any] = {
    "schemes": addresses.SCHEMES,
    "place": lambda parts: (
        len(parts.path) > 1 and addresses.asked(parts.query) in (*addresses.WRITING, *addresses.READING)
    ),
    "example": "DATABASE_URL=postgres://balcao:password@127.0.0.1:5432/balcao",
}
PRIMARY: dict[str, Any] = {
    **POSTGRES,
    "place": lambda parts: len(parts.path) > 1 and addresses.asked(parts.query) in addresses.WRITING,
    "example": f"{POSTGRES['example']}, or of several postgres://balcao:password@10.0.0.1:5432,10.0.0.2:5432/balcao",
}
REPLICA: dict[str, Any] = {
    **POSTGRES,
    "example": "DATABASE_REPLICA_URL=postgres://balcao_app:password@10.0.0.2:5432/balcao",
}
REDIS: dict[str, Any] = {
    "schemes": ("redis", "rediss", "unix", SENTINEL),
    "place": _is_redis,
    "example": (
        "REDIS_URL=redis://:password@127.0.0.1:6379/0, "
        "or of several REDIS_URL=sentinel://:password@10.0.0.1:26379,10.0.0.2:26379/balcao/0"
    ),
}

POOLERS = ("transaction",)
"""What a pooler may give to a client: a session for each transaction."""

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
