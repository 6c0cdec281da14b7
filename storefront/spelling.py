"""Which word somebody meant who typed one letter too many, too few, another one, or two the wrong way round. Pure.

Words are search keys: without accents and case. Whoever is still typing has typed the beginning of a word, so the
beginning of one is meant too, where no whole word is.
"""

from collections.abc import Iterable

SHORTEST = 4
"""A shorter word is one letter away from too many others."""
MOST = 8


def meant(*, typed: str, words: Iterable[str]) -> list[str]:
    """Return the words that may be meant, a few at most, sorted; none for a short word or one with a figure in it."""
    if len(typed) < SHORTEST or any(sign.isdecimal() for sign in typed):
        return []
    near = [word for word in words if _may_be(typed, word)]
    whole = [word for word in near if differs_by_one(typed, word)]
    return sorted(whole or [word for word in near if _begins(typed, word)])[:MOST]


def differs_by_one(typed: str, word: str) -> bool:
    """Say whether two words are the same but for one letter, or for two that stand the wrong way round."""
    if abs(len(typed) - len(word)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(word)) and typed[same] == word[same]:
        same += 1
    rest, other = typed[same:], word[same:]
    swapped = len(rest) > 1 and rest[1::-1] + rest[2:] == other
    return swapped or rest[1:] == other[1:] or rest[1:] == other or rest == other[1:]


def _begins(typed: str, word: str) -> bool:
    return any(differs_by_one(typed, word[:length]) for length in (len(typed) - 1, len(typed), len(typed) + 1))


def _may_be(typed: str, word: str) -> bool:
    """Say, quickly, whether a word may be meant: of its first two letters one stands where it may."""
    if len(word) < len(typed) - 1 or len(word) < SHORTEST - 1:
        return False
    return word[0] in typed[:2] or word[1] in typed[:3]
