"""What the agenda answers, as its page reads it.

Statements stay constant, whatever the week holds. Times are written as the shop's wall clock, without
an offset, because the calendar would otherwise show them in the zone of the browser.
"""

from backoffice.agenda.answers.booking import AbsenceResponse, customers_answer, times_answer
from backoffice.agenda.answers.visit import DetailsResponse, details_answer
from backoffice.agenda.answers.week import week_answer

__all__ = ["AbsenceResponse", "DetailsResponse", "customers_answer", "details_answer", "times_answer", "week_answer"]
