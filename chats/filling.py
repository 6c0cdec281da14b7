"""Texts with names in braces, such as {nome}, filled with what they stand for. Pure.

A name is the same with capitals, without its accents, in Portuguese and in English.
"""

import re
from collections.abc import Collection, Mapping

from common.text import search_key

NAMES: Mapping[str, tuple[str, str]] = {
    "name": ("nome", "name"),
    "shop": ("loja", "shop"),
    "when": ("quando", "when"),
    "professional": ("profissional", "professional"),
    "services": ("serviços", "services"),
    "number": ("pedido", "order"),
    "items": ("itens", "items"),
    "total": ("total", "total"),
    "due": ("falta", "due"),
    "until": ("prazo", "until"),
    "link": ("link", "link"),
}
"""What each name stands for: what people write in braces, in Portuguese and in English."""

_BY_NAME = {search_key(word): field for field, words in NAMES.items() for word in words}
_NAMED = re.compile(r"\{([^{}]*)\}")
_WITH_COMMA = re.compile(r"(?:,?[ \t]+)?\{([^{}]*)\}")


def unknown_names(*, text: str, allowed: Collection[str]) -> list[str]:
    """Return what stands in braces in a text and means nothing there, as it was written; a lone brace is one."""
    found = [name for name in _NAMED.findall(text) if _BY_NAME.get(search_key(name)) not in allowed]
    return [*found, *re.findall(r"[{}]", _NAMED.sub("", text))]


def filled(*, text: str, values: Mapping[str, str]) -> str:
    """Return a text with every name filled; one that stands for nothing goes, with the comma and space before it."""

    def fill(match: re.Match[str]) -> str:
        value = values.get(_BY_NAME.get(search_key(match[1]), ""), "")
        return match[0].partition("{")[0] + value if value else ""

    return _WITH_COMMA.sub(fill, text).strip()
