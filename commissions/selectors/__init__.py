"""Every read of commissions worth a name.

`accounts` reads orders as the reckoning wants them, `ledger` what stands there and what should, `statements` what a
professional earned and what is to be paid.
"""

from commissions.selectors.accounts import accounts, all_terms, terms_of
from commissions.selectors.ledger import Difference, any_rules, differences, written
from commissions.selectors.statements import RULE, Figures, entries, figures, tips, unpaid, unpaid_tips

__all__ = [
    "RULE",
    "Difference",
    "Figures",
    "accounts",
    "all_terms",
    "any_rules",
    "differences",
    "entries",
    "figures",
    "terms_of",
    "tips",
    "unpaid",
    "unpaid_tips",
    "written",
]
