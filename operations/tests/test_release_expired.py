"""The sweeps' work by hand."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from cart.models import Cart
from common import clock
from inventory.models import StockItem, StockReservation
from operations.integrity import findings
from orders.models import Order
from orders.tests.factories import MONDAY, cart_with, ordered, stocked

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("release_expired", *words, stdout=out)
    return out.getvalue()


@pytest.mark.fault("D12")
def test_tidies_what_ran_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stocked(sku="BREAD", units=10)
    order = ordered(units={"BREAD": 3}, payment_method="transfer")
    cart_with(units={"BREAD": 2})
    later = MONDAY + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    counted = run("--dry-run")
    assert [line.split()[0] for line in counted.splitlines()[:-1]] == ["1", "1", "2"]
    assert Order.objects.get().status == "pending"
    assert StockItem.objects.get().reserved == 5
    assert [line.split()[0] for line in run().splitlines()] == ["1", "1"]
    order.refresh_from_db()
    assert (order.status, Cart.objects.get(status="expired").status) == ("expired", "expired")
    assert (StockItem.objects.get().reserved, StockReservation.objects.count()) == (0, 0)
    assert findings(now=later) == []
    assert len(run().splitlines()) == 1
