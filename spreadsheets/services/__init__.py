"""Every write of a spreadsheet that is brought in: read, previewed, confirmed, taken in, forgotten."""

from spreadsheets.services.products import PROBLEMS
from spreadsheets.services.progress import told
from spreadsheets.services.runs import begin, discard, forget
from spreadsheets.services.taking import confirm, prepare, take_in

__all__ = ["PROBLEMS", "begin", "confirm", "discard", "forget", "prepare", "take_in", "told"]
