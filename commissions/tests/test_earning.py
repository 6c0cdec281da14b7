"""The reckoning itself, without a database: generated orders, payments, refunds and discounts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.earning import Account, Key, Money, Piece, Share, Terms, earned, paid_parts, rule_for

NOON = datetime(2026, 3, 2, 15, tzinfo=UTC)
CENT = Decimal("0.01")

CENTS = st.integers(min_value=0, max_value=500_000).map(lambda cents: Decimal(cents) / 100)
BEARERS = st.sampled_from(["shop", "both", "professional"])
PERCENTS = st.integers(min_value=0, max_value=10_000).map(lambda hundredths: Decimal(hundredths) / 100)


def terms(number: int = 1, **given: Any) -> Terms:
    values: dict[str, Any] = {
        "id": number, "professional": 1, "scope": "everything", "target": None, "kind": "visit",
        "percent": Decimal(40), "amount": None, "discount_borne_by": "both", "fee_borne_by": "shop",
        "card_fee": Decimal(0), "pix_fee": Decimal(0), "consumables": Decimal(0),
        "starts_at": NOON - timedelta(days=1), "ends_at": None,
    }  # fmt: skip
    return Terms(**values | given)


def piece(line: int = 1, price: str = "50.00", **given: Any) -> Piece:
    values: dict[str, Any] = {
        "line": line, "position": 1, "kind": "visit", "service": 7, "product": 70, "categories": (5, 4), "professional": 1,
        "units": Decimal(1), "price": Decimal(price), "discount": Decimal("0.00"), "counts": True,
    }  # fmt: skip
    return Piece(**values | given)


def account(pieces: Sequence[Piece], *, kept: Decimal | str, tender: str = "cash", **given: Any) -> Account:
    values: dict[str, Any] = {
        "order": 1, "stands": True, "is_complete": False, "kept": Decimal(kept), "shipping": Decimal("0.00"),
        "since": NOON, "payments": (Money(tender=tender, kept=Decimal(kept), at=NOON),), "pieces": tuple(pieces),
    }  # fmt: skip
    return Account(**values | given)


def worth(*pieces: Piece) -> Decimal:
    return sum((one.net for one in pieces if one.counts), Decimal("0.00"))


@st.composite
def rules(draw: Any) -> Terms:
    by_percent = draw(st.booleans())
    fee = draw(BEARERS)
    return terms(
        percent=draw(PERCENTS) if by_percent else None,
        amount=None if by_percent else draw(CENTS),
        discount_borne_by=draw(BEARERS),
        fee_borne_by=fee,
        card_fee=Decimal("3.49") if fee != "shop" else Decimal(0),
        consumables=draw(CENTS) / 100,
    )


@st.composite
def pieces_sold(draw: Any) -> list[Piece]:
    found = []
    for line in range(1, draw(st.integers(min_value=1, max_value=6)) + 1):
        price = draw(CENTS)
        discount = (price * draw(st.integers(0, 100)) / 100).quantize(CENT, ROUND_HALF_UP)
        found.append(piece(line=line, price=str(price), discount=discount, counts=draw(st.booleans())))
    return found


@given(pieces=pieces_sold(), rule=rules(), paid=st.integers(min_value=0, max_value=130))
def test_nothing_is_more_than_its_base_and_every_figure_is_whole_cents(
    pieces: list[Piece], rule: Terms, paid: int
) -> None:
    kept = (worth(*pieces) * paid / 100).quantize(CENT)
    for share in earned(account=account(pieces, kept=kept, tender="card"), rules=[rule]).values():
        assert 0 <= share.amount <= share.base
        assert share.base * 100 == int(share.base * 100)
        assert share.amount * 100 == int(share.amount * 100)


@given(pieces=pieces_sold(), paid=st.integers(min_value=0, max_value=130))
def test_what_is_paid_of_the_pieces_adds_up_to_the_money_that_is_there(pieces: list[Piece], paid: int) -> None:
    counting = [one for one in pieces if one.counts]
    kept = (worth(*pieces) * paid / 100).quantize(CENT)
    parts = paid_parts(account=account(pieces, kept=kept), pieces=counting)
    assert all(0 <= part <= 1 for part in parts)
    if worth(*pieces) > 0:
        spread = sum((one.net * part for one, part in zip(counting, parts, strict=True)), Decimal(0))
        assert spread.quantize(CENT) == min(kept, worth(*pieces))


@given(pieces=pieces_sold(), steps=st.lists(st.integers(min_value=0, max_value=100), max_size=8))
def test_of_all_of_the_price_the_bases_add_up_to_the_money_however_it_comes_and_goes(
    pieces: list[Piece], steps: list[int]
) -> None:
    """The ledger as it is written: each step adds what is missing, and taking everything back leaves nothing."""
    book: dict[Key, Share] = {}
    for percent in [*steps, 0]:
        kept = (worth(*pieces) * percent / 100).quantize(CENT)
        due = earned(account=account(pieces, kept=kept), rules=[terms(percent=Decimal(100))], written=list(book))
        for key in due.keys() | book.keys():
            entry = due.get(key, Share()).less(book.get(key, Share()))
            then = book.get(key, Share())
            book[key] = Share(base=then.base + entry.base, amount=then.amount + entry.amount)
        if worth(*pieces) > 0:
            assert sum((share.base for share in book.values()), Decimal(0)) == kept
            assert sum((share.amount for share in book.values()), Decimal(0)) == kept
    assert all(share == Share() for share in book.values()) or worth(*pieces) == 0


@given(pieces=pieces_sold(), rule=rules())
def test_called_off_or_cancelled_leaves_nothing(pieces: list[Piece], rule: Terms) -> None:
    off = [replace(one, counts=False) for one in pieces]
    assert earned(account=account(off, kept="100.00"), rules=[rule]) == {}
    assert earned(account=account(pieces, kept="100.00", stands=False), rules=[rule]) == {}


@pytest.mark.parametrize(
    ("rule", "given_off", "tender", "base", "amount"),
    [
        ({}, "0.00", "cash", "50.00", "20.00"),
        ({"discount_borne_by": "both"}, "10.00", "cash", "40.00", "16.00"),
        ({"discount_borne_by": "shop"}, "10.00", "cash", "50.00", "20.00"),
        ({"discount_borne_by": "professional"}, "10.00", "cash", "50.00", "10.00"),
        ({"discount_borne_by": "professional"}, "30.00", "cash", "50.00", "0.00"),
        ({"consumables": Decimal("8.00")}, "0.00", "cash", "42.00", "16.80"),
        ({"fee_borne_by": "both", "card_fee": Decimal(4)}, "0.00", "card", "48.00", "19.20"),
        ({"fee_borne_by": "professional", "card_fee": Decimal(4)}, "0.00", "card", "50.00", "18.00"),
        ({"fee_borne_by": "both", "card_fee": Decimal(4)}, "0.00", "cash", "50.00", "20.00"),
        ({"fee_borne_by": "both", "pix_fee": Decimal(1)}, "0.00", "pix", "49.50", "19.80"),
        ({"percent": None, "amount": Decimal("15.00")}, "0.00", "cash", "50.00", "15.00"),
        ({"percent": None, "amount": Decimal("70.00")}, "0.00", "cash", "50.00", "50.00"),
        ({"percent": Decimal("33.33")}, "0.01", "cash", "49.99", "16.66"),
    ],
)
def test_who_bears_what(rule: dict[str, Any], given_off: str, tender: str, base: str, amount: str) -> None:
    cut = piece(discount=Decimal(given_off))
    found = earned(account=account([cut], kept=cut.net, tender=tender), rules=[terms(**rule)])
    assert list(found.values()) == [Share(base=Decimal(base), amount=Decimal(amount))]


def test_an_amount_counts_for_each_unit() -> None:
    bread = piece(price="12.00", units=Decimal("0.400"), kind="goods", position=0)
    rule = terms(kind="goods", percent=None, amount=Decimal("5.00"))
    assert next(iter(earned(account=account([bread], kept="12.00"), rules=[rule]).values())).amount == Decimal("2.00")


def test_two_ways_to_pay_are_weighed() -> None:
    both = (Money(tender="card", kept=Decimal(40), at=NOON), Money(tender="cash", kept=Decimal(10), at=NOON))
    rule = terms(fee_borne_by="both", card_fee=Decimal(5), percent=Decimal(50))
    [share] = earned(account=account([piece()], kept="50.00", payments=both), rules=[rule]).values()
    assert share == Share(base=Decimal("48.00"), amount=Decimal("24.00"))


def test_what_costs_nothing_is_earned_once_it_is_complete() -> None:
    free = piece(discount=Decimal("50.00"))
    rule = terms(discount_borne_by="shop")
    assert earned(account=account([free], kept="0.00", payments=()), rules=[rule]) == {}
    done = account([free], kept="0.00", payments=(), is_complete=True)
    assert [share.amount for share in earned(account=done, rules=[rule]).values()] == [Decimal("20.00")]


def test_money_for_the_delivery_is_nobodys_commission() -> None:
    paid = account([piece(price="30.00")], kept="20.00", shipping=Decimal("10.00"))
    assert [share.base for share in earned(account=paid, rules=[terms()]).values()] == [Decimal("15.00")]


EVERYTHING = terms(1)
ABOVE, NEAR = terms(2, scope="category", target=4, kind=""), terms(3, scope="category", target=5, kind="")
PRODUCT, SERVICE = terms(4, scope="product", target=70, kind=""), terms(5, scope="service", target=7, kind="")


@pytest.mark.parametrize("place", range(1, 6))
def test_the_nearest_rule_holds_whichever_is_newer(place: int) -> None:
    ranked = [EVERYTHING, ABOVE, NEAR, PRODUCT, SERVICE][:place]
    newest_last = [replace(one, starts_at=NOON - timedelta(hours=place)) for place, one in enumerate(ranked)]
    found = rule_for(piece=piece(), rules=newest_last, at=NOON)
    assert found is not None
    assert found.id == place


def test_of_two_alike_the_later_one_holds_from_its_beginning_on() -> None:
    second = terms(2, starts_at=NOON + timedelta(days=1))
    for at, number in ((NOON, 1), (NOON + timedelta(days=1), 2)):
        found = rule_for(piece=piece(), rules=[EVERYTHING, second], at=at)
        assert found is not None
        assert found.id == number


def test_no_rule_holds_before_its_beginning_or_from_its_end_on_or_for_something_else() -> None:
    over = terms(ends_at=NOON)
    others = [
        terms(kind="goods"),
        terms(scope="service", target=8, kind=""),
        terms(scope="category", target=9, kind=""),
    ]
    assert rule_for(piece=piece(), rules=[over, *others], at=NOON) is None
    assert rule_for(piece=piece(), rules=[EVERYTHING], at=NOON - timedelta(days=2)) is None


def test_the_rule_somebody_has_earned_by_stays_and_so_does_who_sold() -> None:
    bread = piece(kind="goods", position=0, professional=2)
    goods = [
        terms(1, kind="goods"),
        terms(2, kind="goods", percent=Decimal(10)),
        terms(3, kind="goods", professional=2),
    ]
    key = Key(line=1, position=0, professional=1, rule=1)
    assert list(earned(account=account([bread], kept="50.00"), rules=goods, written=[key])) == [key]
    assert [one.professional for one in earned(account=account([bread], kept="50.00"), rules=goods)] == [2]
