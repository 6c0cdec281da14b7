"""Every write of a spreadsheet that is brought in: read, previewed, confirmed, taken in, forgotten."""

from spreadsheets.services import agenda, people, products
from spreadsheets.services.progress import told
from spreadsheets.services.runs import begin, discard, forget
from spreadsheets.services.taking import confirm, prepare, take_in

PROBLEMS = {**products.PROBLEMS, **agenda.PROBLEMS, **people.PROBLEMS}
"""Why a row cannot be, as the owner reads it."""

__all__ = ["PROBLEMS", "begin", "confirm", "discard", "forget", "prepare", "take_in", "told"]
