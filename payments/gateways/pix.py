"""Static Pix, without any provider: the shop's own key, the amount and the order's number in a text and a QR code.

Nobody calls back when it is paid: staff confirms it, or a bank statement does.
"""

from decimal import Decimal

from payments.brcode import static_pix
from payments.gateways.at_hand import AtHand
from payments.gateways.protocol import Asked, Given, PaymentFact


class StaticPix(AtHand):
    """A Pix to the shop's own key."""

    name = "pix"
    methods = ("pix",)

    def __init__(self, *, key: str, payee: str, city: str) -> None:
        self._key, self._payee, self._city = key, payee, city

    def begin(self, asked: Asked) -> PaymentFact:
        """Return the Pix to be paid. The txid is the order's number, which the statement gives back."""
        text = self.text(amount=asked.amount, txid=asked.order)
        return self.stands(asked, status="pending", given=Given(pix_text=text))

    def text(self, *, amount: Decimal, txid: str) -> str:
        """Return the text of a Pix that the statement gives back by `txid`, at most 25 letters and digits."""
        return static_pix(key=self._key, name=self._payee, city=self._city, amount=amount, txid=txid)
