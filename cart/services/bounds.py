"""How much one person's carts keep from others, and for how long, whatever lines and carts it is spread over.

A person is the cart itself, whoever signed in (by mailbox, where they prove to read it), and the internet address that
the cart was opened from, unless they prove to read a mailbox.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import selectors as accounts
from accounts.selectors import Person
from cart.models import Cart
from catalog.units import AS_PIECES
from common import sql
from common.addresses import bounded_address
from common.transactions import one_at_a_time, within_unit_of_work
from scheduling.errors import TooManyHolds
from shop.policy import LIMITS, Policy

KEEPING = """kept AS (
    INSERT INTO cart_keptunits AS old (keeper, variant_id, spent, counted_at, until)
    SELECT keeper, variant, %(nothing)s, %(now)s, %(now)s + least(%(hold)s, CASE
        WHEN starts_with(keeper, 'address:') THEN %(address_total)s ELSE %(total)s END)
    FROM unnest(%(keepers)s::text[]) AS keeper, unnest(%(variants)s::bigint[]) AS variant ORDER BY keeper, variant
    ON CONFLICT (keeper, variant_id) DO UPDATE SET (spent, counted_at, until) = (
        SELECT spent, CASE WHEN spent < total THEN %(now)s ELSE least(%(now)s, old.until) END,
               %(now)s + CASE WHEN spent < total THEN least(%(hold)s, total - spent)
                              ELSE least(old.until - %(now)s, %(nothing)s) END
        FROM (SELECT total, CASE WHEN used < total OR rested >= total
                            THEN greatest(used - greatest(rested, %(nothing)s), %(nothing)s) ELSE total END AS spent
              FROM (SELECT total, %(now)s - old.until AS rested,
                           least(total, old.spent + (least(%(now)s, old.until) - old.counted_at)) AS used
                    FROM (SELECT CASE WHEN starts_with(old.keeper, 'address:') THEN %(address_total)s
                                 ELSE %(total)s END AS total) AS allowed) AS past) AS present
    )
    RETURNING variant_id, until
)"""
"""Adds to what the keepers have spent of the time for which units of SKUs may be kept, for a statement of lines.

Keeping spends it and rest gives it back; once all is spent, it has to come back whole.
"""

KEPT_UNTIL = "(SELECT min(until) FROM kept WHERE kept.variant_id = line.variant_id)"
"""Until when all of them may keep the units of a row called `line` from now, for SQL.

In the past where one has spent all, NULL where nobody keeps.
"""

_OTHERS = f"""
SELECT coalesce(sum({AS_PIECES}) FILTER (WHERE cart.customer_id = ANY(%(customers)s::bigint[])), 0),
       coalesce(sum({AS_PIECES}) FILTER (WHERE cart.address = %(address)s), 0)
FROM cart_cart cart JOIN cart_cartline line ON line.cart_id = cart.id
JOIN catalog_variant variant ON variant.id = line.variant_id
JOIN inventory_stockreservation kept ON kept.claim = line.claim AND NOT kept.allocated AND kept.expires_at > %(now)s
WHERE cart.status = 'open' AND cart.id IS DISTINCT FROM %(cart)s::bigint
      AND (cart.customer_id = ANY(%(customers)s::bigint[]) OR cart.address = %(address)s AND cart.address <> '')
"""  # noqa: S608 - an expression of our own, no values

_POURED = """
INSERT INTO cart_keptunits AS old (keeper, variant_id, spent, counted_at, until)
SELECT %(target)s, variant_id, spent, counted_at, until FROM cart_keptunits WHERE keeper = %(origin)s
ON CONFLICT (keeper, variant_id) DO UPDATE SET spent = greatest(old.spent, excluded.spent),
    counted_at = least(old.counted_at, excluded.counted_at), until = greatest(old.until, excluded.until)
