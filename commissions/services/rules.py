"""Writes rules: a new one from a day on, and the last day of one. What was earned stays as it was."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from commissions.errors import RuleEnded
from commissions.models import CommissionRule
from common.actors import Actor
from common.dates import midnight
from common.errors import FieldError, Malformed, NotFound
from common.transactions import locked
from common.use_cases import use_case
from shop import services as shop

TARGETS = {"service": "service", "product": "product", "category": "category", "everything": "kind"}
"""Which column says what a rule of a scope is for."""


@use_case()
def add_rule(*, rule: CommissionRule, actor: Actor, now: datetime) -> CommissionRule:
    """Write a new rule and return it. It counts from its first day, and never for what was paid before it was written.

    A rule for the same thing that began earlier counts no longer from then on. Raises Malformed.
    """
    zone = ZoneInfo(shop.policy().timezone)
    for scope, column in TARGETS.items():
        if scope != rule.scope:
            setattr(rule, column, "" if column == "kind" else None)
    if rule.fee_borne_by == CommissionRule.Bearer.SHOP:
        rule.card_fee = rule.pix_fee = Decimal(0)
    _judge(rule=rule, today=now.astimezone(zone).date())
    rule.starts_at = max(midnight(rule.valid_from, zone=zone), now)
    rule.ends_at = None
    rule.created_at, rule.actor_kind, rule.actor_id = now, actor.kind, actor.id
    rule.save(force_insert=True)
    return rule


@use_case()
def end_rule(*, rule_id: UUID, last_day: date, now: datetime) -> CommissionRule:
    """Give a rule its last day and return it; what is paid after that day earns nothing by it.

    Raises NotFound, RuleEnded (it has one), Malformed (a day that is over, or before its first).
    """
    zone = ZoneInfo(shop.policy().timezone)
    rule = locked(CommissionRule.objects.filter(public_id=rule_id)).first()
    if rule is None:
        raise NotFound()
    if rule.ends_at is not None:
        raise RuleEnded()
    if last_day < max(now.astimezone(zone).date(), rule.valid_from):
        _refuse(last_day=_("Today is the earliest, and not before its first day."))
    rule.ends_at = midnight(last_day + timedelta(days=1), zone=zone)
    rule.save(update_fields=["ends_at"])
    return rule


def _judge(*, rule: CommissionRule, today: date) -> None:
    """Refuse what no rule can say. Raises Malformed."""
    wrong: dict[str, str] = {}
    if not getattr(rule, TARGETS[rule.scope]):
        wrong[TARGETS[rule.scope]] = _("Say what it is for.")
    if (rule.percent is None) == (rule.amount is None):
        wrong["percent"] = _("Give either a share in % or an amount.")
    elif rule.percent is not None and not 0 <= rule.percent <= 100:
        wrong["percent"] = _("From 0 to 100%.")
    elif rule.amount is not None and rule.amount <= 0:
        wrong["amount"] = _("More than nothing.")
    if rule.consumables < 0:
        wrong["consumables"] = _("Not less than nothing.")
    if rule.valid_from < today:
        wrong["valid_from"] = _("Today is the earliest: what was earned is never changed.")
    if rule.fee_borne_by != CommissionRule.Bearer.SHOP and not (rule.card_fee or rule.pix_fee):
        wrong["card_fee"] = _("Say how much the fee is.")
    for name in ("card_fee", "pix_fee"):
        if not 0 <= getattr(rule, name) <= 30:
            wrong[name] = _("From 0 to 30%.")
    if wrong:
        _refuse(**wrong)


def _refuse(**wrong: str) -> None:
    errors = [FieldError(pointer=f"/{name}", code="invalid", detail=text) for name, text in wrong.items()]
    raise Malformed(errors=errors)
