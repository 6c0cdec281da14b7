"""How hard a password is to guess, for somebody who knows this country, the shop and the person.

`zxcvbn` counts the guesses: it knows the passwords that leaked most often, words and names in English, keyboards, dates
and letters put for others. What it does not know stands in `words.txt`. Nothing is asked of the network.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path
from threading import Lock

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

GUESSES = 10**9
"""Fewer are made in a moment by whoever has a copy of the table of passwords."""
LONGEST = 48
"""Signs that are looked at: counting costs more than it tells beyond them."""
LONG_NUMBER = 20
"""Shorter numbers are phones, documents, dates and cards, which others know."""
_WORDS = Path(__file__).with_name("words.txt")
_one_at_a_time = Lock()  # zxcvbn keeps the words it is given in a place that all threads share


class GuessingValidator:
    """Refuses passwords that are made of known words, names and years.

    `words_of`: the name of a function that returns what everybody knows of the shop.
    """

    def __init__(self, words_of: str) -> None:
        self.words_of: Callable[[], Iterable[str]] = import_string(words_of)

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Judge a password. Raises ValidationError."""
        of_person = [getattr(user, "name", ""), getattr(user, "email", "")] if user is not None else []
        known = [word for text in (*of_person, *self.words_of()) for word in words_in(text)]
        if guesses(password, known=known) < GUESSES:
            raise ValidationError(
                _(
                    "This password is easy to guess: it is made of known words, names or numbers. Put three or four "
                    "words together that have nothing to do with each other."
                ),
                code="password_easy_to_guess",
            )

    def get_help_text(self) -> str:
        """Return what people read beside the field."""
        return _("Three or four words that have nothing to do with each other make a good one.")


def guesses(password: str, *, known: Iterable[str] = ()) -> int:
    """Return how many guesses find a password, as it is or without what stands between its words."""
    typed = folded(password)[:LONGEST]
    words = [*known, *country()]
    forms = {typed, re.sub(r"[\W_]", "", typed)} - {""}
    if any(form.isdigit() and len(form) < LONG_NUMBER for form in forms):
        return 1
    with _one_at_a_time:
        return min((int(zxcvbn(form, user_inputs=words)["guesses"]) for form in forms), default=1)


def folded(text: str) -> str:
    """Return a text without accents, for the words are kept without them."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words_in(text: str) -> list[str]:
    """Return the words of a name or an address, and each run together with the next."""
    parts = re.findall(r"[a-z0-9]{3,}", folded(text).lower())
    return [*parts, *("".join(pair) for pair in pairwise(parts))]


@cache
def country() -> tuple[str, ...]:
    """Return the words that people of this country choose, the likeliest first."""
    lines = (line for line in _WORDS.read_text().splitlines() if not line.startswith("#"))
    return tuple(dict.fromkeys(word for line in lines for word in line.split()))
