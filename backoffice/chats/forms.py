"""What is typed into the words of a message. Rules stay in the services."""

from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from api.kinds import Instant, Wrong
from chats.models import Occasion
from chats.selectors import Key
from chats.wording import names_for

LABELS = {"pt-br": _("In Portuguese"), "en": _("In English")}


class SendForm(forms.Form):
    """Which message is sent, as its row names it."""

    occasion = forms.ChoiceField(choices=Occasion.choices)
    subject = forms.UUIDField()
    about = forms.CharField(max_length=40)

    @property
    def key(self) -> Key | None:
        """The message; None where no row of ours named it."""
        if not self.is_valid():
            return None
        subject: UUID = self.cleaned_data["subject"]
        try:
            about = Instant().read(self.cleaned_data["about"])
        except Wrong:
            return None
        return Key(occasion=self.cleaned_data["occasion"], subject=subject, about=about)


class WordsForm(forms.Form):
    """The texts of an occasion, one for each language of the shop."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, sent: QueryDict | None, *, occasion: str, texts: dict[str, str], seen: str) -> None:
        super().__init__(sent, initial={"seen": seen, **texts})
        self.languages = tuple(texts)
        for language in texts:
            names = " ".join(name.braced for name in names_for(occasion=occasion, language=language))
            self.fields[language] = forms.CharField(
                label=LABELS[language], required=False, help_text=names, widget=UnfoldAdminTextareaWidget({"rows": 4})
            )

    @property
    def texts(self) -> dict[str, str]:
        """What was typed, by language."""
        return {language: self.cleaned_data[language].replace("\r\n", "\n").strip() for language in self.languages}
