"""What the pages of a visit read from a visitor."""

from datetime import UTC, date, datetime

from django import forms


class MoveForm(forms.Form):
    """The free time a visitor has chosen."""

    starts_at = forms.CharField(max_length=40)

    def clean_starts_at(self) -> datetime:
        """Return the chosen instant. Raises ValidationError for anything but one with its offset."""
        try:
            chosen = datetime.fromisoformat(self.cleaned_data["starts_at"])
        except ValueError as problem:
            raise forms.ValidationError("", code="invalid") from problem
        if chosen.tzinfo is None or chosen.year < 2:
            raise forms.ValidationError("", code="invalid")
        return chosen.astimezone(UTC)


def first_day(*, text: str, today: date, last: date, usual: date) -> date:
    """Return the day a visitor wants to see times from, kept between today and the last one offered."""
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        wanted = usual
    return max(today, min(wanted, last))
