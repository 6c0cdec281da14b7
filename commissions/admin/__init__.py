"""The desk's pages of the commissions: rules, statements and payouts."""

from commissions.admin.payouts import CommissionPayoutAdmin
from commissions.admin.rules import CommissionRuleAdmin
from commissions.admin.statements import CommissionEntryAdmin

__all__ = ["CommissionEntryAdmin", "CommissionPayoutAdmin", "CommissionRuleAdmin"]
