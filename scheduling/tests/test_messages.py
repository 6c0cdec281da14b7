"""What is said about a visit: every cell of cause, state, ending and money."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.utils import translation

from scheduling import wording
from scheduling.messages import CAUSES, STANDS, VisitFacts, sentences

LIVE = {"confirmation": ["confirmed"], "request": ["requested"], "moved": ["confirmed", "requested"]}
ALL_STATES = ["held", "requested", "confirmed", "completed", "no_show", "cancelled", "expired"]
STATES = {**LIVE, "reminder": ["confirmed"], "cancellation": ["cancelled", "expired"], "link": ALL_STATES[1:]}
MONEY = {
    "direct": {"in_order": False, "total": Decimal("60.00")},
    "free": {"in_order": False, "total": Decimal("0.00")},
    "order": {"in_order": True, "total": Decimal("60.00")},
    "free in an order": {"in_order": True, "total": Decimal("0.00")},
}

# cause, state, was, by the customer, same time -> the first sentences; what is said of money follows by a rule of its own
OPENINGS: list[tuple[str, str, str, bool, bool, list[str]]] = [
    ("confirmation", "confirmed", "held", True, False, ["confirmation"]),
    ("confirmation", "confirmed", "requested", False, True, ["confirmation"]),
    ("request", "requested", "", True, False, ["request", "answered_until"]),
    ("moved", "confirmed", "confirmed", True, False, ["moved"]),
    ("moved", "confirmed", "confirmed", False, True, ["other_person"]),
    ("moved", "requested", "requested", True, False, ["moved_request", "answered_until"]),
    ("moved", "requested", "requested", False, True, ["other_person_request", "answered_until"]),
    ("cancellation", "cancelled", "confirmed", False, True, ["cancelled"]),
    ("cancellation", "cancelled", "confirmed", True, True, ["cancelled_by_customer"]),
    ("cancellation", "cancelled", "held", False, True, ["cancelled"]),
    ("cancellation", "cancelled", "held", True, True, ["cancelled_by_customer"]),
    ("cancellation", "cancelled", "requested", False, True, ["declined"]),
    ("cancellation", "cancelled", "requested", True, True, ["withdrawn"]),
    ("cancellation", "expired", "requested", False, True, ["unanswered"]),
    ("cancellation", "expired", "held", False, True, ["released"]),
    ("reminder", "confirmed", "", True, False, ["reminder"]),
    ("link", "requested", "", True, False, ["link", "answered_until"]),
    *(
        ("link", state, "", True, False, ["link"])
        for state in ("confirmed", "completed", "no_show", "cancelled", "expired")
    ),
    ("stands", "held", "", True, False, ["is_held"]),
    ("stands", "requested", "", True, False, ["is_requested", "answered_until"]),
    ("stands", "confirmed", "requested", False, True, ["is_confirmed"]),
    ("stands", "completed", "confirmed", False, True, ["is_completed"]),
    ("stands", "no_show", "confirmed", False, True, ["is_no_show"]),
    ("stands", "cancelled", "confirmed", False, True, ["cancelled"]),
    ("stands", "cancelled", "requested", True, True, ["withdrawn"]),
    ("stands", "expired", "requested", False, True, ["unanswered"]),
    ("stands", "expired", "held", False, True, ["released"]),
]
# the same of a visit that waits, or waited in vain, for the link in its letter to be followed
CLICKS: list[tuple[str, str, str, bool, bool, list[str]]] = [
    ("request", "requested", "", True, False, ["click", "click_until"]),
    ("moved", "requested", "requested", True, False, ["moved_request", "click_until"]),
    ("link", "requested", "", True, False, ["link", "click_until"]),
    ("cancellation", "cancelled", "requested", False, True, ["declined"]),
    ("cancellation", "cancelled", "requested", True, True, ["withdrawn"]),
    ("stands", "requested", "", True, False, ["is_requested", "click_awaited"]),
    ("stands", "cancelled", "requested", False, True, ["declined"]),
    ("stands", "expired", "requested", False, True, ["not_clicked"]),
]
CELLS = [*((*cell, False) for cell in OPENINGS), *((*cell, True) for cell in CLICKS)]
MONEY_SAID = {
    **{
        (money, state): [said]
        for state in ("requested", "confirmed")
        for money, said in (
            ("direct", "pay_at_counter"),
            ("free", "nothing_to_pay"),
            ("order", "paid_with_order"),
            ("free in an order", "nothing_to_pay"),
        )
    },
    ("order", "cancelled"): ["money_with_order"],
    ("order", "expired"): ["money_with_order"],
}


def facts(**columns: Any) -> VisitFacts:
    """Return facts of a confirmed visit, booked directly, that the customer may still change."""
    usual = {
        "cause": "confirmation",
        "state": "confirmed",
        "was": "",
        "by_customer": False,
        "same_time": False,
        "in_order": False,
        "total": Decimal("60.00"),
        "changeable": True,
    }
    return VisitFacts(**{**usual, **columns})


@pytest.mark.parametrize("money", MONEY)
@pytest.mark.parametrize(("cause", "state", "was", "by_customer", "same_time", "opening", "awaits_click"), CELLS)
def test_each_cell_says_its_own(
    cause: str,
    state: str,
    was: str,
    by_customer: bool,
    same_time: bool,
    opening: list[str],
    awaits_click: bool,
    money: str,
) -> None:
    for changeable in (True, False):
        said = sentences(
            facts=facts(
                cause=cause,
                state=state,
                was=was,
                by_customer=by_customer,
                same_time=same_time,
                changeable=changeable,
                awaits_click=awaits_click,
                **MONEY[money],
            )
        )
        closing = [] if cause != "reminder" else ["change_until" if changeable else "answer_us"]
        assert list(said) == opening + MONEY_SAID.get((money, state), []) + closing


def test_the_table_holds_every_cause_in_every_state_it_is_told_in() -> None:
    told = {(cause, state) for cause, state, *_rest in OPENINGS}
    expected = {(cause, state) for cause in CAUSES for state in STATES[cause]} | {(STANDS, one) for one in ALL_STATES}
    assert told == expected


@pytest.mark.parametrize("language", ["pt-br", "en"])
def test_every_sentence_and_subject_can_be_written_in_every_language(language: str) -> None:
    values = {name: f"<{name}>" for name in ("when", "who", "total", "until", "change_until")}
    reached = set()
    with translation.override(language):
        for (cause, state, was, by_customer, same_time, _opening, awaits_click), money, changeable in product(
            CELLS, MONEY.values(), (True, False)
        ):
            one = facts(
                cause=cause,
                state=state,
                was=was,
                by_customer=by_customer,
                same_time=same_time,
                changeable=changeable,
                awaits_click=awaits_click,
                **money,
            )
            written = wording.written(facts=one, values=values)
            assert all(text and "%(" not in text for text in written)
            reached |= set(sentences(facts=one))
            if cause != STANDS:
                assert "<when>" in wording.subject(facts=one, values=values)
        portuguese = {name: str(text) for name, text in {**wording.SENTENCES, **wording.SUBJECTS}.items()}
    assert reached == set(wording.SENTENCES)
    with translation.override("en"):
        english = {name: str(text) for name, text in {**wording.SENTENCES, **wording.SUBJECTS}.items()}
    assert all((portuguese[name] == english[name]) == (language == "en") for name in english)
