"""Search and sort keys: what SQL keeps is what Python asks for, and people are found as they are typed."""

import string

import pytest
from django.db import connection

from common.identity import mailbox_of
from common.search import LETTERS, MAILBOX, folded
from common.text import search_key, search_terms

NAMES = [
    "Antônio Gonçalves",
    "ÁGUA COM GÁS",
    "Éclair",
    "Óleo de girassol",
    "Zuleica",
    "José d'Ávila",
    "Łukasz Żółw",
    "Strauß",
    "Mu\u0308ller",  # a letter with its mark beside it
    "Pão de queijo · 1ª fornada",
    "Çağla Ömür",
    "日本 花子",
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*NAMES, LETTERS, string.printable.strip()])
def test_the_database_folds_a_name_as_python_does(name: str) -> None:
    expression = folded("name").extra["template"].replace("%(expressions)s", "given.name")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression} FROM (SELECT %s::text) given (name)", [name])
        assert cursor.fetchone()[0] == search_key(name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("ana.lima@gmail.com", "analima@gmail.com"),
        ("A.n.a.Lima+loja+2@GoogleMail.com", "analima@gmail.com"),
        ("ana.lima@example.com", "ana.lima@example.com"),
        ("ana+1@example.com", "ana@example.com"),
        ("+1@example.com", "@example.com"),
        ("", ""),
    ],
)
def test_spellings_of_one_mailbox_are_one(email: str, mailbox: str) -> None:
    assert mailbox_of(email) == mailbox
    with connection.cursor() as cursor:
        expression = MAILBOX.replace("%(expressions)s", "given.email")
        cursor.execute(f"SELECT {expression} FROM (SELECT %s::text) given (email)", [email])
        assert cursor.fetchone()[0] == mailbox


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("(11) 97777-6655", [("11977776655",)]),
        ("97777-6655", [("977776655",)]),
        ("+55 11 97777 6655", [("5511977776655",)]),
        ("\u202a+55 (11) 97777\u20116655\u202c", [("5511977776655",)]),
        ("0 11 97777-6655", [("011977776655", "11977776655")]),
        ("012.345.678-90", [("01234567890", "1234567890")]),
        ("123.456.789-09", [("12345678909",)]),
        ("12.ABC.345/01DE-35", [("12.abc.345/01de-35", "12abc34501de35")]),
        ("977776655 12345678909", [("977776655",), ("12345678909",)]),
        ("#K7M29QXT2", [("k7m29qxt2",)]),
        ("Antônio  GONÇALVES", [("antonio",), ("goncalves",)]),
        ("ana\u200b lima", [("ana",), ("lima",)]),
        ("Jo 11", [(" jo",), (" 11",)]),
        ("ana.lima@example.com", [("ana.lima@example.com",)]),
        ("100%", [("100",)]),
        ("00000000000", [("00000000000",)]),
        (" # ", []),
        ("\u200b", []),
        ("a b c d e f g h i j", [(f" {letter}",) for letter in "abcdefgh"]),
    ],
)
def test_what_is_typed_is_read_as_people_mean_it(typed: str, terms: list[tuple[str, ...]]) -> None:
    assert search_terms(typed) == terms
