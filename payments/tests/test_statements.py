"""Statements as files: every common shape is read to the cent, and what could mean two things is refused with its place."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import statements
from payments.statements import MAX_BYTES, Line, NotAStatementError, numbers_in
from payments.tests.statement_files import ofx, sheet

PIX = "Transferência recebida pelo Pix - JOÃO DA CONCEIÇÃO - •••.456.789-•• - BANCO XYZ - ABCDEFGH2"
PLAIN = "PIX RECEBIDO JOÃO DA CONCEIÇÃO ABCDEFGH2"
HEAD = ("Data", "Valor", "Identificador", "Descrição")


def bare(lines: list[Line]) -> list[tuple[str, str, str, str]]:
    return [(line.day.isoformat(), str(line.amount), line.id, line.text) for line in lines]


def refused(content: bytes) -> tuple[str, int | None, str]:
    with pytest.raises(NotAStatementError) as caught:
        statements.read(content)
    return caught.value.code, caught.value.row, caught.value.column


class TestOfx:
    @pytest.mark.parametrize(
        ("letters", "encoding", "charset"),
        [
            ("cp1252", "USASCII", "1252"),
            ("latin-1", "USASCII", "ISO-8859-1"),
            ("utf-8", "UTF-8", "NONE"),
            ("utf-8", "UNICODE", "NONE"),
            ("utf-8", "UTF-8", "UTF-8"),
            ("utf-8", "USASCII", "1252"),
        ],
    )
    def test_letters(self, letters: str, encoding: str, charset: str) -> None:
        found = statements.read(
            ofx(("20260601", "59.90", "A1", PLAIN), letters=letters, encoding=encoding, charset=charset)
        )
        assert bare(found) == [("2026-06-01", "59.90", "A1", PLAIN)]

    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("59.90", "59.90"),
            ("59,90", "59.90"),
            ("+59.90", "59.90"),
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("-59,90", "-59.90"),
            ("50", "50.00"),
            ("1234.5", "1234.50"),
        ],
    )
    def test_amounts(self, written: str, amount: str) -> None:
        assert statements.read(ofx(("20260601", written, "A1", PLAIN)))[0].amount == Decimal(amount)

    @pytest.mark.parametrize(
        "written", ["20260601", "20260601100000", "20260601100000[-3:BRT]", "20260601100000.000[-03:EST]"]
    )
    def test_days(self, written: str) -> None:
        assert statements.read(ofx((written, "1.00", "A1", PLAIN)))[0].day == date(2026, 6, 1)

    def test_closed_tags_and_names(self) -> None:
        found = statements.read(ofx(("20260601", "59.90", "A1", PLAIN), closed=True))
        assert bare(found) == [("2026-06-01", "59.90", "A1", PLAIN)]

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "\r\n\r\nOFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\n",
            "OFXHEADER:100DATA:OFXSGMLVERSION:102SECURITY:NONEENCODING:USASCIICHARSET:1252COMPRESSION:NONE",
            "OFXHEADER: 100\nDATA: OFXSGML\nVERSION: 102\nENCODING: USASCII\nCHARSET: 1252\n\n",
        ],
    )
    def test_headers(self, header: str) -> None:
        found = statements.read(ofx(("20260601", "59.90", "A1", PLAIN), header=header))
        assert bare(found) == [("2026-06-01", "59.90", "A1", PLAIN)]

    def test_two_point_x(self) -> None:
        top = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE"?>\n'
        found = statements.read(ofx(("20260601", "59.90", "A1", PLAIN), letters="utf-8", closed=True, header=top))
        assert bare(found) == [("2026-06-01", "59.90", "A1", PLAIN)]

    def test_utf_8_with_a_mark_and_utf_16(self) -> None:
        content = ofx(("20260601", "59.90", "A1", PLAIN), letters="utf-8", encoding="UTF-8", charset="NONE")
        assert statements.read(b"\xef\xbb\xbf" + content)[0].text == PLAIN
        assert statements.read(content.decode().encode("utf-16"))[0].text == PLAIN

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (ofx(("20260601", "1.00", "A1", "x"), ("20260602", "abc", "A2", "y")), ("bad_amount", 34, "TRNAMT")),
            (ofx(("20260601", "1.00", "A1", "x"), ("20260602", "2,000", "A2", "y")), ("two_amounts", 34, "TRNAMT")),
            (ofx(("20260601", "1.00", "A1", "x"), ("20260602", "", "A2", "y")), ("bad_amount", 31, "TRNAMT")),
            (ofx(("20261301", "1.00", "A1", "x")), ("bad_date", 26, "DTPOSTED")),
            (ofx(("010626", "1.00", "A1", "x")), ("bad_date", 26, "DTPOSTED")),
            (ofx(("20260601", "1.005", "A1", "x")), ("bad_amount", 24, "TRNAMT")),
            (ofx(("20260601", "1.00", "A1", "x"), currency="USD"), ("currency", None, "")),
            (b"OFXHEADER:100\n\n<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>", ("no_statement", None, "")),
            (ofx().replace(b"</STMTRS>", b"</STMTRS><STMTRS><CURDEF>BRL</STMTRS>"), ("several_accounts", None, "")),
        ],
    )
    def test_what_is_refused_and_where(self, content: bytes, why: tuple[str, int | None, str]) -> None:
        assert refused(content) == why

    def test_nothing_moved(self) -> None:
        assert statements.read(ofx()) == []


class TestSheet:
    @pytest.mark.parametrize("letters", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    def test_letters_and_delimiters(self, letters: str, delimiter: str) -> None:
        amount = '"1.234,56"' if delimiter == "," else "1.234,56"
        content = sheet(HEAD, ("01/06/2026", amount, "6a1f-77", PLAIN), delimiter=delimiter, letters=letters)
        assert bare(statements.read(content)) == [("2026-06-01", "1234.56", "6a1f-77", f"6a1f-77 {PLAIN}")]

    @pytest.mark.parametrize(
        ("head", "row", "amount"),
        [
            (("Data", "Valor", "Descrição"), ("01/06/2026", "59.90", "x"), "59.90"),
            (("Data Lançamento", "Histórico", "Descrição", "Valor", "Saldo"),
             ("01/06/2026", "Pix recebido", "Ana", "59,90", "159,90"), "59.90"),
            (("Data", "Histórico", "Docto.", "Crédito (R$)", "Débito (R$)", "Saldo (R$)"),
             ("01/06/26", "PIX", "000123", "59,90", "", "159,90"), "59.90"),
            (("Data", "Histórico", "Docto.", "Crédito (R$)", "Débito (R$)", "Saldo (R$)"),
             ("01/06/26", "PIX", "000123", "", "-59,90", "159,90"), "-59.90"),
            (("Data", "Lançamento", "Valor (R$)", "C/D"), ("2026-06-01", "PIX", "59,90", "D"), "-59.90"),
            (("Data", "Lançamento", "Valor", "Tipo Lançamento"), ("01.06.2026", "PIX", "59,90", "Entrada"), "59.90"),
            (("Data e hora", "Título", "Valor"), ("01/06/2026 10:20", "PIX", "R$ 59,90"), "59.90"),
            (("DATA", "DESCRIÇÃO", "VALOR"), ("01-06-2026", "PIX", "59,90-"), "-59.90"),
            (("Data", "Descrição", "Valor"), ("01/06/2026", "PIX", "(59,90)"), "-59.90"),
            (("Data", "Descrição", "Valor"), ("01/06/2026", "PIX", "59,90 C"), "59.90"),
            (("Data", "Descrição", "Valor"), ("01/06/2026", "PIX", "-R$ 1.059,90"), "-1059.90"),
        ],
    )  # fmt: skip
    def test_the_tables_of_banks(self, head: tuple[str, ...], row: tuple[str, ...], amount: str) -> None:
        (found,) = statements.read(sheet(head, row))
        assert (found.day, found.amount) == (date(2026, 6, 1), Decimal(amount))

    def test_rows_above_balances_and_totals_are_no_movements(self) -> None:
        above = "Extrato Conta Corrente\r\nConta ;1234-5\r\nPeríodo ;01/06/2026 a 30/06/2026\r\n\r\n"
        rows = (
            ("Data", "Histórico", "Valor", "Saldo"),
            ("01/06/2026", "SALDO ANTERIOR", "", "100,00"),
            ("01/06/2026", "PIX ABCDEFGH2", "59,90", "159,90"),
            ("Total", "", "59,90", ""),
        )
        found = statements.read(sheet(*rows, above=above))
        assert bare(found) == [("2026-06-01", "59.90", "", "PIX ABCDEFGH2")]
        assert found[0].row == 7

    def test_a_text_over_several_rows_keeps_its_row(self) -> None:
        content = sheet(HEAD, ("01/06/2026", "1,00", "a", '"duas\r\nlinhas"'), ("02/06/2026", "2,00", "b", "uma"))
        assert [line.row for line in statements.read(content)] == [2, 4]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (sheet(HEAD, ("01/06/2026", "1.234", "a", "x")), ("two_amounts", 2, "Valor")),
            (sheet(HEAD, ("01/06/2026", "1,00", "a", "x"), ("02/06/2026", "muito", "b", "y")), ("bad_amount", 3, "Valor")),
            (sheet(HEAD, ("06/28/2026", "1,00", "a", "x")), ("bad_date", 2, "Data")),
            (sheet(HEAD, ("1 de junho", "1,00", "a", "x")), ("bad_date", 2, "Data")),
            (sheet(("Data", "Valor", "Crédito"), ("01/06/2026", "1,00", "1,00")), ("two_columns", 1, "Valor / Crédito")),
            (sheet(("Data", "Valor", "Valor"), ("01/06/2026", "1,00", "1,00")), ("two_columns", 1, "Valor / Valor")),
            (sheet(("Data", "Crédito", "Débito"), ("01/06/2026", "1,00", "2,00")), ("two_columns", 2, "Crédito / Débito")),
            (sheet(("Nome", "Cidade"), ("Ana", "Natal")), ("no_table", None, "")),
            (sheet(HEAD, ("01/06/2026", "1,00", "a", '"aberta')), ("quotes", 2, "")),
            (b"", ("empty", None, "")),
            (b" \n ", ("empty", None, "")),
            (b"PK\x03\x04 a workbook", ("no_text", None, "")),
            (b"%PDF-1.7", ("no_text", None, "")),
            (b"Data;Valor\n01/06/2026;1,0\x000", ("no_text", None, "")),
            (b"x" * (MAX_BYTES + 1), ("too_large", None, "")),
        ],
    )  # fmt: skip
    def test_what_is_refused_and_where(self, content: bytes, why: tuple[str, int | None, str]) -> None:
        assert refused(content) == why

    def test_too_many_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("payments.statements.reading.MAX_LINES", 2)
        rows = [("01/06/2026", "1,00", str(place), "x") for place in range(1, 4)]
        assert len(statements.read(sheet(HEAD, *rows[:2]))) == 2
        assert refused(sheet(HEAD, *rows))[0] == "too_many_lines"
        assert refused(ofx(*(("20260601", "1.00", str(place), "x") for place in range(1, 4))))[0] == "too_many_lines"


class TestReferences:
    def test_a_line_has_one_name_in_both_forms_where_the_bank_numbers_it(self) -> None:
        one = statements.read(ofx(("20260601", "59.90", "6a1f", PLAIN)))
        other = statements.read(sheet(HEAD, ("01/06/2026", "59,90", "6a1f", "Outro texto")))
        assert one[0].reference == other[0].reference == "2026-06-01:59.90:6a1f"

    def test_a_number_the_bank_uses_again_names_nothing_alone(self) -> None:
        rows = [("20260601", "1.00", "N1", "Ana"), ("20260601", "1.00", "N1", "Bia"), ("20260602", "1.00", "N1", "Ana")]
        names = {line.reference for line in statements.read(ofx(*rows))}
        assert len(names) == 3
        assert names == {line.reference for line in statements.read(ofx(*reversed(rows)))}

    def test_lines_alike_without_a_number_are_counted(self) -> None:
        rows = [("20260601", "1.00", "0", "Ana"), ("20260601", "1.00", "0", "Ana")]
        found = [line.reference for line in statements.read(ofx(*rows))]
        assert len(set(found)) == 2
        assert [line.reference for line in statements.read(ofx(*rows[:1]))] == found[:1]

    def test_a_line_that_is_there_twice_counts_once(self) -> None:
        row = ("20260601", "1.00", "A1", "Ana")
        assert len(statements.read(ofx(row, row))) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PIX, ["ABCDEFGH2"]),
        ("pix abcdefgh2", ["ABCDEFGH2"]),
        ("E12345678202611281005ABCDEFGH2", []),
        ("ABCDEFGH2X ABCDEFGH", []),
        ("ABCDEFGHO ABCDEFGH1", []),
        ("ABCDEFGH2, JKLMNPQR3; ABCDEFGH2", ["ABCDEFGH2", "JKLMNPQR3"]),
    ],
)
def test_numbers_of_orders_in_a_text(text: str, found: list[str]) -> None:
    assert numbers_in(text, alphabet="23456789ABCDEFGHJKLMNPQRSTUVWXYZ", length=9) == found


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=400), begin=st.sampled_from([b"", b"OFXHEADER:100\n<OFX>", b"Data;Valor\n01/06/2026;"])
)
def test_whatever_is_sent_is_read_or_refused(content: bytes, begin: bytes) -> None:
    found: list[Line] = []
    with suppress(NotAStatementError):
        found = statements.read(begin + content)
    assert len({line.reference for line in found}) == len(found)


def test_a_file_that_nests_without_end_is_read_in_time() -> None:
    with pytest.raises(NotAStatementError):
        statements.read(b"OFXHEADER:100\n<OFX>" + b"<A>" * 200_000)
