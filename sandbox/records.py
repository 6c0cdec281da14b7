"""What the sandbox writes down: payments, refunds, events, and what is to happen later. Amounts are cents."""

from datetime import datetime
from typing import Any, Literal

import msgspec

Standing = Literal["pending", "succeeded", "failed", "expired"]
ACCOUNT = "sandbox"


class Refused(Exception):  # noqa: N818 - what the provider says, not a fault
    """The provider says no. `code`: why; `status`: of the answer."""

    def __init__(self, code: str, *, status: int = 422) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment as a shop asks for it."""

    amount: int
    currency: str
    method: Literal["card", "pix"]
    description: str = ""
    expires_at: datetime | None = None
    return_url: str = ""
    notify_url: str = ""
    metadata: dict[str, str] = {}


class WantedRefund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refund as a shop asks for it."""

    amount: int
    currency: str
    reason: str = ""
    metadata: dict[str, str] = {}


class Payment(msgspec.Struct):
    """A payment. `received`: what really came; `holds_back`: the bank refuses to give any of it back."""

    id: str
    key: str
    wanted: Wanted
    created_at: datetime
    pix_text: str = ""
    status: Standing = "pending"
    received: int | None = None
    paid_at: datetime | None = None
    failure: str = ""
    holds_back: bool = False

    def shown(self, *, place: str) -> dict[str, Any]:
        """Return it as the API shows it; `place`: the address of the sandbox."""
        by_card = self.wanted.method == "card"
        return {
            "id": self.id, "object": "payment", "status": self.status, "amount": self.wanted.amount,
            "received": self.received, "currency": self.wanted.currency, "method": self.wanted.method,
            "description": self.wanted.description, "account": ACCOUNT, "live": False,
            "metadata": self.wanted.metadata, "checkout_url": f"{place}/pay/{self.id}/",
            "pix_text": "" if by_card else self.pix_text, "failure": self.failure,
            "created_at": self.created_at, "expires_at": self.wanted.expires_at, "paid_at": self.paid_at,
        }  # fmt: skip


class Refund(msgspec.Struct):
    """Money given back."""

    id: str
    key: str
    payment: str
    amount: int
    currency: str
    reason: str
    metadata: dict[str, str]
    created_at: datetime
    status: Literal["succeeded"] = "succeeded"

    def shown(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "id": self.id, "object": "refund", "status": self.status, "payment": self.payment, "amount": self.amount,
            "currency": self.currency, "reason": self.reason, "account": ACCOUNT, "live": False,
            "metadata": self.metadata, "created_at": self.created_at,
        }  # fmt: skip


class Event(msgspec.Struct):
    """Something that happened, as it is told. `next_at`: when it is told again; None once heard, or given up."""

    id: str
    type: str
    payment: str
    body: str
    notify_url: str
    created_at: datetime
    next_at: datetime | None = None
    tries: int = 0
    heard_at: datetime | None = None
    answer: str = ""


class Plan(msgspec.Struct):
    """Money that a person sends later."""

    at: datetime
    payment: str


class Pages(msgspec.Struct):
    """Everything, as it is kept in a file."""

    place: str = ""
    payments: list[Payment] = []
    refunds: list[Refund] = []
    events: list[Event] = []
    plans: list[Plan] = []
