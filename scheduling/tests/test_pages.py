"""The page of a visit: opened by its token, moved and cancelled there by the rules of the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from common import clock
from common.access import access_token
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from window import built

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday morning; there is no window."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    monkeypatch.setattr(built, "assets", built.Assets)


@pytest.fixture
def visitor() -> Client:
    """A browser that keeps to the rules about forged requests."""
    return Client(enforce_csrf_checks=True)


def page_of(visit: Appointment, verb: str = "", **query: str) -> str:
    """Return the address of the visit's page, with its token."""
    token = access_token(kind="appointment", public_id=visit.public_id)
    rest = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/appointments/{visit.public_id}/{verb}?access_token={token}{rest}"


def sent(visitor: Client, address: str, **fields: str) -> Any:
    """Open the form at an address and send it, as a browser does."""
    form = visitor.get(address)
    token = address.partition("access_token=")[2].partition("&")[0]
    hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"]), "access_token": token}
    return visitor.post(address, {**hidden, **fields})


def test_the_page_says_how_the_visit_stands(visitor: Client) -> None:
    make.salon(price="60.00")
    make.set_policy(address="Rua das Flores, 10", whatsapp="+5511987654321")
    visit = make.booked(at(10, day=5))
    page = visitor.get(page_of(visit)).content.decode()
    assert "Seu horário de 7 de março de 2026 às 10:00 com Ana está confirmado." in page
    assert "Você paga R$ 60,00 quando vier." in page
    assert "Rua das Flores, 10" in page
    assert "https://wa.me/5511987654321?text=" in page
    assert f"/api/v1/appointments/{visit.public_id}/calendar.ics?access_token=" in page
    assert "/move/?" in page
    assert "/cancel/?" in page


def test_nothing_of_the_page_is_kept_or_told_to_others(visitor: Client) -> None:
    make.salon()
    visit = make.booked(at(10, day=5))
    for verb in ("", "move/", "cancel/"):
        response = visitor.get(page_of(visit, verb))
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert "<script" not in response.content.decode()


def test_without_the_right_token_there_is_no_such_page(visitor: Client) -> None:
    make.salon()
    visit, other = make.booked(at(10, day=5)), make.booked(at(11, day=5))
    theirs = access_token(kind="appointment", public_id=other.public_id)
    for verb in ("", "move/", "cancel/"):
        for query in ("", "?access_token=x", f"?access_token={theirs}"):
            assert visitor.get(f"/appointments/{visit.public_id}/{verb}{query}").status_code == 404


def test_a_visit_is_moved_to_a_free_time_of_its_professional(visitor: Client) -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    make.booked(at(11, day=5))
    offered = visitor.get(page_of(visit, "move/")).content.decode()
    assert "Saturday, March 7" in offered
    assert 'value="2026-03-07T10:15:00-03:00"' in offered  # it does not stand in its own way
    assert 'value="2026-03-07T10:00:00-03:00"' not in offered  # where it is already
    assert 'value="2026-03-07T11:00:00-03:00"' not in offered  # somebody else's
    response = sent(visitor, page_of(visit, "move/"), starts_at="2026-03-07T10:15:00-03:00")
    assert response.status_code == 303
    page = visitor.get(response.headers["Location"]).content.decode()
    assert "Your appointment on March 7, 2026 at 10:15 with Ana is confirmed." in page
    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(10, 15, day=5), 2)


def test_a_time_taken_meanwhile_is_refused_in_a_sentence_with_others_to_choose(visitor: Client) -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    before = make.everything()
    make.booked(at(12, day=5))
    response = sent(visitor, page_of(visit, "move/"), starts_at="2026-03-07T12:00:00-03:00")
    assert response.status_code == 409
    page = response.content.decode()
    assert "That time has just been taken" in page
    assert 'value="2026-03-07T12:30:00-03:00"' in page
    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(10, day=5), 1)
    assert len(before[0]) + 1 == len(make.everything()[0])


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2026-03-07T12:00:00", "0001-01-01T00:00:00+14:00", "9" * 60, "\x00"]
)
def test_what_is_no_time_is_asked_for_again(visitor: Client, typed: str) -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    response = sent(visitor, page_of(visit, "move/"), starts_at=typed)
    assert response.status_code == 400
    assert "Choose one of the times first." in response.content.decode()
    visit.refresh_from_db()
    assert visit.version == 1


@pytest.mark.parametrize("first", ["", "2026-03-02", "1999-01-01", "9999-12-31", "never", "2026-03-20"])
def test_any_week_can_be_asked_for(visitor: Client, first: str) -> None:
    make.salon()
    visit = make.booked(at(10, day=5))
    response = visitor.get(page_of(visit, "move/", **{"from": first}))
    assert response.status_code == 200
    assert 'name="starts_at"' in response.content.decode()


def test_cancelling_asks_first(visitor: Client) -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    assert "Cancel your appointment?" in visitor.get(page_of(visit, "cancel/")).content.decode()
    assert visitor.post(page_of(visit, "cancel/")).status_code == 403  # without the form's own token
    visit.refresh_from_db()
    assert visit.state == "confirmed"
    response = sent(visitor, page_of(visit, "cancel/"))
    page = visitor.get(response.headers["Location"]).content.decode()
    assert "As you asked, your appointment on March 7, 2026 at 10:00 is cancelled." in page
    assert "/move/?" not in page
    visit.refresh_from_db()
    assert (visit.state, visit.events.last().door) == ("cancelled", "page")  # type: ignore[union-attr]


def test_past_the_cut_off_nothing_is_offered_and_a_late_form_is_refused(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.salon()
    visit = make.booked(at(10, day=5), language="en")
    address = page_of(visit, "cancel/")
    form = visitor.get(address)
    monkeypatch.setattr(clock, "now", lambda: at(9, 1, day=5))
    page = visitor.get(page_of(visit)).content.decode()
    assert "/move/?" not in page
    assert "/cancel/?" not in page
    hidden = {"csrfmiddlewaretoken": str(form.context["csrf_token"])}
    refused = visitor.post(address, hidden)
    assert refused.status_code == 409
    assert "It was possible until March 7, 2026 at 09:00." in refused.content.decode()
    moved = visitor.post(page_of(visit, "move/"), {**hidden, "starts_at": at(15, day=6).isoformat()})
    assert moved.status_code == 409
    visit.refresh_from_db()
    assert (visit.state, visit.version) == ("confirmed", 1)


def test_an_unanswered_request_is_said_to_be_over_whether_or_not_anybody_swept(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.salon(requires_confirmation=True)
    visit = make.booked(at(10, day=5), language="en")
    assert "We still have to confirm it" in visitor.get(page_of(visit)).content.decode()
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(hours=24))
    page = visitor.get(page_of(visit)).content.decode()
    assert "we did not answer your request" in page
    assert "/move/?" not in page
