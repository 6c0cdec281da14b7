"""Claims are found by their index in a shop of any size: a table of some hundred rows is not read whole for three."""

import pytest
from django.db import connection

from common import clock
from common.postgres.prepared import numbered
from inventory.models import StockItem
from inventory.services import claims
from inventory.tests.factories import stocked

KEPT = 1_200

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def many_claims() -> None:
    """Have many claims, of which PostgreSQL knows as it does once it has counted its rows."""
    item = StockItem.objects.get(variant=stocked(sku="PAO", units=10 * KEPT, price="1.00", now=clock.now()))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_stockreservation (stock_item_id, claim, quantity, allocated)"
            " SELECT %s, gen_random_uuid(), 1, true FROM generate_series(1, %s)",
            [item.pk, KEPT],
        )
        cursor.execute("ANALYZE inventory_stockreservation")


@pytest.mark.parametrize("statement", [claims._ALLOCATE_KEPT, claims._SET_CLAIMS, claims._KEPT])
def test_the_plan_for_whatever_claims_reads_no_others(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (GENERIC_PLAN) {numbered(statement).text.decode()}")
        plan = [line for (line,) in cursor.fetchall()]
    scans = [line.strip() for line in plan if "Scan" in line and "inventory_stockreservation" in line]
    assert scans
    assert not any("Seq Scan" in line for line in scans), scans
