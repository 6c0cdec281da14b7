"""How customers are shown what to pay with."""

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import segno
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models import MoneyCase
from payments.statements import MAX_BYTES, MAX_LINES, NotAStatementError

PAY_TITLES: Mapping[str, Promise] = {
    "pay": _("Pay order %(number)s"),
    "paid": _("Order %(number)s is paid"),
    "counter": _("Order %(number)s"),
    "expired": _("Order %(number)s has expired"),
    "cancelled": _("Order %(number)s was cancelled"),
    "refunded": _("Order %(number)s was refunded"),
}
"""What the pay page is headed by, by how the order stands."""


COUNTED = _(
    "The payment service has told of this money again, as it should be, and it stands with its order. Nothing is left "
    "to decide: settle this with a note."
)
STORIES: Mapping[str, Promise] = {
    "revived": _("The money came after the deadline, but everything was still free: the order was taken up again."),
    "too_late": _("The money came too late for its order. It goes back to the customer."),
    "second": _("The order was paid already. This second payment goes back to the customer."),
    "too_much": _("More came than was due. What is too much goes back to the customer."),
    "mismatch": _("Money came that does not fit what was asked for. It pays nothing until you decide what it is."),
    "unknown": _(
        "Money came for no order we know. Take it for the order it belongs to, or give it back at the payment service "
        "and write that down."
    ),
    "refund_refused": _("The payment service refused to give the money back. It is still owed to the customer."),
    "dispute": _(
        "The customer disputes the payment with their bank. Answer at the payment service, before its deadline."
    ),
}
"""What happened, in the words of whoever has to decide."""

DETAILS: Sequence[tuple[re.Pattern[str], Promise]] = (
    (re.compile(r"amount: (?P<came>\S+) instead of (?P<due>\S+)"), _("%(came)s came instead of %(due)s")),
    (re.compile(r"amount: (?P<came>\S+)"), _("An amount of %(came)s")),
    (re.compile(r"currency: (?P<came>\S+) instead of (?P<due>\S+)"), _("In %(came)s instead of %(due)s")),
    (re.compile(r"mode: test instead of live"), _("Test money, not real")),
    (re.compile(r"mode: .*"), _("Real money, while the shop only tests")),
    (re.compile(r"another account of the gateway"), _("It came to another account of the payment service")),
    (re.compile(r"no order of ours"), _("It names no order of this shop")),
    (re.compile(r"a refund of (?P<came>\S+ \S+) that is not ours"), _("A refund of %(came)s that was not made here")),
)
"""What did not fit, by how the services write it down."""


def case_story(*, case: MoneyCase, counted: bool = False) -> str:
    """Return what happened, as the owner reads it; `counted`: the money stands with its order by now."""
    return str(COUNTED if counted else STORIES[case.kind])


def case_detail(*, detail: str) -> str:
    """Return what did not fit in words; what a gateway itself said stays as it is."""
    for pattern, text in DETAILS:
        found = pattern.fullmatch(detail)
        if found is not None:
            return str(text) % {name: _figure(value) for name, value in found.groupdict().items()}
    return detail


def _figure(value: str) -> str:
    """Return a number that was written for machines as people write it; anything else as it is."""
    return number_format(Decimal(value), decimal_pos=2) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) else value


def method_names() -> dict[str, str]:
    """Return the ways to pay as customers call them."""
    return {str(value): str(label) for value, label in Order.PaymentMethod.choices}


def qr_svg(*, text: str, sized: bool = True) -> str:
    """Return the QR code of a text as an SVG of its own, large enough for any camera, or as large as its place."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", scale=6, border=4, xmldecl=False, svgns=True, omitsize=not sized)
    return out.getvalue().decode()


UNREADABLE: Mapping[str, Promise] = {
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than %(megabytes)d MB. Ask your bank for a shorter time."),
    "too_many_lines": _("The file has more than %(lines)d lines. Ask your bank for a shorter time."),
    "no_text": _("This is no OFX and no CSV file. Ask your bank for the statement in one of these forms."),
    "no_statement": _("There is no statement in the file."),
    "several_accounts": _("The file has statements of several accounts. Ask your bank for one account alone."),
    "currency": _("The statement is in %(value)s; only reais are read."),
    "broken": _("The file is damaged: something of a line is missing. Ask your bank for it again."),
    "no_table": _("No row has headings such as Data, Valor and Descrição."),
    "two_columns": _("Two columns could be meant, or the same one twice. Leave only one of them."),
    "quotes": _("A quotation mark is never closed."),
    "bad_amount": _("“%(value)s” is no amount. Write it like 1.234,56."),
    "two_amounts": _("“%(value)s” could be two amounts. Write it with its cents, like 1.234,00."),
    "bad_date": _("“%(value)s” is no day. Write it like 31/12/2026."),
}
"""Why a file cannot be read as a statement."""

LINES: Mapping[str, Promise] = {
    "match": _("pays its order"),
    "late": _("the order had expired: it is taken up again if everything is free, otherwise the money goes back"),
    "surplus": _("more than is due: what is too much goes back"),
    "less": _("another amount than was asked for: goes into the money inbox"),
    "by_hand": _("recorded by hand already: only noted"),
    "elsewhere": _("taken in from another file already"),
    "known": _("taken in already"),
    "several": _("names several orders: record it by hand"),
    "proposed": _("names no order; this one is alike"),
    "unmatched": _("of no order"),
    "ignored": _("left the account"),
}
"""What a line of a statement turned out to be."""


def statement_problem(problem: NotAStatementError) -> str:
    """Return why a file cannot be read, with the place in it."""
    values = {"value": problem.value, "megabytes": MAX_BYTES // 1024 // 1024, "lines": MAX_LINES}
    sentence = str(UNREADABLE[problem.code]) % values
    place = {"row": problem.row, "column": problem.column}
    if problem.row and problem.column:
        return gettext("Row %(row)d, %(column)s:") % place + f" {sentence}"
    return gettext("Row %(row)d:") % place + f" {sentence}" if problem.row else sentence
