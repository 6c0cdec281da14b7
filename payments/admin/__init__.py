"""The desk's pages of the money."""

from payments.admin.cases import MoneyCaseAdmin
from payments.admin.money import PaymentAdmin, RefundAdmin

__all__ = ["MoneyCaseAdmin", "PaymentAdmin", "RefundAdmin"]
