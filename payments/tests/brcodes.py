"""Reads the text of a Pix as a bank does."""

from payments.brcode import crc16


class NotABRCodeError(ValueError):
    """The text is no BR Code, or not as it was written."""


def fields_of(text: str) -> dict[str, str]:
    """Return the fields of a BR Code by id, those within 26 and 62 as "26-01". Raises NotABRCodeError."""
    if not text.isascii() or len(text) < 8 or text[-8:-4] != "6304":
        raise NotABRCodeError("no CRC at the end")
    if f"{crc16(text[:-4].encode('ascii')):04X}" != text[-4:].upper():
        raise NotABRCodeError("the CRC does not match")
    found = _read(text)
    for outer in ("26", "62"):
        if outer in found:
            found |= {f"{outer}-{name}": value for name, value in _read(found[outer]).items()}
    return found


def _read(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        name, length = text[place : place + 2], text[place + 2 : place + 4]
        value = text[place + 4 : place + 4 + int(length)] if length.isdigit() and length.isascii() else ""
        if not value or len(value) != int(length) or name in found:
            raise NotABRCodeError("the fields do not fit together")
        found[name] = value
        place += 4 + len(value)
    return found
