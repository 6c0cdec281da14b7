"""The light of the shop's copies says what stands, in the owner's words, to the owner alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from backoffice import copies
from backoffice.tests.desk import at_desk, text_of
from common import backups, heartbeats
from orders.tests.factories import MONDAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
COPY: dict[str, Any] = {"kind": "portable", "name": "20260302-090000", "made_at": MONDAY - 3 * HOUR}


def said(after: timedelta = timedelta(0)) -> tuple[str, bool]:
    with translation.override("pt-br"):
        light = copies.light(now=MONDAY + after)
    return light.text, light.is_well


def proved(*, at: timedelta, is_sound: bool = True) -> None:
    backups.note_proof(**COPY, at=MONDAY + at, is_sound=is_sound, findings=0 if is_sound else 2)


def test_says_how_old_and_how_sure() -> None:
    assert said() == ("A loja ainda não tem cópia. Peça uma por noite a quem cuida do servidor.", False)
    backups.note_copy(**COPY, size=10, is_encrypted=True)
    assert said() == ("Última cópia há 3 horas, nunca restaurada como teste. Avise quem cuida do servidor.", False)
    proved(at=-24 * HOUR)
    assert said() == ("Última cópia há 3 horas, conferida ontem.", True)
    proved(at=-2 * HOUR)
    assert said() == ("Última cópia há 3 horas, conferida hoje.", True)
    assert said(72 * HOUR) == (
        "Última cópia há 3 dias, conferida há 3 dias. Avise quem cuida do servidor.", False,
    )  # fmt: skip
    proved(at=HOUR, is_sound=False)
    assert said(HOUR) == (
        "Última cópia há 4 horas; ao restaurar como teste, havia erros. Avise quem cuida do servidor.", False,
    )  # fmt: skip


def test_says_until_when_every_change_is_kept() -> None:
    backups.note_copy(**COPY, size=10, is_encrypted=True)
    proved(at=-2 * HOUR)
    heartbeats.beat(name=backups.WAL, now=MONDAY - timedelta(minutes=1))
    assert said() == ("Última cópia há 3 horas, conferida hoje. Tudo o que muda fica guardado, até há 1 minuto.", True)
    text, is_well = said(HOUR)
    assert (text.endswith("até há 1 hora. Avise quem cuida do servidor."), is_well) == (True, False)


def test_is_the_owners_to_see(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    assert "A loja ainda não tem cópia" in text_of(at_desk(role="owner").get("/admin/"))
    assert "não tem cópia" not in text_of(at_desk(role="counter").get("/admin/"))
