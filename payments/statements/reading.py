"""The file as it was sent: how large it may be, which form it has, and in which letters it is written."""

import codecs

from payments.statements import ofx, sheet
from payments.statements.lines import Line, NotAStatementError, known_by_reference

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES = 5000
_NO_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")
"""How spreadsheets, PDF files, archives and pictures begin."""


def read(content: bytes) -> list[Line]:
    """Return every line of a statement, all of them or none. Raises NotAStatementError."""
    if len(content) > MAX_BYTES:
        raise NotAStatementError("too_large")
    if not content.strip():
        raise NotAStatementError("empty")
    if content.startswith(_NO_TEXT):
        raise NotAStatementError("no_text")
    if _is_ofx(content):
        lines = ofx.lines_of(_in_utf8(content), most=MAX_LINES)
    else:
        lines = sheet.lines_of(_decoded(content), most=MAX_LINES)
    return known_by_reference(lines)


def _is_ofx(content: bytes) -> bool:
    head = _in_utf8(content[:4096]).upper()
    return b"OFXHEADER" in head or b"<OFX>" in head


def _in_utf8(content: bytes) -> bytes:
    """Return the bytes as they are, but those of UTF-16 in UTF-8, which every form can say."""
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return content.decode(name, "replace").encode()
    return content


def _decoded(content: bytes) -> str:
    """Return a table as text: UTF-8 or UTF-16 where it is that, else as Windows writes it."""
    plain = _in_utf8(content)
    for name in ("utf-8-sig", "cp1252"):
        try:
            text = plain.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotAStatementError("no_text")
