"""Drawers: counter money is in one, a close is what went through its drawer, a day the sum of its closes."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from counter.daysheet import digest_of
from operations.integrity.base import Check, Moment, Row, sql
from till.models import DayClose


def _broken_seals(moment: Moment) -> Iterable[Row]:
    for close in DayClose.objects.order_by("day").iterator():
        computed = digest_of(figures=close.figures)
        if computed != close.digest:
            yield {"day": close.day, "digest": close.digest, "computed": computed}


CHECKS = (
    Check(
        name="drawers.hold_all_counter_money",
        promise=_("Money taken or handed back over the counter names its drawer, since there are drawers."),
        remedy=_("A row was changed outside the shop; compare the day with what was counted, and write a correction."),
        find=sql(
            """
            WITH since AS (SELECT min(opened_at) AS at FROM till_tillsession)
            SELECT o.number, money.kind, money.amount, money.at FROM (
                SELECT order_id, 'payment' AS kind, amount, received_at AS at FROM payments_payment
                WHERE gateway = 'counter' AND status = 'succeeded' AND session_id IS NULL
                UNION ALL
                SELECT r.order_id, 'refund', r.amount, r.returned_at FROM payments_refund r
                JOIN payments_payment p ON p.id = r.payment_id
                WHERE p.gateway = 'counter' AND r.status = 'succeeded' AND r.session_id IS NULL
            ) money JOIN orders_order o ON o.id = money.order_id, since WHERE money.at >= since.at ORDER BY o.id
            """
        ),
    ),
    Check(
        name="drawers.closes_add_up",
        promise=_("What a drawer's close expected is what went through it: float, sales, tips, cash moved, refunds."),
        remedy=_("Compare the drawer's payments with its slips, and write a correction of the day."),
        find=sql(
            """
            SELECT s.public_id, c.expected_cash, c.expected_card, c.expected_pix, sums.cash, sums.card, sums.pix
            FROM till_tillclose c JOIN till_tillsession s ON s.id = c.session_id
            JOIN (
                SELECT session_id, sum(amount) FILTER (WHERE tender NOT IN ('card', 'pix')) AS cash,
                       coalesce(sum(amount) FILTER (WHERE tender = 'card'), 0) AS card,
                       coalesce(sum(amount) FILTER (WHERE tender = 'pix'), 0) AS pix
                FROM (
                    SELECT id AS session_id, 'cash' AS tender, opening_float AS amount FROM till_tillsession
                    UNION ALL
                    SELECT session_id, tender, amount FROM payments_payment WHERE session_id IS NOT NULL
                    UNION ALL
                    SELECT session_id, tender, -amount FROM payments_refund WHERE session_id IS NOT NULL
                    UNION ALL
                    SELECT session_id, tender, amount FROM payments_tip
                    UNION ALL
                    SELECT session_id, 'cash', CASE kind WHEN 'in' THEN amount ELSE -amount END FROM till_cashmovement
                ) money GROUP BY session_id
            ) sums ON sums.session_id = s.id
            WHERE (c.expected_cash, c.expected_card, c.expected_pix) IS DISTINCT FROM (sums.cash, sums.card, sums.pix)
            ORDER BY c.id
            """
        ),
    ),
    Check(
        name="drawers.tips_go_back_as_they_came",
        promise=_("A tip that was given back went back whole, as it came, for the professional and order it was for."),
        remedy=_("A row was written outside the shop; compare the statement with the drawer."),
        find=sql(
            """
            SELECT back.public_id, back.amount, tip.amount AS given FROM payments_tip back
            JOIN payments_tip tip ON tip.id = back.of_id
            WHERE (back.order_id, back.professional_id, back.tender, -back.amount)
                  IS DISTINCT FROM (tip.order_id, tip.professional_id, tip.tender, tip.amount)
            ORDER BY back.id
            """
        ),
    ),
    Check(
        name="drawers.closed_with_a_count",
        promise=_("A drawer is closed together with its close, which is the last count of it."),
        remedy=_("A row was changed outside the shop; bring it back from a backup."),
        find=sql(
            """
            SELECT s.public_id, s.closed_at, c.at, c.count_id, last.id AS last_count FROM till_tillsession s
            LEFT JOIN till_tillclose c ON c.session_id = s.id
            LEFT JOIN LATERAL (
                SELECT max(id) AS id FROM till_tillcount WHERE session_id = s.id
            ) last ON true
            WHERE s.closed_at IS DISTINCT FROM c.at OR c.count_id IS DISTINCT FROM last.id AND c.id IS NOT NULL
            ORDER BY s.id
            """
        ),
    ),
    Check(
        name="drawers.days_are_the_sum_of_closes",
        promise=_("A closed day is the sum of the closes of the drawers opened in it, and none of them is open."),
        remedy=_("Compare the day's sheet with its drawers, and write a correction."),
        find=sql(
            """
            SELECT d.day, d.expected, d.counted, sums.expected AS drawers_expected, sums.counted AS drawers_counted,
                   sums.open
            FROM till_dayclose d CROSS JOIN LATERAL (
                SELECT coalesce(sum(c.expected_cash + c.expected_card + c.expected_pix), 0) AS expected,
                       coalesce(sum(c.counted_cash + c.counted_card + c.counted_pix), 0) AS counted,
                       count(*) FILTER (WHERE c.id IS NULL) AS open
                FROM till_tillsession s LEFT JOIN till_tillclose c ON c.session_id = s.id
                WHERE s.opened_at >= d.starts_at AND s.opened_at < d.ends_at
            ) sums
            WHERE d.expected <> sums.expected OR d.counted <> sums.counted OR sums.open > 0 ORDER BY d.day
            """
        ),
    ),
    Check(
        name="drawers.days_are_sealed",
        promise=_("The figures of a closed day are those that were sealed."),
        remedy=_("The figures were changed behind the triggers; bring them back from a backup."),
        find=_broken_seals,
    ),
)
