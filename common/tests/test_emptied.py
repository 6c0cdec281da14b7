"""After a test that committed the database is empty, also where somebody still writes."""

import threading
from contextlib import suppress

import pytest
from django.db import OperationalError, connection
from django.test import TransactionTestCase

from common import clock
from common.models import Heartbeat, Outage
from common.testing import Emptied
from common.transactions import unit_of_work


@pytest.mark.django_db(transaction=True)
def test_who_still_writes_in_another_order_is_waited_for() -> None:
    now = clock.now()
    emptied = Emptied(flush=TransactionTestCase._fixture_teardown)  # type: ignore[attr-defined]
    emptied._kept = emptied._stands()
    Heartbeat.objects.create(name="late", beat_at=now)
    Outage.objects.create(name="late", since=now, retry_at=now, tries=1, cause="-")
    has_begun, is_waited_for = threading.Event(), threading.Event()

    def write() -> None:
        with suppress(OperationalError), unit_of_work():
            Outage.objects.update(tries=2)
            has_begun.set()
            is_waited_for.wait(0.5)
            Heartbeat.objects.update(beat_at=now)
        connection.close()

    late = threading.Thread(target=write)
    late.start()
    assert has_begun.wait(10)
    emptied.after(TransactionTestCase())
    late.join()
    assert not Heartbeat.objects.exists()
    assert not Outage.objects.exists()
