"""What a professional has earned of an order, worked out from what was sold, what was paid and what went back.

Pure: the ledger is written by it, and the examination of the shop compares the ledger with it. Nothing is earned of
what is not paid: the money that an order keeps is spread over what still counts of it, in proportion to the prices and
to the cent, and each piece has earned as much of its commission as was paid of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from common.money import money, split

NOTHING = Decimal("0.00")
BOTH, PROFESSIONAL = "both", "professional"
GOODS = 0
"""The position of a line of goods; the services of a visit are counted from 1."""

PRECEDENCE = ("service", "product", "category", "everything")
"""Which rule holds where several would, the first that fits: of the service, of the product, of the category (the
nearest one first), of everything of that kind. Of two alike the one that began later."""


@dataclass(frozen=True)
class Terms:
    """A rule. `target`: the service, product or category it is for; of `everything`, `kind` says goods or visits.

    Either `percent` of the base or an `amount` for each unit. Who bears the discount and the fee of the way to pay: the
    shop, both (it makes the base smaller), or the professional (it is taken off the commission).
    """

    id: int
    professional: int
    scope: str
    target: int | None
    kind: str
    percent: Decimal | None
    amount: Decimal | None
    discount_borne_by: str
    fee_borne_by: str
    card_fee: Decimal
    pix_fee: Decimal
    consumables: Decimal
    starts_at: datetime
    ends_at: datetime | None

    def fee_of(self, tender: str) -> Decimal:
        """Return what the shop is charged for a way to pay, in per cent."""
        return {"card": self.card_fee, "pix": self.pix_fee}.get(tender, Decimal(0))


@dataclass(frozen=True)
class Piece:
    """A line of goods, or one service of a visit. `units`: how often an amount per unit is earned.

    `categories`: the product's, and those it stands in, the nearest first. `professional`: who sold or performs it.
    """

    line: int
    position: int
    kind: str
    service: int | None
    product: int | None
    categories: tuple[int, ...]
    professional: int | None
    units: Decimal
    price: Decimal
    discount: Decimal
    counts: bool

    @property
    def net(self) -> Decimal:
        """What the customer pays for it."""
        return self.price - self.discount


@dataclass(frozen=True)
class Money:
    """A payment that came, less what went back of it by name."""

    tender: str
    kept: Decimal
    at: datetime


@dataclass(frozen=True)
class Account:
    """An order: what still counts of it, the money it keeps, and since when.

    `stands`: neither cancelled nor expired. `kept`: paid less given back, less a fee for what was called off late, of
    which nobody earns. `since`: when the first money came, or when it was placed where it costs nothing.
    """

    order: int
    stands: bool
    is_complete: bool
    kept: Decimal
    shipping: Decimal
    since: datetime
    payments: tuple[Money, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Key:
    """What is earned apart: of a piece, by a professional, by a rule."""

    line: int
    position: int
    professional: int
    rule: int


@dataclass(frozen=True)
class Share:
    """What is earned, and the part of the base that it is of."""

    base: Decimal = NOTHING
    amount: Decimal = NOTHING

    def less(self, other: "Share") -> "Share":
        """Return what is missing of this where `other` is there."""
        return Share(base=self.base - other.base, amount=self.amount - other.amount)


def earned(*, account: Account, rules: Sequence[Terms], written: Iterable[Key] = ()) -> dict[Key, Share]:
    """Return what has been earned of an order as it stands.

    `written`: what the ledger knows of it. The rule by which somebody has earned of a piece stays, and so does who sold
    goods, whatever the catalogue and the team have become since.
    """
    counting = [piece for piece in account.pieces if piece.counts] if account.stands else []
    known = {rule.id: rule for rule in rules}
    kept = {(key.line, key.position, key.professional): known[key.rule] for key in written}
    sellers = {key.line: key.professional for key in written if key.position == GOODS}
    found = {}
    for piece, part in zip(counting, paid_parts(account=account, pieces=counting), strict=True):
        who = sellers.get(piece.line, piece.professional) if piece.position == GOODS else piece.professional
        if who is None:
            continue
        own = [rule for rule in rules if rule.professional == who]
        rule = kept.get((piece.line, piece.position, who)) or rule_for(piece=piece, rules=own, at=account.since)
        if rule is None:
            continue
        share = share_of(piece=piece, rule=rule, part=part, fee=fee_rate(payments=account.payments, rule=rule))
        if share != Share():
            found[Key(piece.line, piece.position, who, rule.id)] = share
    return found


def paid_parts(*, account: Account, pieces: Sequence[Piece]) -> list[Decimal]:
    """Return how much of each piece is paid, from 0 to 1.

    What costs nothing is paid as far as the whole order is, and where all of it costs nothing, once it is complete.
    """
    worth = sum((piece.net for piece in pieces), account.shipping)
    if worth <= 0:
        return [Decimal(int(account.is_complete))] * len(pieces)
    there = min(max(account.kept, NOTHING), worth)
    parts = split(amount=there, weights=[*(piece.net for piece in pieces), account.shipping])
    return [
        part / piece.net if piece.net > 0 else there / worth for piece, part in zip(pieces, parts[:-1], strict=True)
    ]


def rule_for(*, piece: Piece, rules: Iterable[Terms], at: datetime) -> Terms | None:
    """Return the rule that holds for a piece at a moment; None where there is none."""
    in_force = [rule for rule in rules if rule.starts_at <= at and (rule.ends_at is None or at < rule.ends_at)]
    fitting: list[tuple[tuple[int, int], Terms]] = []
    for rule in in_force:
        rank = _rank(piece=piece, rule=rule)
        if rank is not None:
            fitting.append((rank, rule))
    if not fitting:
        return None
    nearest = min(rank for rank, _rule in fitting)
    return max((rule for rank, rule in fitting if rank == nearest), key=lambda rule: (rule.starts_at, rule.id))


def _rank(*, piece: Piece, rule: Terms) -> tuple[int, int] | None:
    """Return how near a rule is to a piece, the smaller the nearer; None where it is not for it."""
    if rule.scope == "category":
        places = piece.categories
        near = places.index(rule.target) if rule.target in places else None
        return None if near is None else (PRECEDENCE.index("category"), near)
    fits: Mapping[str, bool] = {
        "service": rule.target is not None and rule.target == piece.service,
        "product": rule.target is not None and rule.target == piece.product,
        "everything": rule.kind == piece.kind,
    }
    return (PRECEDENCE.index(rule.scope), 0) if fits[rule.scope] else None


def fee_rate(*, payments: Sequence[Money], rule: Terms) -> Decimal:
    """Return the fee of the ways the order was paid, from 0 to 1, weighed by what came by each."""
    came = sum((one.kept for one in payments), NOTHING)
    if came <= 0:
        return Decimal(0)
    return sum((one.kept * rule.fee_of(one.tender) for one in payments), Decimal(0)) / came / 100


def share_of(*, piece: Piece, rule: Terms, part: Decimal, fee: Decimal) -> Share:
    """Return what is earned of a piece of which that part is paid. It is never more than its base."""
    fees = piece.net * fee
    base = piece.net if rule.discount_borne_by == BOTH else piece.price
    base -= rule.consumables * piece.units
    base -= fees if rule.fee_borne_by == BOTH else Decimal(0)
    if base <= 0:
        return Share()
    whole = base * rule.percent / 100 if rule.percent is not None else (rule.amount or NOTHING) * piece.units
    whole -= piece.discount if rule.discount_borne_by == PROFESSIONAL else NOTHING
    whole -= fees if rule.fee_borne_by == PROFESSIONAL else NOTHING
    share = min(max(whole / base, Decimal(0)), Decimal(1))
    so_far = money(base * part)
    return Share(base=so_far, amount=money(so_far * share))
