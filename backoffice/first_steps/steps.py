"""What a new shop still lacks before it can sell, read from its data in one statement.

Nothing here is stored but what no other data tells: that the hours we propose were looked at, that the link was passed
on, and that somebody put the list away. A demonstration has nothing to set up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import milestones, sql
from shop.policy import DEFAULTS, Policy
from shop.selectors import POLICY_COLUMNS, policy_of

HOURS_SEEN, LINK_SHARED, PUT_AWAY = "first_steps.hours", "first_steps.link", "first_steps.put_away"

MAY = (
    "shop.decide_money",
    "shop.change_shopsettings",
    "catalog.add_product",
    "inventory.adjust_stock",
    "scheduling.add_service",
)
"""Whoever may do all of the steps sees them."""

_STATE = f"""
SELECT {POLICY_COLUMNS},
    (SELECT coalesce(array_agg(name), '{{}}') FROM common_milestone),
    EXISTS (
        SELECT FROM catalog_variant variant JOIN catalog_product product ON product.id = variant.product_id
        WHERE variant.is_active AND product.kind = 'goods' AND product.status = 'published'
    ),
    EXISTS (
        SELECT FROM scheduling_service service
        JOIN catalog_variant variant ON variant.id = service.variant_id AND variant.is_active
        JOIN catalog_product product ON product.id = variant.product_id AND product.status = 'published'
        JOIN scheduling_professionalservice performed ON performed.service_id = service.id
        JOIN scheduling_professional person ON person.id = performed.professional_id AND person.is_active
        JOIN scheduling_availabilityrule rule ON rule.professional_id = person.id
    ),
    coalesce((SELECT true FROM orders_order LIMIT 1), (SELECT true FROM scheduling_appointment LIMIT 1), false)
"""  # noqa: S608 - made of constants


@dataclass(frozen=True)
class Step:
    """One thing a shop needs; `again` says what its form does once it is done."""

    key: str
    icon: str
    title: str | Promise
    hint: str | Promise
    again: str | Promise
    done: bool

    @property
    def link(self) -> str:
        """The page of its form."""
        return reverse(f"first_steps:{self.key}")


@dataclass(frozen=True)
class FirstSteps:
    """How far the shop is."""

    steps: Sequence[Step]
    policy: Policy
    is_demonstration: bool
    is_put_away: bool

    @property
    def done(self) -> int:
        """How many of the steps are done."""
        return sum(step.done for step in self.steps)

    @property
    def is_shown(self) -> bool:
        """Whether the first page speaks of them."""
        return not self.is_demonstration and not self.is_put_away and self.done < len(self.steps)


def first_steps() -> FirstSteps:
    """Return what is done and what is missing."""
    row, hours, days, names, goods, visits, sold = sql.rows(_STATE, {})[0]
    policy = policy_of(row, hours, days)
    done = {
        "shop": policy.name not in ("", DEFAULTS.name) and bool(policy.document),
        "hours": HOURS_SEEN in names or policy.opening_hours != DEFAULTS.opening_hours,
        "product": goods,
        "service": visits,
        "payment": is_payable(methods=policy.payment_methods, instructions=policy.transfer_instructions),
        "share": LINK_SHARED in names or sold,
    }
    return FirstSteps(
        steps=[Step(key, icon, title, hint, again, done[key]) for key, icon, title, hint, again in _STEPS],
        policy=policy,
        is_demonstration=milestones.DEMONSTRATION in names,
        is_put_away=PUT_AWAY in names,
    )


def is_payable(*, methods: Sequence[str], instructions: str) -> bool:
    """Say whether customers can pay in every way that is offered: who transfers must be told where to."""
    return bool(methods) and ("transfer" not in methods or bool(instructions))


_STEPS: tuple[tuple[str, str, str | Promise, str | Promise, str | Promise], ...] = (
    ("shop", "storefront", _("Name and CNPJ or CPF"), _("What the shop is called, and who it is."), _("Change")),
    ("hours", "schedule", _("Opening hours"), _("When customers can come and collect."), _("Change")),
    ("product", "sell", _("First product"), _("Name, price, and how many there are."), _("One more")),
    ("service", "content_cut", _("First service"), _("What it is, how long it takes, and who does it."), _("One more")),
    ("payment", "payments", _("How customers pay"), _("At the counter, by transfer or Pix."), _("Change")),
    ("share", "share", _("Link to share"), _("Send customers the address of the shop."), _("Show")),
)
