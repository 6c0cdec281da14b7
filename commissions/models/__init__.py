"""Commissions: the rules they are earned by, the ledger of what was earned and taken back, and what was paid out.

A rule never changes once it is written, so that an entry can name it for ever; the ledger and the payouts only grow.
"""

from commissions.models.ledger import CommissionEntry
from commissions.models.payouts import CommissionPayout, CommissionPayoutLine, CommissionPayoutTip
from commissions.models.rules import CommissionRule

__all__ = ["CommissionEntry", "CommissionPayout", "CommissionPayoutLine", "CommissionPayoutTip", "CommissionRule"]
