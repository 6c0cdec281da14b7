"""The receipt of a sale, as a printer with a roll of 80 mm prints it. It is no fiscal document, and says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from catalog.units import counted
from common.money import format_amount
from counter.models import Receipt
from orders.models import Order, OrderContact, OrderLine
from payments.models import Payment
from shop.policy import Policy

WIDTH = 80 * mm
MARGIN = 4 * mm
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
SIZE, LARGE = 9, 12
LEADING = 1.35


@dataclass(frozen=True)
class Printed:
    """Everything that a receipt tells."""

    order: Order
    contact: OrderContact
    lines: Sequence[OrderLine]
    payments: Sequence[Payment]
    receipt: Receipt | None
    seller: str
    tips: Decimal
    policy: Policy


@dataclass(frozen=True)
class _Row:
    """A row of the roll: a text on the left or in the middle, perhaps an amount on the right; a rule without either."""

    text: str = ""
    amount: str = ""
    font: str = PLAIN
    size: int = SIZE
    centred: bool = False

    def split(self) -> list[str]:
        """Return the text in as many lines as it takes beside its amount."""
        room = WIDTH - 2 * MARGIN - (stringWidth(f"  {self.amount}", self.font, self.size) if self.amount else 0)
        return simpleSplit(_printable(self.text), self.font, self.size, room) or [""]


def as_pdf(*, printed: Printed) -> bytes:
    """Return a receipt as a PDF of one page, as long as it needs to be."""
    rows = _rows(printed=printed)
    height = 2 * MARGIN + sum(len(row.split()) * row.size * LEADING for row in rows)
    file = BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, height), invariant=1)
    canvas.setTitle(_("Receipt %(number)s") % {"number": printed.order.number})
    top = height - MARGIN
    for row in rows:
        top = _draw(canvas, row=row, top=top)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw(canvas: Canvas, *, row: _Row, top: float) -> float:
    """Draw a row below `top`, and return where the next one begins."""
    if not row.text and not row.amount:
        canvas.setDash(1, 2)
        canvas.line(MARGIN, top - row.size * 0.6, WIDTH - MARGIN, top - row.size * 0.6)
        return top - row.size * LEADING
    canvas.setFont(row.font, row.size)
    for place, text in enumerate(row.split()):
        top -= row.size * LEADING
        if row.centred:
            canvas.drawCentredString(WIDTH / 2, top + row.size * 0.3, text)
        else:
            canvas.drawString(MARGIN, top + row.size * 0.3, text)
        if place == 0 and row.amount:
            canvas.drawRightString(WIDTH - MARGIN, top + row.size * 0.3, _printable(row.amount))
    return top


def _rows(*, printed: Printed) -> list[_Row]:
    order, policy = printed.order, printed.policy
    when = order.placed_at.astimezone(ZoneInfo(policy.timezone))
    about = [policy.legal_name, policy.document, policy.address]
    rows = [_Row(policy.name, font=BOLD, size=LARGE, centred=True)]
    rows += [_Row(text, centred=True) for text in about if text]
    rows += [
        _Row(),
        _Row(_("Receipt %(number)s") % {"number": order.number}, font=BOLD),
        _Row(f"{when:%d/%m/%Y %H:%M}" + (f" · {printed.seller}" if printed.seller else "")),
    ]
    if printed.contact.name:
        rows.append(_Row(printed.contact.name))
    return [*rows, _Row(), *_sold(printed=printed), _Row(), *_paid(printed=printed), _Row(), *_foot(printed=printed)]


def _sold(*, printed: Printed) -> list[_Row]:
    currency = printed.order.currency
    rows = []
    for line in printed.lines:
        what = line.name if line.kind == "visit" else counted(quantity=line.quantity, unit=line.unit, name=line.name)
        rows.append(_Row(what, format_amount(line.line_total + line.discount, currency=currency)))
        if line.discount:
            rows.append(_Row("  " + _("Discount"), "- " + format_amount(line.discount, currency=currency)))
    return rows


def _paid(*, printed: Printed) -> list[_Row]:
    order, receipt = printed.order, printed.receipt
    rows = []
    if order.discount:
        rows.append(_Row(_("Subtotal"), format_amount(order.subtotal, currency=order.currency)))
        rows.append(_Row(_("Discount"), "- " + format_amount(order.discount, currency=order.currency)))
    rows.append(_Row(_("Total"), format_amount(order.total, currency=order.currency), font=BOLD, size=LARGE))
    for payment in printed.payments:
        how = payment.get_tender_display() or payment.get_method_display()
        rows.append(_Row(str(how), format_amount(payment.amount, currency=order.currency)))
    if receipt is not None and receipt.change > 0:
        rows.append(_Row(_("Received in cash"), format_amount(receipt.received, currency=order.currency)))
        rows.append(_Row(_("Change"), format_amount(receipt.change, currency=order.currency)))
    if printed.tips > 0:
        rows.append(_Row(_("Tip"), format_amount(printed.tips, currency=order.currency)))
    if order.refunded > Decimal(0):
        rows.append(_Row(_("Given back"), format_amount(order.refunded, currency=order.currency), font=BOLD))
    return rows


def _foot(*, printed: Printed) -> list[_Row]:
    note = [_Row(printed.contact.note)] if printed.contact.note else []
    return [*note, _Row(_("This receipt is not a fiscal document."), centred=True)]


def _printable(text: str) -> str:
    """Return a text in the letters that the printer's fonts have."""
    return text.replace("\u00a0", " ").encode("cp1252", "replace").decode("cp1252")
