"""Every read of commissions worth a name.

`accounts` reads orders as the reckoning wants them, `ledger` what stands there and what should.
"""

from commissions.selectors.accounts import accounts, all_terms, terms_of
from commissions.selectors.ledger import Difference, any_rules, differences, written

__all__ = ["Difference", "accounts", "all_terms", "any_rules", "differences", "terms_of", "written"]
