"""The bank transfer: announced by the customer, confirmed by staff who saw it on the statement."""

from payments.gateways.at_hand import AtHand
from payments.gateways.protocol import Asked, PaymentFact


class Transfer(AtHand):
    """Money sent to the shop's account."""

    name = "transfer"
    methods = ("transfer",)

    def begin(self, asked: Asked) -> PaymentFact:
        """Return that the money is awaited."""
        return self.stands(asked, status="pending")
