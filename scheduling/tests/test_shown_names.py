"""Who comes, as the desk says it: a name, or why there is none."""

import pytest

from accounts.tests import factories as people
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import at

pytestmark = pytest.mark.django_db


def test_a_visit_without_a_name_is_no_account_that_was_closed() -> None:
    make.salon()
    visit = make.booked(at(10), name="Maria Souza")
    assert visit.shown_name == "Maria Souza"
    visit.contact_name = ""
    assert visit.shown_name == "Sem nome"
    visit.customer = people.customer(user=None)
    assert visit.shown_name == "Conta encerrada"
    held = Appointment(state=Appointment.State.HELD)
    assert held.shown_name == "Num carrinho"
