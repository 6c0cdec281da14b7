"""What a letter may call somebody: a name, and nothing that a mail program would turn into a link."""

import pytest

from common.text import name_in_letters, without_links


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "Maria de Souza",
        "Ana M. Souza",
        "João D'Ávila",
        "O’Neil",
        "Anna-Lena",
        "李小龍",
        "Zoë",
        "José Jr.",
        "أحمد",
    ],
)
def test_a_name_is_called(name: str) -> None:
    assert name_in_letters(f"  {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "Ganhe R$500: http://mau.example", "mau.example", "Ana www.mau.example", "ana@mau.example", "Ligue 11999998888",
        "Ana\nVeja: mau", "Ana/mau", "mau。example", "mau．example", "Ana M.Souza", "x" * 61, "", "<b>Ana</b>", "Ana!",
    ],
)  # fmt: skip
def test_what_is_more_than_a_name_is_not(name: str) -> None:
    assert name_in_letters(name) == ""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Sem nozes. Obrigada!", True),
        ("Entregar às 15.30 na rua 7", True),
        ("veja http://mau.example", False),
        ("mau.example", False),
        ("www.mau", False),
        ("mau．example", False),
        ("fale com ana@mau", False),
    ],
)
def test_a_note_with_a_link_stays_out(text: str, kept: bool) -> None:
    assert without_links(text) == (text if kept else "")
