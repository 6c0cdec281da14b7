"""Which file may be brought."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from spreadsheets.files import MAX_BYTES, UnreadableError
from spreadsheets.wording import file_problem


class SheetForm(forms.Form):
    """The file of a spreadsheet; what is in it is judged when it is read."""

    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("CSV or XLSX, as Excel, LibreOffice or Google Sheets save it."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,.txt,.tsv"}),
        max_length=255,
        allow_empty_file=True,  # the reader says what is wrong with it
    )

    def clean_file(self) -> Any:
        """Return the file. Raises ValidationError for one that is too large."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            problem = UnreadableError("too_large", megabytes=MAX_BYTES // 1024 // 1024)
            raise forms.ValidationError(file_problem(problem), code=problem.code)
        return upload
