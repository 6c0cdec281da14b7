"""What is said of a file or a cell that cannot be taken in."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Refusal
from desk.refusals import explained
from spreadsheets.cells import CellError
from spreadsheets.files import UnreadableError

FILES: Mapping[str, Promise] = {
    "empty": _("This file is empty."),
    "too_large": _("This file is too large: at most %(megabytes)d MB. Split it in two."),
    "too_many_rows": _("This file has more than %(most)d rows. Split it in two."),
    "too_many_rows_xlsx": _(
        "This workbook has more than %(most)d rows. Save it as CSV, which may be five times as long."
    ),
    "nul": _("This file has signs that no text has. Save it again as CSV or XLSX."),
    "not_a_table": _("This is no spreadsheet. Choose a CSV or an XLSX file."),
    "old_excel": _("This is a workbook of an old Excel. Save it as XLSX or CSV."),
    "encoding": _("The letters of this file cannot be read. Save it as “CSV UTF-8”."),
    "damaged": _("This workbook cannot be read; it may be damaged or have a password. Save it again, or as CSV."),
    "cell_too_long": _("Row %(row)d has a cell that is too long, or a quotation mark that is never closed."),
    "no_headings": _("The first row has no heading that is known. Start from the template; its headings must stay."),
    "heading_missing": _("The column “%(heading)s” is missing. Start from the template; its headings must stay."),
    "heading_twice": _("The column “%(heading)s” is there twice. Delete one of them."),
    "no_rows": _("There is no row below the headings."),
}
"""Why a file cannot be taken in."""

CELLS: Mapping[str, Promise] = {
    "formula": _("This is a formula. Copy the cell and paste only its value."),
    "amount": _("Write an amount such as 12,50 or 1.234,56."),
    "two_amounts": _("This could be two amounts. Write it with two places after a comma, such as 1234,00 or 1,23."),
    "negative": _("This cannot be less than nothing."),
    "whole": _("Write a whole number, such as 12."),
    "two_wholes": _("This could be two numbers. Write it without dots and commas, such as 1234."),
    "yes_no": _("Write yes or no."),
}
"""Why a cell cannot be read."""


def file_problem(problem: UnreadableError) -> str:
    """Return why a file cannot be taken in."""
    return str(FILES[problem.code]) % problem.figures


def cell_problem(problem: CellError) -> str:
    """Return why a cell cannot be read."""
    return str(CELLS[problem.code])


def refusal_problem(refusal: Refusal) -> str:
    """Return why what was shown cannot be taken in any more."""
    return explained(refusal)


def unforeseen() -> str:
    """Return what is said of a spreadsheet that failed by a mistake of ours."""
    return gettext("Nothing was taken in: something went wrong that is not your mistake. It is in the log of the shop.")
