"""The page of an order: opened by its token, true in what it says, and no more open than the API."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from common import clock
from common.access import access_token
from inventory.models import StockItem
from orders.models import Order
from orders.tests.factories import MONDAY, hand_over, ordered, stocked
from shop import services as shop
from shop.tests.factories import OWNER
from window import built

pytestmark = pytest.mark.django_db

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop with bread and without a window, on a Monday."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    monkeypatch.setattr(built, "assets", built.Assets)
    stocked(sku="PAO", units=5, price="1010.00")


@pytest.fixture
def visitor() -> Client:
    """A browser that keeps to the rules about forged requests."""
    return Client(enforce_csrf_checks=True)


def page_of(order: Order, verb: str = "", **query: str) -> str:
    """Return the address of the order's page, with its token."""
    token = access_token(kind="order", public_id=order.public_id)
    rest = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/orders/{order.number}/{verb}?access_token={token}{rest}"


def sent_back(visitor: Client, address: str, **fields: str) -> Any:
    """Open the form at an address and send it, as a browser does."""
    form = visitor.get(address)
    token = address.partition("access_token=")[2].partition("&")[0]
    hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"]), "access_token": token}
    return visitor.post(address, {**hidden, **fields})


def test_the_page_says_how_the_order_stands_and_how_to_pay(visitor: Client) -> None:
    shop.set_policy(key="transfer_instructions", value="Chave Pix: loja@example.com", actor=OWNER, now=MONDAY)
    order = ordered(units={"PAO": 2}, payment_method="transfer")
    page = visitor.get(page_of(order)).content.decode()
    assert "Faça a transferência de R$ 2.020,00 até 4 de março de 2026 às 09:00" in page
    assert "Chave Pix: loja@example.com" in page
    assert f"2 x {order.lines.get().name}" in page
    assert "Retirada" in page
    assert "Cancelar o pedido" in page
    english = visitor.get(page_of(order, language="en")).content.decode()
    assert "Please transfer R$ 2.020,00 by March 4, 2026 at 09:00" in english
    assert '<html lang="en">' in english


def test_who_pays_at_the_counter_reads_nothing_of_transfers(visitor: Client) -> None:
    shop.set_policy(key="transfer_instructions", value="Chave Pix: loja@example.com", actor=OWNER, now=MONDAY)
    page = visitor.get(page_of(ordered(units={"PAO": 1}))).content.decode()
    assert "Você paga R$ 1.010,00 na retirada." in page
    assert "Chave Pix" not in page
    assert "transferência" not in page


@pytest.mark.fault("E22")
def test_nothing_of_the_page_is_kept_or_told_to_others(visitor: Client) -> None:
    order = ordered(units={"PAO": 1})
    for address in (page_of(order), page_of(order, "cancel/"), page_of(order, "pickup/")):
        response = visitor.get(address)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert "<script" not in response.content.decode()
        assert response.headers["Content-Language"] == "pt-br"


def test_without_the_right_token_there_is_no_such_page(visitor: Client) -> None:
    order, other = ordered(units={"PAO": 1}), ordered(units={"PAO": 1})
    theirs = access_token(kind="order", public_id=other.public_id)
    for verb in ("", "cancel/", "pickup/"):
        for query in ("", "?access_token=", "?access_token=x", f"?access_token={theirs}"):
            assert visitor.get(f"/orders/{order.number}/{verb}{query}").status_code == 404
    assert visitor.get(f"/orders/NOSUCHONE/?access_token={theirs}").status_code == 404


def test_cancelling_asks_first_then_gives_everything_back(visitor: Client) -> None:
    order = ordered(units={"PAO": 2})
    asked = visitor.get(page_of(order, "cancel/"))
    assert "Tudo o que está nele será cancelado." in asked.content.decode()
    order.refresh_from_db()
    assert order.status == "confirmed"
    response = sent_back(visitor, page_of(order, "cancel/"))
    assert response.status_code == 303
    page = visitor.get(response.headers["Location"]).content.decode()
    assert f"Como você pediu, o pedido {order.number} está cancelado." in page
    assert "Cancelar o pedido" not in page
    order.refresh_from_db()
    assert (order.status, order.events.last().door, StockItem.objects.get().reserved) == ("cancelled", "page", 0)  # type: ignore[union-attr]


