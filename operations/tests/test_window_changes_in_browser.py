"""Orders and visits changed in the window, on a phone: moved, called off with what comes back said, and paid by Pix."""

from datetime import timedelta

import pytest

from accounts.tests.doors import ok, post
from common import clock
from inventory.tests.factories import STAFF
from operations.tests.buyer import Buyer
from operations.tests.test_window_in_browser import buyer
from orders.models import Order
from orders.selectors import Access
from orders.tests.doors import an_order, place
from orders.tests.factories import MONDAY, late_pickup
from payments import services as payments
from payments.models import Payment
from scheduling.models import Appointment
from scheduling.tests.factories import at
from shop import services as shop
from storefront.tests.shop import OWNER

__all__ = ["buyer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def opens(buyer: Buyer, order: dict[str, str]) -> None:
    buyer.open(f"/pedido/{order['number']}#{order['access_token']}")
    buyer.sees("h1", order["number"])


def test_a_pickup_is_moved_and_the_order_called_off(buyer: Buyer) -> None:
    order = an_order()
    before = Order.objects.get().pickup_starts_at
    assert before is not None
    opens(buyer, order)
    buyer.taps("button", "Mudar retirada")
    buyer.sees(".times button")
    assert buyer.flaws() == []
    buyer.tab.run("document.querySelector('.times button:last-child').setAttribute('data-last', '')")
    buyer.taps("[data-last]")
    buyer.taps("button", "Mudar para")
    buyer.sees("button", "Mudar retirada")
    after = Order.objects.get().pickup_starts_at
    assert after is not None
    assert after > before
    Order.objects.update(paid="42.00")
    buyer.taps("button", "Cancelar pedido")
    buyer.until(lambda said: "A loja devolve R$ 42,00" in said.replace("\xa0", " "))
    assert buyer.flaws() == []
    buyer.taps("button", "Sim, cancelar")
    buyer.sees(".notice", "Pedido cancelado")


def test_a_visit_is_moved_within_its_month_and_called_off(buyer: Buyer) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    opens(buyer, order)
    buyer.taps("a", "Ver ou mudar")
    buyer.until(lambda said: "/visita/" in said.split()[0] and "14:00" in said)
    assert order["access_token"] not in buyer.said().split()[0]
    assert buyer.flaws() == []
    buyer.taps("button", "Mudar o horário")
    day = at(9, day=4)
    buyer.taps(".days button", str(day.day))
    buyer.sees(".times button", "09:30")
    assert buyer.flaws() == []
    buyer.taps(".times button", "09:30")
    buyer.taps("button", "Mudar para")
    buyer.sees(".notice", "Pronto: mudamos para")
    assert Appointment.objects.get().starts_at == day + timedelta(minutes=30)
    buyer.taps("button", "Cancelar visita")
    assert buyer.flaws() == []
    buyer.taps("button.is-danger", "Cancelar visita")
    buyer.sees(".notice", "cancelada")
    assert Appointment.objects.get().state == "cancelled"


def test_a_pickup_chosen_and_what_comes_back_stay_when_the_shop_does_not_answer(buyer: Buyer) -> None:
    order = an_order()
    before = Order.objects.get().pickup_starts_at
    opens(buyer, order)
    buyer.taps("button", "Mudar retirada")
    buyer.taps(".times button:last-child")
    buyer.is_cut_off(from_="reschedule")
    buyer.taps("button", "Mudar para")
    buyer.is_back(after=2)  # the change, and the question what is free since
    assert "Confira sua internet" in buyer.said()
    buyer.taps("button", "Mudar para")
    buyer.sees("button", "Mudar retirada")
    assert Order.objects.get().pickup_starts_at != before
    Order.objects.update(paid="42.00")
    buyer.taps("button", "Cancelar pedido")
    buyer.until(lambda said: "A loja devolve" in said)
    buyer.is_cut_off(from_="/cancel/")
    buyer.tab.run("window.dispatchEvent(new Event('visibilitychange'))")  # they look at another tab, and come back
    buyer.is_back(after=1)
    assert "A loja devolve" in buyer.said()


def test_a_time_chosen_for_a_visit_stays_when_the_shop_does_not_answer(buyer: Buyer) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    opens(buyer, order)
    buyer.taps("a", "Ver ou mudar")
    buyer.taps("button", "Mudar o horário")
    buyer.taps(".days button", str(at(9, day=4).day))
    buyer.taps(".times button", "09:30")
    buyer.is_cut_off(from_="reschedule")
    buyer.taps("button", "Mudar para")
    buyer.is_back(after=2)
    buyer.taps("button", "Mudar para")
    buyer.sees(".notice", "Pronto: mudamos para")


def test_a_visit_opens_once_its_whole_link_is_put_into_the_address(buyer: Buyer) -> None:
    line = {"services": ["CORTE"], "starts_at": at(14, day=3).isoformat()}
    order = ok(place(ok(post("/carts/", {"lines": [line]}), 201), fulfilment=None), 201)
    visit = order["lines"][0]["appointment"]["id"]
    buyer.open(f"/visita/{visit}")
    buyer.sees("main p", "Abra o link completo")
    buyer.tab.run(f"location.hash = '{order['access_token']}'; 0")  # only what stands behind the # is another
    buyer.sees("h1", "14:00")


def test_too_late_is_said_before_anybody_chooses(buyer: Buyer) -> None:
    order = an_order()
    opens(buyer, order)
    buyer.sees("button", "Mudar retirada")
    Order.objects.update(pickup_starts_at=clock.now(), pickup_ends_at=clock.now() + timedelta(minutes=30))
    buyer.taps("button", "Mudar retirada")
    buyer.sees(".notice", "O prazo para mudar pelo site passou")
    buyer.taps("button", "Voltar")
    buyer.sees("button", "Mudar retirada")


def test_an_order_is_paid_by_pix_in_the_window(buyer: Buyer) -> None:
    for key, value in (("pix_key", "loja@example.com"), ("payment_methods", "on_site,transfer,pix")):
        shop.set_policy(key=key, value=value, actor=OWNER, now=MONDAY)
    pickup = {"method": "pickup", "pickup_at": late_pickup(now=clock.now()).isoformat()}
    order = an_order(payment_method="pix", fulfilment=pickup)
    opens(buyer, order)
    buyer.sees("h2", "Pagamento")
    assert buyer.flaws() == []
    buyer.taps("button", "Pagar com Pix")
    buyer.sees("button", "Copiar código Pix")
    assert buyer.tab.run("document.querySelector('.qr').naturalWidth") > 0
    assert buyer.flaws() == []
    code = buyer.tab.run("document.querySelector('textarea').value")
    assert code.startswith("000201")
    assert "loja@example.com" in code
    buyer.tab.run("navigator.clipboard.writeText = async (text) => { window.copied = text; }; 0")
    buyer.taps("button", "Copiar código Pix")
    buyer.until(lambda said: "Código copiado" in said)
    assert buyer.tab.run("window.copied") == code
    buyer.open(f"/pedido/{order['number']}")  # a reload shows the same attempt
    buyer.sees("button", "Copiar código Pix")
    assert Payment.objects.count() == 1
    found = Order.objects.get()
    payments.confirm_order(
        number=found.number,
        amount=found.total,
        reference="",
        access=Access(staff=True),
        actor=STAFF,
        now=clock.now(),
    )
    buyer.until(lambda said: "Pagamento recebido" in said and "Copiar código Pix" not in said)
