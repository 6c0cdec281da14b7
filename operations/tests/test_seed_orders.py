"""Many orders at once: the same every time, in every state, and as whole as those the services place."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.db import connection
from django.db.models import F, Sum
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from commissions import selectors as commissions
from commissions.models import CommissionEntry
from common import clock
from common.identity import normal_document, normal_phone
from common.models import OutboxMessage
from common.testing import counted_by_the_planner
from inventory.models import StockItem, StockMovement, StockReservation
from operations.demo import bulk
from operations.demo.draws import SPREAD, Drawing
from operations.demo.progress import Bar
from operations.integrity import findings
from operations.tests.scenarios import held_open
from orders.answers import line_answer
from orders.models import Order, OrderContact, OrderLine
from payments.models import Payment, Refund, Tip
from scheduling.models import Appointment
from shop import services as shop
from till.models import TillClose

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("seed_demo", *words, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def seeded(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration with 600 orders more is made once; each test lies inside its transaction."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, held_open():
        run()
        before = available()
        run("--orders", "600", "--seed", "7")
        assert available() == before
        counted_by_the_planner()
        yield


@pytest.fixture(autouse=True)
def _seeded_before_each_test(seeded: None) -> None:
    """So that no test has to ask for it."""


def available() -> dict[str, int]:
    return dict(StockItem.objects.values_list("variant__sku", F("on_hand") - F("reserved")))


def contents(seed: int) -> list[tuple[str, str, str]]:
    found = Order.objects.filter(contact__email__endswith=f".{seed}@clientes.example").order_by("placed_at", "pk")
    return [
        (order.contact.email, str(order.total), " ".join(order.lines.values_list("sku", flat=True)))
        for order in found.select_related("contact")
    ]


def test_nothing_is_wrong_with_them() -> None:
    assert findings(now=clock.now()) == []


def test_they_are_in_every_state_and_spread_over_a_year() -> None:
    drawn = Order.objects.filter(contact__email__endswith=".7@clientes.example")
    states = Counter(drawn.values_list("status", flat=True))
    assert set(states) == {"pending", "confirmed", "completed", "expired", "cancelled"}
    assert states["completed"] > 300
    months = {placed.strftime("%Y-%m") for placed in drawn.values_list("placed_at", flat=True)}
    assert len(months) in (12, 13)
    assert not drawn.filter(placed_at__gt=clock.now()).exists()
    assert not drawn.filter(events__at__gt=clock.now()).exists()
    assert not drawn.filter(status="pending", expires_at__lte=clock.now() - timedelta(minutes=1)).exists()
    assert Refund.objects.filter(status="succeeded").exists()
    assert StockReservation.objects.filter(expires_at__isnull=True).exists()


def test_money_comes_by_every_tender_and_orders_by_every_channel() -> None:
    drawn = Order.objects.filter(contact__email__endswith=".7@clientes.example")
    assert set(drawn.values_list("channel", flat=True)) == {"web", "counter", "phone"}
    paid = Payment.objects.filter(order__in=drawn)
    assert set(paid.values_list("gateway", "tender")) == {
        ("transfer", ""), ("counter", "cash"), ("counter", "card"), ("counter", "pix"),
    }  # fmt: skip
    counted = TillClose.objects.aggregate(cash=Sum("counted_cash"), card=Sum("counted_card"), pix=Sum("counted_pix"))
    assert all(amount > 0 for amount in counted.values())


def test_the_agenda_of_the_year_before_is_full_and_written_once() -> None:
    before = Appointment.objects.filter(starts_at__lt=clock.now() - timedelta(days=30))
    states = Counter(before.values_list("state", flat=True))
    assert set(states) == {"completed", "no_show", "cancelled"}
    assert 80 < sum(states.values()) < 250  # about one for four orders
    assert before.filter(starts_at__lt=clock.now() - timedelta(days=300)).exists()
    everything = Appointment.objects.count()
    run("--orders", "600", "--seed", "7")
    run("--orders", "5", "--seed", "8")
    assert Appointment.objects.count() == everything


def test_visits_that_took_place_were_paid_with_tips_and_commissions() -> None:
    before = Appointment.objects.filter(starts_at__lt=clock.now() - timedelta(days=30), state="completed")
    assert before.filter(claim__isnull=True).count() == 0
    visits = Order.objects.filter(lines__kind="visit", channel="counter", status="completed")
    assert visits.count() == Appointment.objects.filter(claim__isnull=False).count() > 60
    assert set(Payment.objects.filter(order__in=visits).values_list("tender", flat=True)) == {"cash", "card", "pix"}
    tips = Tip.objects.filter(order__in=visits)
    assert 5 <= tips.count() < visits.count() / 3
    of_old = visits.filter(placed_at__lt=clock.now() - timedelta(days=31))  # before the demonstration's own rules
    entries = CommissionEntry.objects.filter(line__order__in=of_old)
    earned = entries.aggregate(base=Sum("base"), amount=Sum("amount"))
    assert earned["base"] == of_old.aggregate(total=Sum("total"))["total"]
    assert abs(earned["amount"] - earned["base"] * 40 / 100) < 1
    assert list(commissions.differences()) == []


def test_a_pending_order_waits_no_longer_than_until_its_pickup() -> None:
    waiting = Order.objects.filter(contact__email__endswith=".7@clientes.example", expires_at__isnull=False)
    assert waiting.exists()
    assert not waiting.filter(pickup_starts_at__lte=F("expires_at")).exists()


def test_people_have_phones_and_documents_that_can_exist() -> None:
    contacts = list(OrderContact.objects.filter(email__endswith=".7@clientes.example"))
    phones = [contact.phone for contact in contacts if contact.phone]
    documents = [contact.document for contact in contacts if contact.document]
    assert len(phones) > 400
    assert len(documents) > 150
    assert [normal_document(document) for document in documents] == documents
    assert [normal_phone(phone) for phone in phones] == phones


def test_their_lines_tell_what_was_chosen_as_any_other() -> None:
    lines = list(OrderLine.objects.filter(order__contact__email__endswith=".7@clientes.example"))
    assert ("Tamanho", "Unidade") in {choice for line in lines for choice in line.choices}
    assert all(line_answer(line) for line in lines)


def test_nobody_is_told_of_them() -> None:
    before = OutboxMessage.objects.count()
    run("--orders", "3", "--seed", "9")
    assert OutboxMessage.objects.count() == before


def test_the_same_seed_places_them_once() -> None:
    drawn = contents(7)
    assert len(drawn) == 600
    run("--orders", "600", "--seed", "7")
    assert contents(7) == drawn
    run("--orders", "5", "--seed", "8")
    assert len(contents(8)) == 5
    assert [row[1:] for row in contents(8)] != [row[1:] for row in drawn[:5]]
    assert findings(now=clock.now()) == []


def test_an_interrupted_run_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 10)
    for done in bulk.sell(count=30, seed=11, now=clock.now()):
        if done == 20:
            break
    assert len(contents(11)) == 20
    run("--orders", "30", "--seed", "11")
    assert len(contents(11)) == 30
    assert findings(now=clock.now()) == []


def test_what_is_sold_and_kept_is_received_first() -> None:
    before = StockMovement.objects.filter(kind="received").aggregate(units=Sum("delta"))["units"]
    figures = available()
    run("--orders", "40", "--seed", "3")
    assert available() == figures
    assert StockMovement.objects.filter(kind="received").aggregate(units=Sum("delta"))["units"] > before


def test_the_price_of_many_is_statements_a_batch_not_an_order() -> None:
    with CaptureQueriesContext(connection) as statements:
        list(bulk.sell(count=200, seed=12, now=clock.now()))
    assert len(statements) < 46  # drawers are three tables more, and closed once the money is in them


@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_lies_in_the_year_before(seed: int) -> None:
    now = datetime(2028, 2, 29, 3, tzinfo=UTC)
    drawing = Drawing(seed=seed, count=50, offers=[], policy=shop.policy(), now=now)
    sales = [drawing.sale(place) for place in range(50)]
    assert [sale.placed_at for sale in sales] == sorted(sale.placed_at for sale in sales)
    assert now - SPREAD - timedelta(hours=1) < sales[0].placed_at
    for sale in sales:
        steps = [at for _status, at in sale.steps]
        assert steps == sorted(steps)
        assert steps[-1] <= now


def test_the_bar_moves_on_a_terminal_and_speaks_in_tenths_elsewhere() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal, file = Terminal(), StringIO()
    for out in (terminal, file):
        bar = Bar(total=400, out=OutputWrapper(out))
        for done in range(10, 401, 10):
            bar.show(done)
    assert terminal.getvalue().count("\r") == 40
    assert "400 / 400" in terminal.getvalue().splitlines()[-1]
    assert len(file.getvalue().splitlines()) == 10
