"""The gateway's letters on their way: late, twice, in any order, some never, some while our answer is not stored."""

import json
import random
import threading
from dataclasses import dataclass
from uuid import uuid4

from common import clock
from operations.drill.gateway import NAME, DrillGateway
from payments.gateways.protocol import Delivery, PaymentFact


@dataclass(frozen=True)
class Letter:
    """What the gateway tells, under its id."""

    id: str
    body: bytes
    signature: str


class Post:
    """Carries letters from the gateway to the shop. Safe for threads."""

    path = f"/payments/webhooks/{NAME}/"

    def __init__(self, *, gateway: DrillGateway, troubled: bool) -> None:
        self._gateway = gateway
        self._troubled = troubled
        self._waiting: list[Letter] = []
        self._sent: list[Letter] = []
        self._guard = threading.Lock()

    def pay(self, payment: str, *, dice: random.Random) -> None:
        """Let a customer pay, and have the gateway tell; what is paid already stays as it is, and is told once more."""
        key = f"payment:{payment}"
        wrong = self._troubled and dice.random() < 0.02
        paid = self._gateway.payments[key].status == "succeeded"
        self._put(self._gateway.paid(key) if paid or not wrong else self._gateway.paid(key, currency="USD"))
        if self._troubled and dice.random() < 0.05:
            self._put(self._gateway.paid_again(key))

    def next(self, *, dice: random.Random) -> Letter | None:
        """Return a letter to deliver: mostly one that waits, sometimes one that was delivered before."""
        with self._guard:
            if self._troubled and self._sent and (not self._waiting or dice.random() < 0.15):
                return dice.choice(self._sent[-50:])
            if not self._waiting:
                return None
            letter = self._waiting.pop(dice.randrange(len(self._waiting)) if self._troubled else 0)
            self._sent.append(letter)
            del self._sent[:-100]
        return letter

    def forged(self, *, dice: random.Random) -> Letter | None:
        """Return a letter that nobody has written, about money that never came."""
        with self._guard:
            said = dice.choice(self._sent) if self._sent else None
        if said is None:
            return None
        body = json.loads(said.body) | {"id": f"forged-{uuid4().hex}"}
        return Letter(id=body["id"], body=json.dumps(body).encode(), signature="guessed")

    def _put(self, fact: PaymentFact) -> None:
        delivery = self._gateway.event(fact, now=clock.now())
        self.carry(delivery, lost=self._troubled and fact.reference.endswith("7"))

    def carry(self, delivery: Delivery, *, lost: bool = False) -> None:
        """Take a letter along; one that is `lost` never arrives, and reconciliation has to ask for it."""
        if not lost:
            letter = Letter(json.loads(delivery.body)["id"], delivery.body, delivery.headers["X-Signature"])
            with self._guard:
                self._waiting.append(letter)