def test_a_forged_form_changes_nothing(visitor: Client) -> None:
    order = ordered(units={"PAO": 2})
    address = page_of(order, "cancel/")
    visitor.get(address)
    token = access_token(kind="order", public_id=order.public_id)
    assert visitor.post(address, {"access_token": token}).status_code == 403
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_too_late_is_said_in_a_sentence_and_changes_nothing(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered(units={"PAO": 2})
    address = page_of(order, "cancel/")
    form = visitor.get(address)
    assert order.pickup_starts_at is not None
    late = order.pickup_starts_at - timedelta(minutes=59)
    monkeypatch.setattr(clock, "now", lambda: late)
    hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
    response = visitor.post(address, hidden)
    assert response.status_code == 409
    assert "Era possível até" in response.content.decode()
    page = visitor.get(page_of(order)).content.decode()
    assert "Cancelar o pedido" not in page
    order.refresh_from_db()
    assert order.status == "confirmed"


def test_what_is_being_prepared_offers_no_cancelling(visitor: Client) -> None:
    order = ordered(units={"PAO": 2})
    hand_over(order=order, verbs=("pick",))
    assert "Cancelar o pedido" not in visitor.get(page_of(order)).content.decode()
    assert "Era possível até" not in visitor.get(page_of(order, "cancel/")).content.decode()


def test_names_and_instructions_are_text_not_markup(visitor: Client) -> None:
    shop.set_policy(key="transfer_instructions", value="<script>x</script>", actor=OWNER, now=MONDAY)
    shop.set_policy(key="name", value="<b>Loja</b>", actor=OWNER, now=MONDAY)
    page = visitor.get(page_of(ordered(units={"PAO": 1}, payment_method="transfer"))).content.decode()
    assert "<script>" not in page
    assert "<b>" not in page


class TestMovingThePickup:
    """Other windows, offered and taken."""

    def test_a_pickup_is_moved_to_another_window(self, visitor: Client) -> None:
        order = ordered(units={"PAO": 2})
        assert order.pickup_starts_at is not None
        offered = visitor.get(page_of(order, "pickup/", language="en")).content.decode()
        assert "Tuesday, March 3" in offered
        assert f'value="{order.pickup_starts_at.astimezone(SAO_PAULO).isoformat()}"' not in offered
        response = sent_back(visitor, page_of(order, "pickup/"), starts_at="2026-03-03T15:00:00-03:00")
        assert response.status_code == 303
        assert "3 de março de 2026, das 15:00 às 16:00" in visitor.get(response.headers["Location"]).content.decode()
        order.refresh_from_db()
        assert order.pickup_starts_at.astimezone(SAO_PAULO).isoformat() == "2026-03-03T15:00:00-03:00"

    @pytest.mark.parametrize(
        ("typed", "status"),
        [("", 400), ("soon", 400), ("2026-03-01T15:00:00-03:00", 422), ("2026-03-03T03:00:00-03:00", 422)],
    )
    def test_what_is_no_window_is_refused_in_a_sentence(self, visitor: Client, typed: str, status: int) -> None:
        order = ordered(units={"PAO": 2})
        before = order.pickup_starts_at
        response = sent_back(visitor, page_of(order, "pickup/"), starts_at=typed)
        assert response.status_code == status
        assert 'role="alert"' in response.content.decode()
        assert 'name="starts_at"' in response.content.decode()
        order.refresh_from_db()
        assert order.pickup_starts_at == before

    def test_past_the_cut_off_it_is_not_offered(self, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        order = ordered(units={"PAO": 2})
        assert "/pickup/?" in visitor.get(page_of(order)).content.decode()
        assert order.pickup_starts_at is not None
        late = order.pickup_starts_at - timedelta(minutes=59)
        monkeypatch.setattr(clock, "now", lambda: late)
        assert "/pickup/?" not in visitor.get(page_of(order)).content.decode()
        page = visitor.get(page_of(order, "pickup/")).content.decode()
        assert "Era possível até" in page
        assert 'name="starts_at"' not in page
