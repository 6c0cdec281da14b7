"""Times in the window where few are free: the next one in another month, none at all, and why a day has none."""

import pytest

from accounts.tests.doors import ok, post
from operations.tests.buyer import Buyer, buys_a_cake
from operations.tests.test_window_in_browser import buyer
from orders.tests.doors import place
from scheduling.models import Appointment, AvailabilityRule, Professional, TimeOff
from scheduling.tests.factories import MONDAY, at
from shop import services as shop
from storefront.tests.shop import OWNER

__all__ = ["buyer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

FOCUS = "document.activeElement.tagName + ' ' + document.activeElement.textContent"


def away(until: int, *names: str) -> None:
    for person in Professional.objects.filter(name__in=names):
        TimeOff.objects.create(professional=person, starts_at=at(0, day=0), ends_at=at(0, day=until))


def test_the_month_jumps_to_the_next_free_time(buyer: Buyer) -> None:
    away(44, "Ana", "Bia")  # until Wednesday, the 15th of April
    buyer.open("/agendar?servico=CORTE")
    buyer.sees("button", "Ir para o próximo horário livre: qua., 15 de abr., 09:00")
    assert buyer.flaws() == []
    buyer.taps("button", "Ir para o próximo horário livre")
    buyer.sees(".times button", "09:00")
    assert buyer.tab.run("document.querySelector('.month-top strong').textContent") == "abril de 2026"
    assert buyer.tab.run(FOCUS) == "H2 quarta-feira, 15 de abril"  # what comes next to hear or to tab to are its times
    assert buyer.flaws() == []
    buyer.taps(".times button", "09:00")
    buyer.taps("button", "Reservar 09:00")
    buyer.sees(".cart li", "15 de abr., 09:00")


def test_one_professional_without_a_time_leads_to_the_others_and_to_a_chat(buyer: Buyer) -> None:
    shop.set_policy(key="whatsapp", value="+5581987654321", actor=OWNER, now=MONDAY)
    away(70, "Ana")
    ana = Professional.objects.get(name="Ana").public_id
    buyer.open(f"/agendar?servico=CORTE&profissional={ana}")
    buyer.until(lambda said: "Nenhum horário livre nos próximos 60 dias." in said)
    link = "document.querySelector('.actions a').href"
    assert buyer.tab.run(link) == "https://wa.me/5581987654321"
    assert buyer.flaws() == []
    buyer.taps("button[aria-label='Próximo mês']")
    buyer.until(lambda said: "Depois deste mês também não há." in said)
    buyer.taps("button", "Ver com qualquer profissional")
    buyer.sees(".times button", "14:00")


def test_a_day_says_why_nobody_has_a_time(buyer: Buyer) -> None:
    AvailabilityRule.objects.filter(weekday=6).delete()
    away(1, "Bia")
    buyer.open("/agendar?servico=CORTE")
    buyer.taps("summary", "Por que não tem outro horário?")
    buyer.until(
        lambda said: (
            "00:00 – 08:45\nfora do horário de atendimento\n09:00 – 11:00\njá passou, ou muito em cima da hora" in said
        )
    )
    assert buyer.flaws() == []
    buyer.taps(".days button[aria-label^='domingo, 8 de março']")
    buyer.until(lambda said: "Nenhum horário livre neste dia." in said and "00:00 – 23:45" in said)
    assert buyer.flaws() == []
    assert buyer.tab.run("[...document.querySelectorAll('.days button:disabled')].map((one) => one.innerText)") == ["1"]


def test_a_visit_whose_month_is_full_moves_to_another(buyer: Buyer) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    away(44, "Ana", "Bia")
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.taps("a", "Ver ou mudar")
    buyer.taps("button", "Mudar o horário")
    buyer.taps("button", "Ir para o próximo horário livre: qua., 15 de abr., 09:00")
    buyer.sees(".times button", "09:00")
    assert buyer.tab.run(FOCUS) == "H2 quarta-feira, 15 de abril"
    assert buyer.flaws() == []
    buyer.taps(".times button", "09:00")
    buyer.taps("button", "Mudar para")
    buyer.until(lambda said: "15 de abr., 09:00" in said and "Mudar para" not in said)
    assert Appointment.objects.get().starts_at == at(9, day=44)


def test_a_shop_that_hands_nothing_over_says_whom_to_ask(buyer: Buyer) -> None:
    shop.set_policy(key="whatsapp", value="+5581987654321", actor=OWNER, now=MONDAY)
    buys_a_cake(buyer)
    shop.set_opening_hours(hours=[], actor=OWNER, now=MONDAY)
    buyer.taps("a", "Finalizar pedido")
    buyer.until(lambda said: "No momento não há horário para retirar." in said and "Escolha outro" not in said)
    assert buyer.tab.run("document.querySelectorAll('select').length") == 0
    assert buyer.flaws() == []
