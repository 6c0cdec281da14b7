"""Every check there is, by noun. A new list of checks is added here and nowhere else."""

from operations.integrity import (
    checks_audit,
    checks_catalog,
    checks_claims,
    checks_commissions,
    checks_drawers,
    checks_fulfilment,
    checks_history,
    checks_messages,
    checks_money,
    checks_orders,
    checks_people,
    checks_reports,
    checks_schema,
    checks_stock,
    checks_time,
)
from operations.integrity.base import Check

CHECKS: tuple[Check, ...] = (
    *checks_schema.CHECKS,
    *checks_catalog.CHECKS,
    *checks_stock.CHECKS,
    *checks_claims.CHECKS,
    *checks_time.CHECKS,
    *checks_orders.CHECKS,
    *checks_history.CHECKS,
    *checks_fulfilment.CHECKS,
    *checks_money.CHECKS,
    *checks_commissions.CHECKS,
    *checks_drawers.CHECKS,
    *checks_messages.CHECKS,
    *checks_people.CHECKS,
    *checks_reports.CHECKS,
    *checks_audit.CHECKS,
)
