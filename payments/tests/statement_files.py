"""Statements as banks here write them, for the tests."""

from collections.abc import Sequence

HEADER = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:{encoding}
CHARSET:{charset}
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
FRAME = """<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260601120000[-3:BRT]<LANGUAGE>POR</SONRS>
</SIGNONMSGSRSV1>
<BANKMSGSRSV1>
<STMTTRNRS>
<TRNUID>1
<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS>
<CURDEF>{currency}
<BANKACCTFROM><BANKID>0341<ACCTID>1234567890<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST>
<DTSTART>20260601000000[-3:BRT]
<DTEND>20260630000000[-3:BRT]
{lines}
</BANKTRANLIST>
<LEDGERBAL><BALAMT>1234.56<DTASOF>20260630</LEDGERBAL>
</STMTRS>
</STMTTRNRS>
</BANKMSGSRSV1>
</OFX>
"""
ENTRY = """<STMTTRN>
<TRNTYPE>{kind}
<DTPOSTED>{day}
<TRNAMT>{amount}
<FITID>{id}
<MEMO>{text}
</STMTTRN>"""
CLOSED = (
    "<STMTTRN><TRNTYPE>{kind}</TRNTYPE><DTPOSTED>{day}</DTPOSTED><TRNAMT>{amount}</TRNAMT><FITID>{id}</FITID>"
    "<NAME>{text}</NAME></STMTTRN>"
)

Row = tuple[str, str, str, str]
"""Day as OFX writes it, amount, the bank's number, text."""


def ofx(
    *rows: Row, letters: str = "cp1252", encoding: str = "USASCII", charset: str = "1252", currency: str = "BRL",
    closed: bool = False, header: str | None = None,
) -> bytes:  # fmt: skip
    """Return a statement in OFX 1.x."""
    entry = CLOSED if closed else ENTRY
    written = [
        entry.format(kind="DEBIT" if amount.startswith("-") else "CREDIT", day=day, amount=amount, id=number, text=text)
        for day, amount, number, text in rows
    ]
    top = HEADER.format(encoding=encoding, charset=charset) if header is None else header
    return (top + FRAME.format(currency=currency, lines="\n".join(written))).encode(letters)


def sheet(*rows: Sequence[str], delimiter: str = ";", letters: str = "utf-8", above: str = "") -> bytes:
    """Return a statement as a table, the first row being its headings."""
    return (above + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n").encode(letters)
