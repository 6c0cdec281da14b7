"""Every write about commissions and every rule about it.

`rules` writes by what is earned, `ledger` what was earned and taken back, told by the outbox, `payouts` what was paid.
"""

from commissions.services.ledger import (
    follow_order,
    follow_payment,
    follow_refund,
    follow_visit,
    settle,
    settle_differences,
)
from commissions.services.payouts import pay_out
from commissions.services.rules import add_rule, end_rule

__all__ = [
    "add_rule",
    "end_rule",
    "follow_order",
    "follow_payment",
    "follow_refund",
    "follow_visit",
    "pay_out",
    "settle",
    "settle_differences",
]
