"""Texts with names in braces."""

import pytest

from chats.filling import filled, unknown_names

VALUES = {"name": "Bia", "shop": "Doce Forma", "services": "Corte"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Olá, {nome}!", "Olá, Bia!"),
        ("Hello, {NAME}!", "Hello, Bia!"),
        ("{Serviços} ou {servicos}", "Corte ou Corte"),
        ("{loja}: {nome}", "Doce Forma: Bia"),
        ("50% de desconto", "50% de desconto"),
    ],
)
def test_a_name_is_filled_however_it_is_written(text: str, says: str) -> None:
    assert filled(text=text, values=VALUES) == says


@pytest.mark.parametrize(
    ("text", "says"), [("Olá, {nome}!", "Olá!"), ("{nome} chegou", "chegou"), ("com {nome}.", "com.")]
)
def test_a_name_that_stands_for_nothing_goes_with_its_comma(text: str, says: str) -> None:
    assert filled(text=text, values={}) == says


def test_what_a_customer_is_called_is_not_read_again() -> None:
    assert filled(text="Olá, {nome}!", values={"name": "{loja}", "shop": "X"}) == "Olá, {loja}!"


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Olá, {nome}", []),
        ("Olá, {nomee}", ["nomee"]),
        ("Olá, {prazo}", ["prazo"]),
        ("Olá, {}", [""]),
        ("Olá, {nome", ["{"]),
        ("Olá, nome}", ["}"]),
        ("{{nome}}", ["{", "}"]),
    ],
)
def test_what_means_nothing_is_named(text: str, unknown: list[str]) -> None:
    assert unknown_names(text=text, allowed=("name", "shop")) == unknown
