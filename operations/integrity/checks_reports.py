"""Figures: what is kept of a past day is what its rows say."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row
from reports.selectors.kept import wrong_sums


def _wrong_sums(_moment: Moment) -> Iterable[Row]:
    return wrong_sums()


CHECKS = (
    Check(
        name="reports.kept_days_are_right",
        promise=_("The sums that are kept of a past day are what its rows say, unless the day is marked as changed."),
        remedy=_(
            "A row or a sum was changed behind the triggers. Find out which; then empty reports_keptday and "
            "reports_keptsum: the days are summed anew within minutes."
        ),
        find=_wrong_sums,
    ),
)
"""What the sums of past days promise."""
