"""Each figure against rows made by hand, and against the pages that tell the same."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.testing import statements
from counter import daysheet
from counter import services as counter
from counter.services import Discount, WalkIn
from counter.tests.factories import STAFF, cash, goods, of, sell
from counter.tests.test_time import with_deposit
from inventory.tests.factories import stocked
from orders.models import Order
from orders.tests.factories import ALL, cancel, ordered
from payments import services as payments
from reports.figures import BY_KEY, FIGURES
from reports.periods import A_DAY, Days
from reports.sections import sections_of
from reports.selectors import Asked, Reading, read, rows_behind
from reports.selectors import goods as goods_of
from scheduling.models import Appointment, Professional, Service
from scheduling.tests.factories import MONDAY, at, booked, salon
from shop import services as shop
from shop.models import ShopSettings
from till import services as till

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
NOON = MONDAY + timedelta(hours=3)
LATE = MONDAY + timedelta(days=40)


def reading(first: date = DAY, last: date | None = None, now: datetime = NOON) -> Reading:
    [found] = read(stretches=[Days(first, last or first)], policy=shop.policy(), now=now)
    return found


def figures(found: Reading, *keys: str) -> dict[str, str]:
    return {key: str(BY_KEY[key].of(found)) for key in keys}


def give_back(number: str, amount: str, now: datetime = MONDAY) -> None:
    payments.refund_order(
        number=number, amount=Decimal(amount), handed_back=[], restock=False, reason="Troca", access=ALL,
        actor=STAFF, now=now,
    )  # fmt: skip


def sheet(day: date = DAY, now: datetime = NOON) -> dict[str, Any]:
    zone = shop.policy().timezone
    return daysheet.figures_of(period=daysheet.period_of(day=day, timezone=zone, now=now), timezone=zone)


def a_day_of_everything() -> None:
    """Sell goods and time over the counter, on the web with a deposit, by transfer; give some back, call some off."""
    stocked(sku="PAO", units=1000, price="0.80")
    shop_ = salon(names=["Ana", "Bia"])
    with_deposit()
    sell(cash("5.00"), of("card", "3.00"), goods=goods(PAO=10))
    mixed = sell(
        of("pix", "51.00"),
        goods=goods(PAO=5),
        walk_ins=(WalkIn(services=(("CORTE", shop_.id("Bia")),)),),
        discount=Discount(kind="amount", value=Decimal("3.00"), reason="Fiel"),
        now=MONDAY,
    )
    give_back(mixed.numbers[0], "10.01")
    sent = ordered(units={"PAO": 2}, payment_method="transfer")
    payments.confirm_order(number=sent.number, amount=sent.total, reference="TED", access=ALL, actor=STAFF, now=MONDAY)
    cancel(order=ordered(units={"PAO": 7}))
    ordered(units={"PAO": 9}, payment_method="transfer")  # waits for its money
    ordered(units={"PAO": 3})  # agreed, and paid when it is collected


def test_the_report_of_a_day_is_the_sheet_of_that_day() -> None:
    a_day_of_everything()
    found, day = reading(), sheet()
    total = found.money.total
    assert Decimal(day["kept"]) > 0
    assert {
        "received": day["received"], "given_back": day["given_back"], "kept": day["kept"], "goods": day["goods"],
        "time": day["time"],
    } == {
        "received": f"{total.received:.2f}", "given_back": f"{total.given_back:.2f}", "kept": f"{total.kept:.2f}",
        "goods": f"{total.goods:.2f}", "time": f"{total.time:.2f}",
    }  # fmt: skip
    assert {row["way"]: (row["payments"], row["received"], row["refunds"], row["kept"]) for row in day["by_way"]} == {
        way: (one.payments, f"{one.received:.2f}", one.refunds, f"{one.kept:.2f}")
        for way, one in found.money.by_way.items()
    }
    assert day["sold"] == {"count": found.sales.total.count, "total": f"{found.sales.total.worth:.2f}"}


def test_each_figure_of_a_day_by_hand() -> None:
    a_day_of_everything()
    # 15.00 deposit, 8.00 bread, 51.00 bread and cut (4.00 and 50.00 less 3.00), 1.60 by transfer; 10.01 went back.
    assert figures(reading(), "revenue", "received", "given_back", "payments") == {
        "revenue": "65.59", "received": "75.60", "given_back": "10.01", "payments": "5",
    }  # fmt: skip
    found = reading().money.total
    assert found.goods + found.time == Decimal("65.59")
    # Of the mixed sale 4/54 or what the discount left of it is bread; deposits are time.
    line = Order.objects.get(total=Decimal("51.00")).lines.get(kind="goods").line_total
    share = (Decimal("51.00") * line / 51).quantize(Decimal("0.01")) - (Decimal("10.01") * line / 51).quantize(
        Decimal("0.01")
    )
    assert found.goods == Decimal("8.00") + Decimal("1.60") + share
    # Sold: deposit order 50.00, 8.00, 51.00, 1.60, and 2.40 that is agreed; not the cancelled one, not the waiting one.
    assert figures(reading(), "tickets", "sold", "average") == {"tickets": "5", "sold": "113.00", "average": "22.60"}
    assert {channel: one.count for channel, one in reading().sales.by_channel.items()} == {"web": 3, "counter": 2}


def test_time_is_shared_among_who_performed_it_to_the_cent() -> None:
    a_day_of_everything()
    found = reading()
    names = {found.visits.names[key]: amount for key, amount in found.money.by_professional.items() if key}
    assert set(names) == {"Ana", "Bia"}
    assert names["Ana"] == Decimal("15.00")
    assert sum(names.values()) == found.money.total.time


def test_the_rows_behind_every_figure_add_up_to_it() -> None:
    a_day_of_everything()
    Service.objects.update(deposit_percent=0)
    visit = booked(at(15, day=0), who=Professional.objects.get(name="Ana").public_id)
    Appointment.objects.filter(pk=visit.pk).update(state="no_show")
    found = reading()
    for figure in FIGURES:
        behind = rows_behind(asked=figure.behind, span=found.span, limit=1000)
        assert behind.count == len(behind.rows)
        assert behind.total == sum((row.amount for row in behind.rows), Decimal(0))
        value = figure.of(found)
        if figure.unit == "money" and figure.key not in ("average", "product"):
            assert abs(behind.total) == value, figure.key
        if figure.unit == "count":
            assert behind.count == value, figure.key
    for way, one in found.money.by_way.items():
        assert rows_behind(asked=Asked("money", way=way), span=found.span, limit=1000).total == one.kept
    for professional, amount in found.money.by_professional.items():
        asked = Asked("money", what="visit", professional=str(professional))
        assert rows_behind(asked=asked, span=found.span, limit=1000).total == amount
    for good in goods_of(span=found.span, limit=10).best:
        behind = rows_behind(asked=Asked("product", variant=str(good.variant)), span=found.span, limit=1000)
        assert (behind.total, sum(row.quantity for row in behind.rows)) == (good.worth, good.units)


def test_every_page_of_rows_says_how_many_there_are_and_what_they_come_to() -> None:
    a_day_of_everything()
    span = reading().span
    for asked in (Asked("sales"), Asked("money"), Asked("sales", channel="counter")):
        whole = rows_behind(asked=asked, span=span, limit=1000)
        pages = [rows_behind(asked=asked, span=span, limit=1, skipped=skipped) for skipped in range(whole.count)]
        assert [row for page in pages for row in page.rows] == whole.rows
        assert {(page.count, page.total) for page in pages} == {(whole.count, whole.total)}
        assert whole.count > 1
        assert rows_behind(asked=asked, span=span, limit=1, skipped=whole.count).rows == []


def test_a_sale_of_time_alone_is_time_on_the_sheet_too() -> None:
    made = salon()
    sell(cash("50.00"), walk_ins=(WalkIn(services=(("CORTE", made.id("Ana")),)),), now=MONDAY)
    assert (sheet()["goods"], sheet()["time"]) == ("0.00", "50.00")
    assert figures(reading(), "goods", "time") == {"goods": "0.00", "time": "50.00"}


def test_money_counts_on_its_day_in_the_zone_of_the_shop() -> None:
    stocked(sku="PAO", units=100, price="1.00")
    night = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)  # half past midnight in São Paulo, before midnight in Manaus
    sell(cash("2.00"), goods=goods(PAO=2), now=night)
    late = night + timedelta(hours=12)
    for zone, days in (("America/Sao_Paulo", ("0.00", "2.00")), ("America/Manaus", ("2.00", "0.00"))):
        ShopSettings.objects.update(timezone=zone)
        found = reading(DAY, DAY + timedelta(days=1), now=late)
        assert tuple(f"{one.kept:.2f}" for one in found.money.by_day) == days
        assert tuple(one.count for one in found.sales.by_day) == tuple(int(amount != "0.00") for amount in days)
        assert [found.part(Days(day, day)).money.total.kept for day in found.days] == [Decimal(one) for one in days]


def test_a_day_closed_early_gives_the_rest_to_the_next() -> None:
    stocked(sku="PAO", units=100, price="1.00")
    ordered_at = MONDAY + timedelta(hours=5)
    counter.close_day(day=DAY, note="", actor=STAFF, now=MONDAY + timedelta(hours=4))
    sell(cash("2.00"), goods=goods(PAO=2), now=ordered_at)
    tomorrow = MONDAY + timedelta(days=1)
    found = reading(DAY, DAY + timedelta(days=1), now=tomorrow)
    assert [one.kept for one in found.money.by_day] == [Decimal("0.00"), Decimal("2.00")]
    assert sheet(DAY + timedelta(days=1), now=tomorrow)["kept"] == "2.00"
    [first, second] = [rows_behind(asked=Asked("sales"), span=reading(day, now=tomorrow).span, limit=9).count
                       for day in found.days]  # fmt: skip
    assert (first, second) == (0, 1)


def test_days_read_together_are_as_each_alone() -> None:
    a_day_of_everything()
    Service.objects.update(deposit_percent=0)
    visit = booked(at(15, day=0), who=Professional.objects.get(name="Ana").public_id)
    Appointment.objects.filter(pk=visit.pk).update(state="completed")
    sell(cash("0.80"), goods=goods(PAO=1), now=MONDAY + timedelta(days=1))
    stretches = [Days(DAY - A_DAY, DAY + A_DAY), Days(DAY, DAY), Days(DAY - 9 * A_DAY, DAY - 3 * A_DAY)]
    together = read(stretches=stretches, policy=shop.policy(), now=LATE)
    assert together == [read(stretches=[days], policy=shop.policy(), now=LATE)[0] for days in stretches]
    assert [one.money.total.kept > 0 for one in together] == [True, True, False]


def test_visits_occupancy_and_no_shows() -> None:
    made = salon(names=["Ana", "Bia"])  # nine hours a day each, half an hour a cut
    states = {10: "completed", 11: "no_show", 12: "confirmed", 13: "cancelled"}
    for hour, state in states.items():
        visit = booked(at(hour), who=made.id("Ana"))
        Appointment.objects.filter(pk=visit.pk).update(state=state)
    day = DAY + timedelta(days=1)
    found = reading(day, now=LATE)
    total = found.visits.total
    assert (total.done, total.missed, total.ahead) == (1, 1, 1)
    assert (total.booked_hours, total.working_hours) == (Decimal("1.5"), Decimal("18.0"))
    assert (total.occupancy, total.missed_share) == (Decimal("8.3"), Decimal("50.0"))
    ana = found.visits.by_professional[made.people["Ana"].pk]
    assert (ana.occupancy, ana.working_hours) == (Decimal("16.7"), Decimal("9.0"))
    made.people["Ana"].time_off.create(starts_at=at(9), ends_at=at(12), reason="")
    assert reading(day, now=LATE).visits.total.working_hours == Decimal("15.0")


def test_goods_that_sell_and_goods_that_lie() -> None:
    for sku, price, units in (("PAO", "1.00", 50), ("BOLO", "30.00", 5), ("SAL", "2.00", 9), ("FIM", "9.00", 0)):
        stocked(sku=sku, units=units or 1, price=price)
    sell(cash("10.00"), goods=goods(PAO=10))
    sell(cash("30.00"), goods=goods(BOLO=1))
    sell(cash("9.00"), goods=goods(FIM=1))
    cancel(order=ordered(units={"SAL": 2}))
    found = goods_of(span=reading().span, limit=2)
    assert [(good.sku, good.units, good.worth, good.orders) for good in found.best] == [
        ("BOLO", 1, Decimal("30.00"), 1), ("PAO", 10, Decimal("10.00"), 1),
    ]  # fmt: skip
    assert [(good.sku, good.units, good.on_hand) for good in found.slowest] == [("SAL", 0, 9), ("PAO", 10, 40)]


def test_an_empty_shop_has_figures_of_nothing() -> None:
    found = reading(DAY - timedelta(days=29), DAY)
    assert {figure.key: figure.of(found) for figure in FIGURES if figure.unit == "share"} == {
        "no_show_share": None, "occupancy": None,
    }  # fmt: skip
    assert figures(found, "revenue", "tickets", "average") == {"revenue": "0.00", "tickets": "0", "average": "None"}
    assert all(section.key for section in sections_of(found, goods_of(span=found.span, limit=5)))


def test_a_report_costs_the_same_whatever_there_is() -> None:
    costs = []
    stocked(sku="PAO", units=1000, price="0.80")
    salon(names=["Ana", "Bia"])
    for _round in range(2):
        for _sale in range(2):
            sell(cash("0.80"), goods=goods(PAO=1))
        policy = shop.policy()
        with statements() as ran:
            read(
                stretches=[Days(DAY, DAY), Days(DAY - timedelta(days=1), DAY - timedelta(days=1))],
                policy=policy,
                now=NOON,
            )
        costs.append(len(ran))
    assert costs == [5, 5]  # closes of days, days kept, sums, visits, hours; for both stretches


@pytest.mark.parametrize(("opened_by_hand", "received"), [(False, "2.00"), (True, "3.00")])
def test_a_drawer_that_opened_by_itself_keeps_no_money_from_its_day(opened_by_hand: bool, received: str) -> None:
    stocked(sku="PAO", units=100, price="1.00")
    if opened_by_hand:
        till.open_session(till=None, opening_float=Decimal(0), actor=STAFF, now=MONDAY + timedelta(days=1))
    for days in (1, 2, 3):
        sold = sell(cash("1.00"), goods=goods(PAO=1), now=MONDAY + timedelta(days=days))
    give_back(sold.numbers[0], "0.25", now=MONDAY + timedelta(days=3))
    found = reading(DAY + timedelta(days=1), DAY + timedelta(days=2), now=MONDAY + timedelta(days=5))
    assert (f"{found.money.total.received:.2f}", found.sales.total.count) == (received, 2)
    for day in found.days:
        assert (
            sheet(day, now=MONDAY + timedelta(days=5))["kept"] == f"{found.part(Days(day, day)).money.total.kept:.2f}"
        )
    whole = reading(DAY, DAY + timedelta(days=4), now=MONDAY + timedelta(days=5)).money
    assert (whole.total.kept, list(whole.by_way)) == (Decimal("2.75"), ["cash"])
