"""Statements in OFX, 1.x as most banks here write it and 2.x.

A kept reader does the work (`bankfile`), whose doctrine is to read on and to warn. What it warns of in an amount or a
day is refused here: money is not guessed.
"""

import re
from decimal import Decimal

import bankfile
from bankfile import ReadWarning, UnknownFormatError

from common.money import CENT, MAX_MONEY
from payments.statements.lines import Line, NotAStatementError, on_one_line

CURRENCY = "BRL"
IN_UTF_8 = b"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\nCHARSET:NONE\n\n"
_BEGINS = re.compile(r"<\s*STMTTRN\s*>", re.IGNORECASE)
_CODES = {"TRNAMT": "bad_amount", "DTPOSTED": "bad_date"}


def lines_of(content: bytes, *, most: int) -> list[Line]:
    """Return the lines of a file. Raises NotAStatementError."""
    text, readable = _letters(content)
    try:
        statement = bankfile.parse_bytes(readable)
    except UnknownFormatError as problem:
        raise NotAStatementError("no_statement") from problem
    starts = [_row(text, found.start()) for found in _BEGINS.finditer(text)]
    if len(starts) > most:
        raise NotAStatementError("too_many_lines")
    for warning in statement.warnings:
        _judge(warning, text=text)
    currencies = {statement.currency, *(entry.currency for entry in statement.transactions)} - {None, CURRENCY}
    if currencies:
        raise NotAStatementError("currency", value=str(min(map(str, currencies))))
    if len(statement.transactions) != len(starts):
        raise NotAStatementError("broken")
    return [
        Line(
            source="ofx",
            day=entry.date,
            amount=_money(entry.amount, row=row),
            text=on_one_line(entry.counterparty_name, entry.purpose, entry.reference, entry.check_number),
            id=(entry.bank_reference or "").strip(),
            row=row,
        )
        for row, entry in zip(starts, statement.transactions, strict=True)
    ]


def _letters(content: bytes) -> tuple[str, bytes]:
    """Return a file as text, and as the reader gets it: one in UTF-8 says so, whatever the bank wrote above it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), content
    if content.isascii() or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?"):
        return text, content
    return text, IN_UTF_8 + content[max(content.find(b"<"), 0) :]


def _judge(warning: ReadWarning, *, text: str) -> None:
    """Refuse what makes a line doubtful; letters, headings and balances may be as they are."""
    if warning.field == "STMTRS":
        raise NotAStatementError("several_accounts")
    if warning.rule == "tag" and "no STMTRS" in warning.message:
        raise NotAStatementError("no_statement")
    if warning.field in _CODES and warning.rule in ("amount", "date"):
        value = warning.value or ""
        code = "two_amounts" if "ambiguous" in warning.message and warning.rule == "amount" else _CODES[warning.field]
        raise NotAStatementError(code, row=_row_of(warning.field, value, text), column=warning.field, value=value)
    if warning.field in ("STMTTRN", *_CODES):
        raise NotAStatementError("broken")


def _row_of(tag: str, value: str, text: str) -> int | None:
    """Return the row in which a tag has that value; of one without any, the row in which its line begins."""
    if value.strip():
        found = re.search(rf"<\s*{tag}\s*>\s*{re.escape(value.strip())}", text, re.IGNORECASE)
        return _row(text, found.start()) if found else None
    starts = [match.start() for match in _BEGINS.finditer(text)]
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(text)
        if not re.search(rf"<\s*{tag}\s*>\s*[^<\s]", text[start:end], re.IGNORECASE):
            return _row(text, start)
    return None


def _row(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _money(amount: Decimal, *, row: int) -> Decimal:
    exact = amount.quantize(CENT) if abs(amount) <= MAX_MONEY else None
    if exact is None or exact != amount:
        raise NotAStatementError("bad_amount", row=row, column="TRNAMT", value=str(amount))
    return exact
