"""Commissions: the ledger says what was earned, its entries follow each other, and payouts pay what they say."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from commissions import selectors as commissions
from operations.integrity.base import Check, Moment, Row, sql


def _wrong(moment: Moment) -> Iterable[Row]:
    """Return the pieces of orders that have earned something else than their entries say."""
    return (_row(one) for one in commissions.differences() if one.is_known)


def _missing(moment: Moment) -> Iterable[Row]:
    """Return the pieces of orders that have earned something and have no entry."""
    return (_row(one) for one in commissions.differences() if not one.is_known)


def _row(one: Any) -> Row:
    return {
        "number": one.order,
        "professional": one.key.professional,
        "base": one.written.base,
        "commission": one.written.amount,
        "base_due": one.due.base,
        "commission_due": one.due.amount,
    }


CHECKS = (
    Check(
        name="commissions.ledger_is_what_was_earned",
        promise=_("The ledger says of every piece that has entries what it has earned as things stand."),
        remedy=_("Run `manage.py settle_commissions`: it writes the difference as entries of its own."),
        find=_wrong,
    ),
    Check(
        name="commissions.nothing_is_missing",
        promise=_("What was paid and falls under a rule has its commission."),
        remedy=_("Run `manage.py settle_commissions`, if these should earn: a login or a shelf was given later."),
        level="warning",
        find=_missing,
    ),
    Check(
        name="commissions.entries_follow_each_other",
        promise=_("Entries of a piece are numbered without a gap, and each carries the sum so far."),
        remedy=_("Entries were deleted or edited behind the triggers; bring them back from a backup."),
        find=sql(
            """
            SELECT o.number, entry.seq, entry.place, entry.amount_after, entry.amount_sum FROM (
                SELECT line_id, seq, base_after, amount_after, row_number() OVER piece AS place,
                       sum(base) OVER piece AS base_sum, sum(amount) OVER piece AS amount_sum
                FROM commissions_commissionentry
                WINDOW piece AS (PARTITION BY line_id, position, professional_id, rule_id ORDER BY seq)
            ) entry JOIN orders_orderline line ON line.id = entry.line_id JOIN orders_order o ON o.id = line.order_id
            WHERE entry.seq <> entry.place OR entry.base_after <> entry.base_sum
               OR entry.amount_after <> entry.amount_sum
            ORDER BY o.id, entry.seq
            """
        ),
    ),
    Check(
        name="commissions.payouts_are_their_entries",
        promise=_("A payout is the sum of the entries and tips it paid, all of them of its professional."),
        remedy=_("A row was written outside the shop; compare the payout with the statement and the bank."),
        find=sql(
            """
            SELECT payout.public_id AS payout, payout.amount, coalesce(sum(paid.amount), 0) AS entries
            FROM commissions_commissionpayout payout
            LEFT JOIN (
                SELECT line.payout_id, entry.amount, entry.professional_id FROM commissions_commissionpayoutline line
                JOIN commissions_commissionentry entry ON entry.id = line.entry_id
                UNION ALL
                SELECT line.payout_id, tip.amount, tip.professional_id FROM commissions_commissionpayouttip line
                JOIN payments_tip tip ON tip.id = line.tip_id
            ) paid ON paid.payout_id = payout.id
            GROUP BY payout.id
            HAVING payout.amount <> coalesce(sum(paid.amount), 0)
                OR bool_or(paid.professional_id <> payout.professional_id)
            ORDER BY payout.id
            """
        ),
    ),
)
