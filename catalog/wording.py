"""What the catalogue's rules are called where people read them."""

from django.utils.translation import gettext

from catalog.deposits import Deposit
from common.money import format_brl


def deposit_text(deposit: Deposit) -> str:
    """Return how much is asked, in a word or two."""
    if deposit.kind == "amount":
        return format_brl(deposit.amount)
    words = {"none": "-", "share": f"{deposit.percent}%", "all": gettext("the whole price")}
    return words[deposit.kind]
