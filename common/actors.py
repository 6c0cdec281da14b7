"""Who acts, and through which door. Lower apps store an actor as plain text and never look it up again."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["guest", "customer", "staff", "system", "gateway"]


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts.

    `id` is the login's pk as text or empty; `door` is api, page, admin, task or command; `address` is whence the
    request came, where it came over the net.
    """

    kind: Kind
    id: str
    door: str
    address: str = ""

    @property
    def role(self) -> str:
        """The kind as histories show it."""
        return role_of(kind=self.kind)

    @classmethod
    def system(cls, *, door: str) -> "Actor":
        """Return the shop itself, acting by the clock or by an operator."""
        return cls(kind="system", id="", door=door)


def role_of(*, kind: str) -> str:
    """Return the kind as histories show it: a guest is a customer."""
    return "customer" if kind == "guest" else kind
