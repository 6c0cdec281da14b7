"""Statements as tables (CSV), with the headings that banks here give them.

Above the table there may be a few rows about the account. A row whose cell of the day has no digit, such as one of
totals, and one without an amount, such as one of a balance, is no movement. What could mean two things is refused.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.money import parse_brl
from payments.statements.lines import Line, NotAStatementError, on_one_line

DELIMITERS = (";", "\t", ",", "|")
MOST_ABOVE = 40
DAYS = (
    "data", "date", "data lancamento", "data do lancamento", "data de lancamento", "dt lancamento", "data mov",
    "data movimento", "data movimentacao", "data da movimentacao", "data transacao", "data da transacao",
    "data operacao", "data da operacao", "data hora", "data e hora", "data do pagamento", "data pagamento",
    "data balancete", "data contabil",
)  # fmt: skip
"""Headings of the day, the likeliest first."""
AMOUNTS = ("valor", "valor r", "valor rs", "valor em r", "valor lancamento", "valor do lancamento",
           "valor da transacao", "valor transacao", "valor da operacao", "valor brl", "quantia", "montante",
           "amount")  # fmt: skip
CREDITS = ("credito", "credito r", "creditos", "entrada", "entradas", "entradas r", "valor credito", "valor recebido")
DEBITS = ("debito", "debito r", "debitos", "saida", "saidas", "saidas r", "valor debito", "valor pago")
IDS = ("identificador", "id", "fitid", "id da transacao", "id transacao", "identificador da transacao",
       "codigo da transacao", "codigo transacao", "e2e", "endtoendid", "end to end")  # fmt: skip
KINDS = ("c d", "d c", "dc", "cd", "tipo", "natureza", "tipo lancamento", "tipo de lancamento", "tipo da transacao",
         "tipo transacao", "operacao")  # fmt: skip
BALANCES = ("saldo", "saldo r", "saldo do dia", "saldo final", "balance")
OUT = ("d", "debito", "saida", "enviado")
FORMS = ("%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
_DAY = re.compile(r"([0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{2,4})(?:[T ,;-]+[0-9]{1,2}[:h][0-9]{2}.*)?")
_AMOUNT = re.compile(r"(\()?([+-])?(?:R\$)?([+-])?([0-9.,]+)(\))?([CD+-])?", re.IGNORECASE)
_OTHER_GROUPS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]{2}")
_TWO_READINGS = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")


@dataclass(frozen=True)
class _Columns:
    """Where the table has what, by place."""

    names: Sequence[str]
    day: int
    amount: int | None
    credit: int | None
    debit: int | None
    id: int | None
    kind: int | None
    silent: frozenset[int]
    """What is no part of what the bank wrote about the line."""


def lines_of(text: str, *, most: int) -> list[Line]:
    """Return the lines of a table. Raises NotAStatementError."""
    for delimiter in DELIMITERS:
        rows = _rows(text, delimiter)
        columns = _heading(rows)
        if columns is not None:
            found = []
            for row, cells in rows:
                line = _line(cells, columns=columns, row=row)
                if line is not None:
                    found.append(line)
                if len(found) > most:
                    raise NotAStatementError("too_many_lines")
            return found
    raise NotAStatementError("no_table")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise NotAStatementError("quotes", row=begins) from problem
        if any(cell.strip() for cell in cells):
            yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1


def _heading(rows: Iterator[tuple[int, list[str]]]) -> _Columns | None:
    """Return the columns of the first row that names them; None where no row does, or the rows cannot be read so."""
    try:
        for _place, (row, cells) in zip(range(MOST_ABOVE), rows, strict=False):
            columns = _columns(cells, row=row)
            if columns is not None:
                return columns
    except NotAStatementError as problem:
        if problem.code != "quotes":
            raise
    return None


def _columns(cells: Sequence[str], *, row: int) -> _Columns | None:
    names = [_plain(cell) for cell in cells]
    day = _place(names, DAYS)
    amounts = [place for place, name in enumerate(names) if name in AMOUNTS]
    came = [place for place, name in enumerate(names) if name in CREDITS]
    went = [place for place, name in enumerate(names) if name in DEBITS]
    if day is None or not (amounts or came):
        return None
    same = [name for name in names if name == names[day]]
    twice = amounts + came if len(amounts) + len(came) > 1 else went if len(went) > 1 else []
    if twice or len(same) > 1:
        raise NotAStatementError("two_columns", row=row, column=" / ".join(cells[at] for at in twice) or cells[day])
    kind = _place(names, KINDS)
    balance = {place for place, name in enumerate(names) if name in BALANCES}
    return _Columns(
        names=cells,
        day=day,
        amount=amounts[0] if amounts else None,
        credit=came[0] if came else None,
        debit=went[0] if went else None,
        id=_place(names, IDS),
        kind=kind,
        silent=frozenset({day, *amounts, *came, *went, *balance}),
    )


def _line(cells: Sequence[str], *, columns: _Columns, row: int) -> Line | None:
    """Return the movement of a row, None where it has none."""
    when = _cell(cells, columns.day)
    if not any(letter.isdigit() for letter in when):
        return None
    amount = _amount_of(cells, columns=columns, row=row)
    if amount is None:
        return None
    said = [cell for place, cell in enumerate(cells) if place not in columns.silent]
    return Line(
        source="csv",
        day=_day(when, row=row, column=columns.names[columns.day]),
        amount=amount,
        text=on_one_line(*said),
        id=_cell(cells, columns.id),
        row=row,
    )


def _amount_of(cells: Sequence[str], *, columns: _Columns, row: int) -> Decimal | None:
    """Return what a row moved, below nothing where it left the account; None where it says no amount."""
    if columns.amount is not None:
        text = _cell(cells, columns.amount)
        found = _amount(text, row=row, column=columns.names[columns.amount]) if text else None
        kind = _plain(_cell(cells, columns.kind))
        return -found if found is not None and found > 0 and kind in OUT else found
    came, went = _cell(cells, columns.credit), _cell(cells, columns.debit)
    credit = _amount(came, row=row, column=_name(columns, columns.credit)) if came else Decimal(0)
    debit = _amount(went, row=row, column=_name(columns, columns.debit)) if went else Decimal(0)
    if credit and debit:
        both = f"{_name(columns, columns.credit)} / {_name(columns, columns.debit)}"
        raise NotAStatementError("two_columns", row=row, column=both)
    return credit or -abs(debit) or None


def _name(columns: _Columns, place: int | None) -> str:
    return columns.names[place] if place is not None else ""


def _amount(text: str, *, row: int, column: str) -> Decimal:
    compact = "".join(text.split()).replace("\N{MINUS SIGN}", "-")
    found = _AMOUNT.fullmatch(compact)
    if found is None:
        raise NotAStatementError("bad_amount", row=row, column=column, value=text)
    opened, sign, inner, digits, closed, tail = found.groups()
    signs = [one for one in (sign, inner, tail) if one]
    if _TWO_READINGS.fullmatch(digits):
        raise NotAStatementError("two_amounts", row=row, column=column, value=text)
    if bool(opened) != bool(closed) or len(signs) > 1:
        raise NotAStatementError("bad_amount", row=row, column=column, value=text)
    try:
        size = parse_brl(digits.replace(",", "") if _OTHER_GROUPS.fullmatch(digits) else digits)
    except ValueError as problem:
        raise NotAStatementError("bad_amount", row=row, column=column, value=text) from problem
    return -size if opened or (signs and signs[0].upper() in "-D") else size


def _day(text: str, *, row: int, column: str) -> date:
    found = _DAY.fullmatch(text)
    for form in FORMS if found else ():
        try:
            return datetime.strptime(found[1], form).date()  # type: ignore[index]  # noqa: DTZ007 - a day alone
        except ValueError:
            continue
    raise NotAStatementError("bad_date", row=row, column=column, value=text)


def _place(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _plain(text: str) -> str:
    """Return a heading without accents, marks and capitals."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.findall(r"[a-z0-9]+", bare))
