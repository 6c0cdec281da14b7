"""Text as people type it, made comparable and safe."""

import re
import unicodedata
from urllib.parse import quote

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = "\u200b\u2060\ufeff"
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{BIDI}{INVISIBLE}]")
_SPACES = re.compile(r"\s+")
_MARKS = {"\u2212": "-", "\u2043": "-", "\u00b7": ".", "\u2022": ".", "\u2024": ".", "\u2044": "/", "\u2215": "/"}

LONGEST_NAME = 60
_INNER_DOT = re.compile(r"\.(?! |$)")
_LINKED = re.compile(r"://|www\.|@|[^\W\d_][\w-]*\.[^\W\d_]{2}", re.IGNORECASE)

_MOST_TERMS = 8
_SHORT = 2
_WHOLE_NUMBER = 8  # two numbers of so many digits, typed one after the other, are two
_PHONE_WITH_ZERO = 11


def search_key(text: str) -> str:
    """Return text without accents, case, doubled spaces and what cannot be seen, so that "pao" finds "Pão"."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf"
    )
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", bare).casefold()).strip()


def is_clean(text: str) -> bool:
    """Say whether text is free of control, direction and invisible characters; tab and newline are text."""
    return _FORBIDDEN.search(text) is None


def seen(text: str) -> str:
    """Return what can be seen of a text: `is_clean` is true of it."""
    return _FORBIDDEN.sub("", text)


def plain_marks(text: str) -> str:
    """Return a number as a keyboard writes it: what phones and word processors put around and into it made plain.

    What cannot be seen goes; every dash is a hyphen, every space a space, every middle dot and slash a plain one.
    """
    return "".join(_plain_mark(letter) for letter in text)


def _plain_mark(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    if category == "Pd":
        return "-"
    if category == "Zs":
        return " "
    return _MARKS.get(letter, letter)


def plain_number(text: str, *, digits: int) -> int | None:
    """Return the whole number that a request sent, in at most so many figures from 0 to 9; None for any other text.

    Python's own words for figures take superscripts, which `int` refuses, and those of other scripts.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def one_line(text: str) -> str:
    """Return text in NFC, trimmed, on one line."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def name_in_letters(text: str) -> str:
    """Return a name as a letter may call its reader; empty for what is too long for one, or holds more than a name.

    Anybody can type anything as somebody's name and have it sent to any address, so nothing that a mail program would
    turn into a link, and no figure, gets through: letters, spaces, hyphens, apostrophes, and dots that end a word.
    """
    name = one_line(text)
    if len(name) > LONGEST_NAME or not all(_is_of_a_name(sign) for sign in name):
        return ""
    return "" if _INNER_DOT.search(name) else name


def chat_url(*, phone: str, text: str = "") -> str:
    """Return a link that opens WhatsApp with a text written in; without a phone (E.164) its reader chooses the chat."""
    return f"https://wa.me/{phone.removeprefix('+')}{f'?text={quote(text)}' if text else ''}"


def without_links(text: str) -> str:
    """Return a text as it is if no mail program finds a link in it; otherwise nothing."""
    return "" if _LINKED.search(unicodedata.normalize("NFKC", text)) else text


def _is_of_a_name(sign: str) -> bool:
    return sign in " '’-.&" or unicodedata.category(sign)[0] in "LM"


def literally(word: str) -> str:
    """Return a word as LIKE reads it without wildcards."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def search_terms(text: str) -> list[tuple[str, ...]]:
    """Return what a search key must hold to be found by a text: of each tuple at least one.

    Digits are read apart from their marks, so that "(11) 97777-6655" and "123.456.789-09" find what is stored without
    them; "#" before a number means nothing. A term of one or two signs begins a word, which keeps the index useful.
    """
    terms: list[tuple[str, ...]] = []
    number = ""
    for word in [*search_key(text).split(), ""]:
        digits = "".join(letter for letter in word if letter.isdecimal())
        is_number = bool(digits) and not any(letter.isalpha() for letter in word)
        if number and (not is_number or min(len(number), len(digits)) >= _WHOLE_NUMBER):
            terms.append(_number_forms(number))
            number = ""
        if is_number:
            number += digits
        elif bare := word.strip("#\"'“”,;()"):
            letters = "".join(letter for letter in bare if letter.isalnum())
            forms = (bare, letters) if digits and letters != bare and "@" not in bare else (bare,)
            terms.append(tuple(_long_enough(form) for form in forms))
    return terms[:_MOST_TERMS]


def _number_forms(digits: str) -> tuple[str, ...]:
    """Return a number with and without the zero of a trunk call before it; a CPF may begin with a zero of its own."""
    without = digits.lstrip("0")
    forms = (digits, without) if len(digits) >= _PHONE_WITH_ZERO and without not in ("", digits) else (digits,)
    return tuple(_long_enough(form) for form in forms)


def _long_enough(term: str) -> str:
    return term if len(term) > _SHORT else f" {term}"
