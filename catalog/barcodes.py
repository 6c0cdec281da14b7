"""Numbers under bars: GTINs of 8, 12, 13 and 14 digits, each with its check digit."""

import re

GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")


def check_digit(digits: str) -> str:
    """Return the check digit behind some digits, as GS1 works it out."""
    weighed = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


def is_gtin(code: str) -> bool:
    """Say whether a code is a GTIN whose check digit is right."""
    return GTIN.fullmatch(code) is not None and check_digit(code[:-1]) == code[-1]
