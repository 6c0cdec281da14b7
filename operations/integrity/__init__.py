"""What must be true of the shop's data at any moment, and the commands that look.

Every check is read-only, has a name, a promise and a remedy, and returns the rows that break the promise. To add one,
write it into the list of its noun (`checks_stock.py`, `checks_orders.py`, ...) or put a new list into `registry.py`.
"""

from operations.integrity.base import Check, Moment, Row, sql
from operations.integrity.examination import Report, Result, examine, findings
from operations.integrity.registry import CHECKS

__all__ = ["CHECKS", "Check", "Moment", "Report", "Result", "Row", "examine", "findings", "sql"]
