"""Text as people type it, made comparable and safe."""

import re
import unicodedata

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
INVISIBLE = "\u200b\u2060\ufeff"
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{BIDI}{INVISIBLE}]")
_SPACES = re.compile(r"\s+")


def search_key(text: str) -> str:
    """Return text without accents, case and doubled spaces, so that "pao" finds "Pão"."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter)
    )
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", bare).casefold()).strip()


def is_clean(text: str) -> bool:
    """Say whether text is free of control, direction and invisible characters; tab and newline are text."""
    return _FORBIDDEN.search(text) is None


def one_line(text: str) -> str:
    """Return text in NFC, trimmed, on one line."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
