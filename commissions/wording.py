"""A rule in words, as whoever reads a statement wants it explained."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from commissions.models import CommissionEntry, CommissionRule
from common.money import format_brl

Bearer = CommissionRule.Bearer


def rule_words(rule: CommissionRule) -> str:
    """Return what a rule says, in one sentence: 40% de Corte, depois do desconto."""
    if rule.percent is not None:
        first = _("%(share)s of %(what)s") % {"share": percent_text(rule.percent), "what": target_text(rule)}
    else:
        first = _("%(share)s for each: %(what)s") % {
            "share": format_brl(rule.amount or Decimal(0)),
            "what": target_text(rule),
        }
    return ", ".join([first, *_discount(rule), *_consumables(rule), *_fee(rule)])


def target_text(rule: CommissionRule) -> str:
    """Return what a rule is for, by its name."""
    if rule.service is not None:
        variant = rule.service.variant
        return " · ".join(name for name in (variant.product.name, variant.name) if name)
    if rule.product is not None:
        return rule.product.name
    if rule.category is not None:
        return _("everything in %(name)s") % {"name": rule.category.name}
    return _("all services") if rule.kind == CommissionRule.Kind.VISIT else _("all products")


def percent_text(percent: Decimal) -> str:
    """Return a share without zeros that say nothing: 40%, 33,33%."""
    places = max(-int(percent.normalize().as_tuple().exponent), 0)
    return f"{number_format(percent, decimal_pos=places)}%"


def _discount(rule: CommissionRule) -> list[str]:
    if rule.discount_borne_by == Bearer.PROFESSIONAL:
        return [_("a discount comes off the commission")]
    if rule.percent is None:
        return []
    return [_("before the discount") if rule.discount_borne_by == Bearer.SHOP else _("after the discount")]


def _consumables(rule: CommissionRule) -> list[str]:
    return [_("less %(amount)s of supplies") % {"amount": format_brl(rule.consumables)}] if rule.consumables else []


def _fee(rule: CommissionRule) -> list[str]:
    if rule.fee_borne_by == Bearer.SHOP:
        return []
    named = ((_("card"), rule.card_fee), ("Pix", rule.pix_fee))
    rates = ", ".join(f"{name} {percent_text(rate)}" for name, rate in named if rate)
    if rule.fee_borne_by == Bearer.BOTH:
        return [_("after the fee (%(rates)s)") % {"rates": rates}]
    return [_("the fee comes off the commission (%(rates)s)") % {"rates": rates}]


def entry_words(entry: CommissionEntry) -> str:
    """Return what an entry is of: the service of a visit, or the goods."""
    line = entry.line
    if line.visit is None:
        return line.words
    return line.visit.services[entry.position - 1].name
