"""What packages say in Portuguese, as pages and answers show it: no slip that somebody has met, and no wrong word."""

import re

import pytest
from django.utils.translation import gettext, override
from django.utils.translation.trans_real import translation
from rest_framework.fields import CharField, FileField, IntegerField, ListField

SLIPS = re.compile(
    r"certifque|^certifique-se que este|diponíve|vázio|ordenção|\btenho no\b|pode não (estar|ser)|\(a/as\)|em ordem a"
    r"|mais de \{min|satisfazer a requisição do|^pedido foi|^sab$|\bcartas?\b",
    re.IGNORECASE,
)


def test_no_text_has_a_slip() -> None:
    with override("pt-br"):
        known = [
            key
            for key, _text in vars(translation("pt-br"))["_catalog"].items()
            if isinstance(key, str) and "\x04" not in key
        ]
        said = {key: gettext(key) for key in known if key}
    assert {key: text for key, text in said.items() if SLIPS.search(text)} == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            IntegerField.default_error_messages["min_value"],
            "Certifique-se de que este valor seja maior ou igual a {min_value}.",
        ),
        (
            CharField.default_error_messages["min_length"],
            "Certifique-se de que este campo tenha pelo menos {min_length} caracteres.",
        ),
        (CharField.default_error_messages["blank"], "Este campo não pode ficar em branco."),
        (FileField.default_error_messages["empty"], "O arquivo enviado está vazio."),
        (ListField.default_error_messages["empty"], "Esta lista não pode ficar vazia."),
    ],
)
def test_a_refusal_is_told_in_our_words(text: object, said: str) -> None:
    with override("pt-br"):
        assert str(text) == said
