"""What the commissions refuse."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class NothingToPay(Conflict):
    """There is no commission to pay to this professional until that day."""

    code = "nothing_to_pay"
    title = _("Nothing to pay")
    sentence = _("There is nothing left to pay until that day. Nothing was paid.")


class StatementChanged(Conflict):
    """Something else is to be paid than the page showed; `payable` is what it is now."""

    code = "statement_changed"
    title = _("The statement has changed")
    fields = ("payable",)
    sentence = _("The statement has changed: %(payable)s is to be paid now. Nothing was paid.")
    amounts = ("payable",)


class RuleEnded(Conflict):
    """The rule has its last day already."""

    code = "rule_ended"
    title = _("The rule has ended")
    sentence = _("This rule has its last day already. Nothing was changed.")