"""

_SPEND = """
UPDATE cart_keptunits SET spent = %(everything)s, counted_at = %(now)s, until = %(now)s
WHERE variant_id = %(variant)s AND keeper = ANY(%(keepers)s::text[])
"""

_FORGET = "DELETE FROM cart_keptunits WHERE until <= %(rested)s"


@dataclass(frozen=True)
class Keeper:
    """Whoever's cart it is, as far as it is known: they are counted by all of it.

    `address`: empty if they are proved, or if it stands for no visitor.
    """

    cart: Cart
    person: Person | None
    address: str

    @property
    def names(self) -> list[str]:
        """What is remembered against them."""
        person = [self.person.name] if self.person else []
        return [f"cart:{self.cart.public_id}", *person, *([f"address:{self.address}"] if self.address else [])]


def keeper_of(*, cart: Cart) -> Keeper:
    """Return who keeps what is in a cart; one statement for somebody who signed in, none for a guest."""
    person = accounts.person_of(customer_id=cart.customer_id) if cart.customer_id is not None else None
    return Keeper(cart=cart, person=person, address="" if person and person.mailbox else bounded_address(cart.address))


def keeping(*, keeper: Keeper, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return the parameters of `KEEPING`; a shop that keeps nothing for carts, or not by address, remembers nothing."""
    by_address = policy.address_hold_total_minutes > 0
    names = [name for name in keeper.names if by_address or not name.startswith("address:")]
    return {
        "keepers": names if policy.cart_hold_minutes > 0 else [],
        "nothing": timedelta(0),
        "now": now,
        "hold": timedelta(minutes=policy.cart_hold_minutes),
        "total": timedelta(minutes=policy.cart_hold_total_minutes),
        "address_total": timedelta(minutes=policy.address_hold_total_minutes),
    }


@within_unit_of_work
def refuse_units(*, keeper: Keeper, units: int, policy: Policy, now: datetime) -> None:
    """Refuse more pieces than one person, or one address, may keep; `units` are those the cart is about to keep.

    Other carts are counted where there may be any that count, however many requests come at once. Raises TooManyHolds.
    """
    most, most_here = policy.max_units_held, policy.max_units_held_per_address
    if policy.cart_hold_minutes == 0:
        return
    address = keeper.address if most_here else ""
    person = keeper.person if most else None
    mine = here = 0
    if person or address:
        one_at_a_time(names=[*([person.name] if person else []), *([f"units:{address}"] if address else [])])
        whose = {"customers": list(person.customers) if person else [], "address": address}
        mine, here = sql.rows(_OTHERS, whose | {"cart": keeper.cart.pk, "now": now})[0]
    if most and units + mine > most:
        raise TooManyHolds(
            _("Carts keep at most %(max)s units for one person. Order what is in the cart first.") % {"max": most},
            max=most,
        )
    if address and units + here > most_here:
        raise TooManyHolds(
            _("Carts keep at most %(max)s units for one internet connection. Order what is in the cart first.")
            % {"max": most_here},
            max=most_here,
        )


@within_unit_of_work
def pass_on(*, origin: Cart, target: Cart) -> None:
    """Remember against one cart what was remembered against another that is merged into it."""
    sql.execute(_POURED, {"origin": f"cart:{origin.public_id}", "target": f"cart:{target.public_id}"})


@within_unit_of_work
def spend(*, keeper: Keeper, variant_id: int, now: datetime) -> None:
    """Count a SKU as kept by somebody for as long as it can be, so that they rest."""
    whole = {"everything": timedelta(minutes=LIMITS["cart_hold_total_minutes"][1]), "now": now}
    sql.execute(_SPEND, whole | {"variant": variant_id, "keepers": keeper.names})


def forget(*, policy: Policy, now: datetime) -> int:
    """Delete what counts against nobody any more, since they have rested; returns how much."""
    longest = max(policy.cart_hold_total_minutes, policy.address_hold_total_minutes)
    return sql.execute(_FORGET, {"rested": now - timedelta(minutes=longest)})
