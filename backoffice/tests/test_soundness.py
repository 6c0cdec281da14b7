"""The light of the shop's records says what stands, in the owner's words, to the owner alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from backoffice import soundness
from backoffice.tests.desk import at_desk, text_of
from common.models import Examination
from orders.tests.factories import MONDAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PROMISE = "The units on hand of a SKU are the sum of its movements."
REMEDY = "Run `manage.py reconcile_stock --repair`, then count the SKU at the shelf."
BROKEN = {"check": "stock.on_hand_is_the_sum_of_movements", "promise": PROMISE, "remedy": REMEDY, "rows": 1}


def said() -> tuple[str, bool]:
    with translation.override("pt-br"):
        light = soundness.light(now=MONDAY)
    return light.text, light.is_well


def looked(*, hours: int, broken: Any = ()) -> None:
    moment = MONDAY - hours * HOUR
    Examination.objects.create(began_at=moment, ended_at=moment, broken=list(broken))


def test_says_when_it_looked_and_what_it_found() -> None:
    assert said() == (
        "A loja ainda não conferiu os próprios registros; ela faz isso toda noite, com os serviços de fundo ligados.", False,
    )  # fmt: skip
    looked(hours=50)
    assert said() == (
        "Todos os registros batiam há 2 dias. A conferência é toda noite e não aconteceu: avise quem cuida do servidor.", False,
    )  # fmt: skip
    looked(hours=5)
    assert said() == ("Todos os registros batiam há 5 horas.", True)
    looked(hours=4, broken=[BROKEN])
    assert said() == (
        "1 coisa não bate nos registros da loja, vista há 4 horas. A loja continua vendendo. Avise quem cuida do servidor.", False,
    )  # fmt: skip
    looked(hours=3, broken=[BROKEN] * 8)
    text, is_well = said()
    assert (text.startswith("8 coisas não batem nos registros da loja, vistas há 3 horas."), is_well) == (True, False)
    assert len(soundness.light(now=MONDAY).broken) == soundness.SHOWN


def test_is_the_owners_to_see_with_what_to_do(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY
    looked(hours=4, broken=[BROKEN])
    owner = at_desk(role="owner")
    page = text_of(owner.get("/admin/"))
    with translation.override("pt-br"):
        shown = [translation.gettext(PROMISE), translation.gettext(REMEDY)]
    assert PROMISE not in shown
    assert [text for text in shown if text not in page] == []
    assert "não bate" not in text_of(at_desk(role="counter").get("/admin/"))
    looked(hours=1)
    page = text_of(owner.get("/admin/"))
    assert "Todos os registros batiam há 1 hora." in page
    assert shown[1] not in page
