"""How much of a name stands in what a bank wrote, which cuts names short and leaves out accents. Pure."""

import re
import unicodedata
from difflib import SequenceMatcher

SMALL = frozenset({"de", "da", "do", "das", "dos", "e"})
CLOSE = 0.85
LEAST_CUT = 3


def likeness(*, name: str, text: str) -> float:
    """Return which share of a name's words stands in a text, from 0 to 1; a first name alone counts half."""
    wanted, said = _words(name), _words(text)
    if not wanted or not said:
        return 0.0
    found = [any(_alike(word, other) for other in said) for word in wanted]
    if not found[0]:
        return 0.0
    share = sum(found) / len(found)
    return share if len(found) > 1 else share / 2


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return [word for word in re.findall(r"[a-z]+", bare) if len(word) > 1 and word not in SMALL]


def _alike(word: str, other: str) -> bool:
    if word == other:
        return True
    if min(len(word), len(other)) < LEAST_CUT:
        return False
    return word.startswith(other) or SequenceMatcher(a=word, b=other, autojunk=False).ratio() >= CLOSE
