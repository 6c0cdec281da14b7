"""What is said about an order: every cell of cause, state, method, money and kind of lines."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from django.utils import translation

from orders import wording
from orders.messages import CAUSES, LIVE, PLACES, STANDS, OrderFacts, sentences
from orders.services.notices import STILL_TRUE
from shop.policy import PAYMENT_METHODS

ALL_STATES = ("pending", "confirmed", "completed", "cancelled", "expired")
WHEN_TOLD = {**STILL_TRUE, "pickup_moved": ("pending", "confirmed"), STANDS: ALL_STATES}

MONEY: dict[str, dict[str, str]] = {
    "unpaid": {"current": "99.00", "due": "99.00"},
    "asked": {"current": "99.00", "due": "99.00", "first": "99.00"},
    "deposit asked": {"current": "99.00", "due": "99.00", "first": "29.70"},
    "deposit paid": {"current": "99.00", "due": "69.30", "kept": "29.70"},
    "paid": {"current": "99.00", "kept": "99.00"},
    "free": {},
    "called off": {},
    "paid too much": {"current": "60.00", "kept": "99.00"},
    "over, unpaid": {},
    "over, paid": {"kept": "99.00"},
    "over, given back": {"refunded": "99.00"},
    "fee kept": {"current": "20.00", "kept": "99.00", "fee": "20.00"},
    "only a fee": {"current": "20.00", "kept": "20.00", "fee": "20.00"},
    "all but a fee back": {"current": "20.00", "kept": "20.00", "refunded": "79.00", "fee": "20.00"},
}
AWAITS = "awaits"
FREE_UNTIL = datetime(2026, 3, 7, 12, tzinfo=UTC)

# cause, status, method, money, whether the shop has still to accept a visit, what is said; * stands for the place
CELLS: list[tuple[str, str, str, str, str, list[str]]] = [
    ("placed", "pending", "transfer", "asked", "", ["placed", "transfer"]),
    ("placed", "pending", "transfer", "asked", AWAITS, ["placed", "transfer_by", "awaits_shop"]),
    ("placed", "pending", "transfer", "deposit asked", "", ["placed", "transfer", "rest_*"]),
    ("placed", "pending", "transfer", "deposit asked", AWAITS, ["placed", "transfer_by", "awaits_shop", "rest_*"]),
    ("placed", "pending", "transfer", "free", AWAITS, ["placed", "awaits_shop", "nothing_to_pay"]),
    ("placed", "pending", "pix", "asked", "", ["placed", "pay_first"]),
    ("placed", "pending", "pix", "deposit asked", "", ["placed", "pay_first", "rest_*"]),
    ("placed", "pending", "pix", "asked", AWAITS, ["placed", "pay_first_by", "awaits_shop"]),
    ("placed", "pending", "card", "asked", "", ["placed", "pay_first"]),
    ("placed", "pending", "on_site", "unpaid", AWAITS, ["placed", "awaits_shop", "pay_*"]),
    ("placed", "pending", "on_site", "unpaid", "", ["placed", "awaits_us", "pay_*"]),
    ("placed", "pending", "on_site", "free", AWAITS, ["placed", "awaits_shop", "nothing_to_pay"]),
    ("placed", "confirmed", "on_site", "unpaid", "", ["placed", "is_kept", "pay_*"]),
    ("placed", "confirmed", "on_site", "free", "", ["placed", "is_kept", "nothing_to_pay"]),
    ("placed", "confirmed", "transfer", "free", "", ["placed", "is_kept", "nothing_to_pay"]),
    ("placed", "confirmed", "on_site", "paid", "", ["placed", "is_kept", "all_paid"]),
    ("placed", "completed", "on_site", "paid", "", ["placed", "all_paid"]),
    ("confirmed", "confirmed", "transfer", "paid", "", ["payment_received", "all_paid"]),
    ("confirmed", "confirmed", "transfer", "paid", AWAITS, ["payment_received", "awaits_shop", "all_paid"]),
    ("confirmed", "confirmed", "transfer", "deposit paid", "", ["payment_received", "rest_*"]),
    ("confirmed", "confirmed", "transfer", "deposit paid", AWAITS, ["payment_received", "awaits_shop", "rest_*"]),
    ("confirmed", "completed", "transfer", "paid", "", ["payment_received", "all_paid"]),
    ("confirmed", "confirmed", "on_site", "unpaid", "", ["confirmed", "pay_*"]),
    ("confirmed", "confirmed", "on_site", "free", "", ["confirmed", "nothing_to_pay"]),
    ("confirmed", "confirmed", "transfer", "called off", "", ["confirmed", "nothing_to_pay"]),
    ("confirmed", "confirmed", "card", "called off", "", ["confirmed", "nothing_to_pay"]),
    ("line_cancelled", "pending", "transfer", "asked", "", ["line_cancelled", "transfer"]),
    (
        "line_cancelled",
        "pending",
        "transfer",
        "called off",
        AWAITS,
        ["line_cancelled", "awaits_shop", "nothing_to_pay"],
    ),
    ("line_cancelled", "confirmed", "transfer", "called off", "", ["line_cancelled", "nothing_to_pay"]),
    ("line_cancelled", "confirmed", "pix", "called off", "", ["line_cancelled", "nothing_to_pay"]),
    ("line_cancelled", "pending", "on_site", "unpaid", AWAITS, ["line_cancelled", "awaits_shop", "pay_*"]),
    ("line_cancelled", "confirmed", "on_site", "unpaid", "", ["line_cancelled", "pay_*"]),
    ("line_cancelled", "confirmed", "transfer", "paid", "", ["line_cancelled", "all_paid"]),
    ("line_cancelled", "confirmed", "transfer", "paid too much", "", ["line_cancelled", "money_back"]),
    ("line_cancelled", "confirmed", "transfer", "deposit paid", "", ["line_cancelled", "rest_*"]),
    ("pickup_moved", "pending", "transfer", "asked", "", ["pickup_moved", "transfer"]),
    ("pickup_moved", "confirmed", "on_site", "unpaid", "", ["pickup_moved", "pay_*"]),
    ("pickup_moved", "confirmed", "transfer", "paid", "", ["pickup_moved", "all_paid"]),
    ("ready", "confirmed", "on_site", "unpaid", "", ["ready", "pay_*"]),
    ("ready", "confirmed", "on_site", "free", "", ["ready", "nothing_to_pay"]),
    ("ready", "confirmed", "transfer", "paid", "", ["ready", "all_paid"]),
    ("ready", "confirmed", "transfer", "deposit paid", "", ["ready", "rest_*"]),
    ("shipped", "confirmed", "transfer", "paid", "", ["shipped", "all_paid"]),
    ("cancelled", "cancelled", "on_site", "over, unpaid", "", ["cancelled", "nothing_to_pay"]),
    ("cancelled", "cancelled", "on_site", "over, paid", "", ["cancelled", "money_back"]),
    ("cancelled", "cancelled", "transfer", "over, unpaid", "", ["cancelled", "paid_meanwhile"]),
    ("cancelled", "cancelled", "transfer", "over, paid", "", ["cancelled", "money_back"]),
    ("cancelled", "cancelled", "transfer", "over, given back", "", ["cancelled", "money_returned"]),
    ("cancelled", "cancelled", "transfer", "fee kept", "", ["cancelled", "fee_kept", "rest_back"]),
    ("cancelled", "cancelled", "transfer", "only a fee", "", ["cancelled", "fee_kept"]),
    ("cancelled", "cancelled", "transfer", "all but a fee back", "", ["cancelled", "fee_kept", "money_returned"]),
    ("fee_waived", "confirmed", "transfer", "paid too much", "", ["fee_waived", "money_back"]),
    ("fee_waived", "completed", "transfer", "paid too much", "", ["fee_waived", "money_back"]),
    ("fee_waived", "cancelled", "transfer", "over, paid", "", ["fee_waived", "money_back"]),
    ("line_cancelled", "confirmed", "transfer", "fee kept", "", ["line_cancelled", "fee_kept", "rest_back"]),
    ("expired", "expired", "on_site", "over, unpaid", "", ["expired_unanswered", "nothing_to_pay"]),
    ("expired", "expired", "transfer", "called off", "", ["expired_unanswered", "nothing_to_pay"]),
    ("expired", "expired", "transfer", "over, unpaid", "", ["expired_unpaid", "paid_meanwhile"]),
    ("expired", "expired", "pix", "over, unpaid", "", ["expired_unpaid", "paid_meanwhile"]),
    ("expired", "expired", "transfer", "over, paid", "", ["expired_unpaid", "money_back"]),
    ("paid_too_late", "expired", "transfer", "over, paid", "", ["paid_too_late", "money_back"]),
    ("paid_too_late", "expired", "transfer", "over, given back", "", ["paid_too_late", "money_returned"]),
    ("link_renewed", "pending", "transfer", "asked", "", ["link_renewed", "transfer"]),
    ("link_renewed", "confirmed", "transfer", "deposit paid", "", ["link_renewed", "rest_*"]),
    ("link_renewed", "completed", "on_site", "paid", "", ["link_renewed", "all_paid"]),
    ("link_renewed", "cancelled", "transfer", "over, paid", "", ["link_renewed", "money_back"]),
    ("link_renewed", "expired", "transfer", "over, unpaid", "", ["link_renewed", "paid_meanwhile"]),
    ("stands", "pending", "transfer", "asked", "", ["is_pending", "transfer"]),
    ("stands", "pending", "on_site", "unpaid", AWAITS, ["is_pending", "awaits_shop", "pay_*"]),
    ("stands", "confirmed", "transfer", "deposit paid", "", ["is_confirmed", "rest_*"]),
    ("stands", "confirmed", "transfer", "paid too much", "", ["is_confirmed", "money_back"]),
    ("stands", "completed", "on_site", "paid", "", ["is_completed", "all_paid"]),
    ("stands", "cancelled", "transfer", "over, paid", "", ["cancelled", "money_back"]),
    ("stands", "expired", "transfer", "over, unpaid", "", ["expired_unpaid", "paid_meanwhile"]),
]


def facts(
    *,
    cause: str,
    status: str,
    method: str,
    money: str,
    awaits: bool = False,
    place: str = "collect",
    by_customer: bool = False,
    at_stake: Decimal = Decimal("0.00"),
    is_late: bool = False,
) -> OrderFacts:
    """Return the facts of a cell.

    An order paid elsewhere than at the counter was to be paid first, unless it was free; one of which all that cost
    something was called off did not run out for want of money.
    """
    amounts = {
        name: Decimal(MONEY[money].get(name, "0.00")) for name in ("current", "due", "first", "kept", "refunded", "fee")
    }
    return OrderFacts(
        cause=cause,
        status=status,
        method=method,
        asked=method != "on_site" and money != "free" and (status, money) != ("expired", "called off"),
        place=place,
        awaits_shop=awaits,
        by_customer=by_customer,
        current=amounts["current"],
        due=amounts["due"],
        first=amounts["first"],
        kept=amounts["kept"],
        refunded=amounts["refunded"],
        fee=amounts["fee"],
        at_stake=at_stake,
        free_until=FREE_UNTIL if at_stake else None,
        is_late=is_late,
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("cause", "status", "method", "money", "awaits", "said"), CELLS)
def test_each_cell_says_its_own(
    cause: str, status: str, method: str, money: str, awaits: str, said: list[str], place: str
) -> None:
    one = facts(cause=cause, status=status, method=method, money=money, awaits=awaits == AWAITS, place=place)
    assert list(sentences(facts=one)) == [name.replace("*", place) for name in said]


@pytest.mark.parametrize("cause", ["placed", "confirmed", "line_cancelled", "pickup_moved", STANDS])
@pytest.mark.parametrize(("is_late", "said"), [(False, "fee_free"), (True, "fee_late")])
def test_what_calling_off_costs_is_said_beforehand(cause: str, is_late: bool, said: str) -> None:
    agreed = {"method": "transfer", "money": "paid", "at_stake": Decimal("10.00"), "is_late": is_late}
    assert sentences(facts=facts(cause=cause, status="confirmed", **agreed))[-1] == said  # type: ignore[arg-type]
    for over in ("completed", "cancelled", "expired"):
        assert said not in sentences(facts=facts(cause=cause, status=over, **agreed))  # type: ignore[arg-type]


def test_what_the_customer_did_themselves_is_said_as_such() -> None:
    one = facts(cause="cancelled", status="cancelled", method="on_site", money="over, unpaid", by_customer=True)
    assert sentences(facts=one) == ("cancelled_by_customer", "nothing_to_pay")


def test_the_table_holds_every_cause_in_every_state() -> None:
    assert set(WHEN_TOLD) == {*CAUSES, STANDS}
    told = {(cause, status) for cause, status, *_rest in CELLS}
    never = {("line_cancelled", "completed"), ("ready", "completed"), ("shipped", "completed")}
    wanted = {(cause, status) for cause, states in WHEN_TOLD.items() for status in states}
    assert wanted - told == never


def every_cell() -> list[OrderFacts]:
    """Return every combination, also those that the rules never lead to."""
    return [
        facts(cause=cause, status=status, method=method, money=money, awaits=awaits, place=place, by_customer=mine)
        for cause, states in WHEN_TOLD.items()
        for status, method, money, awaits, place, mine in product(
            states, PAYMENT_METHODS, MONEY, (False, True), PLACES, (False, True)
        )
    ] + [
        facts(cause=cause, status=status, method="transfer", money=money, at_stake=Decimal("10.00"), is_late=is_late)
        for cause, states in WHEN_TOLD.items()
        for status, money, is_late in product(states, MONEY, (False, True))
    ]


def test_nobody_is_asked_for_money_that_is_not_due_or_told_of_money_that_did_not_come() -> None:
    for one in every_cell():
        said = set(sentences(facts=one))
        live = one.status in LIVE
        asked_first = live and one.status == "pending" and one.first > 0
        of_transfer, of_other = {"transfer", "transfer_by"}, {"pay_first", "pay_first_by"}
        assert bool(said & of_transfer) == (asked_first and one.method == "transfer"), one
        assert bool(said & of_other) == (asked_first and one.method != "transfer"), one
        assert not (one.awaits_shop and said & {"transfer", "pay_first"}), one  # "until then we keep everything"
        at_the_counter = {f"{word}_{place}" for word in ("pay", "rest") for place in PLACES}
        assert bool(said & at_the_counter) == (live and one.rest > 0), one
        assert ("payment_received" in said) <= (one.kept > 0), one
        assert ("all_paid" in said) <= (one.kept > 0 and one.due == 0), one
        assert bool({"money_back", "rest_back"} & said) == (one.back > 0), one
        assert ("fee_kept" in said) <= (one.fee > 0), one
        assert ("fee_free" in said) <= (one.at_stake > 0 and not one.is_late), one
        assert ("fee_late" in said) <= (one.at_stake > 0 and one.is_late), one
        assert ("nothing_to_pay" in said) <= (one.due == 0 or not live), one
        assert ("awaits_shop" in said) == (live and one.awaits_shop), one


@pytest.mark.parametrize("language", ["pt-br", "en"])
def test_every_sentence_and_subject_can_be_written_in_every_language(language: str) -> None:
    amounts = ("first", "kept", "refunded", "rest", "back", "fee", "at_stake")
    names = ("number", "gone", "pickup", "until", "free_until", *amounts)
    values = {name: f"<{name}>" for name in names}
    reached = set()
    with translation.override(language):
        for one in every_cell():
            reached |= set(sentences(facts=one))
            assert all(text and "%(" not in text for text in wording.written(facts=one, values=values))
            if one.cause != STANDS:
                assert "<number>" in wording.subject(facts=one, values=values)
        texts = {name: str(text) for name, text in wording.SENTENCES.items()}
        subjects = {name: str(text) for name, text in wording.SUBJECTS.items()}
    assert reached == set(wording.SENTENCES)
    with translation.override("en"):
        assert all((texts[name] == str(text)) == (language == "en") for name, text in wording.SENTENCES.items())
        assert all((subjects[name] == str(text)) == (language == "en") for name, text in wording.SUBJECTS.items())


def test_the_cells_are_told_apart_by_what_decides_them() -> None:
    keys = [cell[:5] for cell in CELLS]
    assert len(keys) == len(set(keys))
    assert {status for _cause, status, *_rest in CELLS} == set(ALL_STATES)
    assert {cell[2] for cell in CELLS} == set(PAYMENT_METHODS)
    assert {cell[3] for cell in CELLS} == set(MONEY)
