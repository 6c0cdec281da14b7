"""Forms of the desk for services, people, hours and visits: how things are typed. Rules stay in the services."""

import re
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from django import forms
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminImageFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from catalog import services as catalog
from catalog.errors import UnacceptablePicture
from catalog.forms import NO_CATEGORY, DepositForm, NewCategoryField
from catalog.models import Category
from catalog.services import ProductSheet, VariantSheet
from desk.forms import BrlField, LineField, Rules
from desk.kept import KeepsFile, KeptFileField
from scheduling.models import AvailabilityRule, DateOverride, Professional, ProfessionalService, Service, TimeOff
from scheduling.models.hours import OPENS_BEFORE, clock

if TYPE_CHECKING:
    RuleModelForm = forms.ModelForm[AvailabilityRule]
    OverrideModelForm = forms.ModelForm[DateOverride]
    PerformedModelForm = forms.ModelForm[ProfessionalService]
    TimeOffModelForm = forms.ModelForm[TimeOff]
    ServiceModelForm = forms.ModelForm[Service]
    ProfessionalModelForm = forms.ModelForm[Professional]
else:
    ProfessionalModelForm = forms.ModelForm
    RuleModelForm = OverrideModelForm = PerformedModelForm = TimeOffModelForm = ServiceModelForm = forms.ModelForm

TYPED = re.compile(r"([01]?[0-9]|2[0-4])[:hH]([0-5][0-9])?")


class WallClockField(forms.Field):
    """A time of day as people type it: 9:00, 09:00, 9h, 9h30, 24:00. Its value is minutes past midnight."""

    def __init__(self, **options: Any) -> None:
        attributes = {"placeholder": "09:00", "autocomplete": "off", "size": "6"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show minutes as a time of day."""
        return clock(value % OPENS_BEFORE if value != OPENS_BEFORE else value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return the minutes. Raises ValidationError."""
        text = str(value or "").strip()
        if not text:
            return None
        found = TYPED.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("Type a time such as 09:00."), code="invalid")
        minutes = int(found.group(1)) * 60 + int(found.group(2) or 0)
        if minutes > OPENS_BEFORE:
            raise forms.ValidationError(_("A day ends at 24:00."), code="invalid")
        return minutes

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare times, not the ways of writing them."""
        try:
            typed = self.to_python(data)
        except forms.ValidationError:
            return True
        return bool((initial % OPENS_BEFORE if initial not in (None, OPENS_BEFORE) else initial) != typed)


ENDS_BEFORE = _("It ends before it begins.")


def past_midnight(*, opens: int, closes: int) -> int:
    """Return the end of a shift: one that is not after its beginning is on the next day."""
    return closes if closes > opens else closes + OPENS_BEFORE


class _PortraitWidget(KeepsFile, UnfoldAdminImageFieldWidget):  # type: ignore[misc]
    """Chooses a portrait, and remembers it where the form comes back."""


class PortraitField(KeptFileField):
    """A portrait to upload, painted anew like every picture of the shop."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", _PortraitWidget(attrs={"accept": "image/jpeg,image/png,image/webp"}))
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        """Return the file to store. Raises ValidationError."""
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            # One byte more than allowed tells that there is too much, without reading it all.
            picture = catalog.prepare_picture(content=upload.read(catalog.MAX_BYTES + 1))
        except UnacceptablePicture as refusal:
            raise forms.ValidationError(str(refusal.detail), code=str(refusal.data["reason"])) from refusal
        return ContentFile(picture.content, name=f"{uuid4().hex}.{picture.extension}")


class ProfessionalForm(ProfessionalModelForm):
    """Somebody whose time can be booked."""

    image = PortraitField(label=_("Picture"), required=False, help_text=_("A portrait for customers."))

    class Meta:
        model = Professional
        fields = ("name", "bio", "image", "user", "is_active", "position")


class RuleForm(RuleModelForm):
    """Weekly hours; an end that is not after the beginning is on the next day."""

    opens = WallClockField(label=_("from"))
    closes = WallClockField(label=_("until"), help_text=_("Earlier than the beginning: until the next day."))
    rules: ClassVar[Rules] = {
        "availabilityrule_hours_bounds": ("closes", ENDS_BEFORE),
        "availabilityrule_valid_range": ("valid_until", _("The last day is before the first.")),
    }

    class Meta:
        model = AvailabilityRule
        fields = ("weekday", "opens", "closes", "valid_from", "valid_until")

    def clean(self) -> dict[str, Any]:
        """Move an end after midnight to the next day."""
        return _with_hours(super().clean() or self.cleaned_data, form=self)


class OverrideForm(OverrideModelForm):
    """A special day; without hours it is closed."""

    opens = WallClockField(label=_("from"), required=False)
    closes = WallClockField(label=_("until"), required=False, help_text=_("Leave both empty for a day off."))
    rules: ClassVar[Rules] = {"dateoverride_hours_bounds": ("closes", ENDS_BEFORE)}

    class Meta:
        model = DateOverride
        fields = ("date", "opens", "closes")

    def clean(self) -> dict[str, Any]:
        """Ask for both hours or none, and move an end after midnight to the next day."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and (cleaned.get("opens") is None) != (cleaned.get("closes") is None):
            self.add_error("closes", _("Both hours, or none for a day off."))
        return _with_hours(cleaned, form=self)


class TimeOffForm(TimeOffModelForm):
    """An absence."""

    rules: ClassVar[Rules] = {"timeoff_ends_after_start": ("ends_at", ENDS_BEFORE)}

    class Meta:
        model = TimeOff
        fields = ("starts_at", "ends_at", "reason")


class PerformedForm(PerformedModelForm):
    """A service somebody performs."""

    rules: ClassVar[Rules] = {"professionalservice_price_bounds": ("price", _("That is more than any price."))}

    class Meta:
        model = ProfessionalService
        fields = ("service", "price")


def _with_hours(cleaned: dict[str, Any], *, form: Any) -> dict[str, Any]:
    opens, closes = cleaned.get("opens"), cleaned.get("closes")
    if opens == OPENS_BEFORE:
        form.add_error("opens", _("A day ends at 24:00."))
    elif opens is not None and closes is not None:
        cleaned["closes"] = past_midnight(opens=opens, closes=closes)
    return cleaned


class ServiceForm(DepositForm, ServiceModelForm):
    """The agenda's side of a service that the catalogue already knows."""

    rules: ClassVar[Rules] = {
        "service_tolerance_shorter_than_duration": (
            "overlap_tolerance_minutes",
            _("The overlap must be shorter than the service itself."),
        ),
    }

    class Meta:
        model = Service
        exclude = ("variant",)


class NewServiceForm(ServiceForm):
    """A new service, its catalogue side included."""

    name = LineField(label=_("name"), max_length=160)
    price = BrlField(label=_("price"), help_text=_("In reais, as 59,90."))
    category = forms.ModelChoiceField(
        label=_("category"), queryset=Category.objects.all(), required=False, widget=UnfoldAdminSelectWidget()
    )
    new_category = NewCategoryField()
    sku = LineField(
        label="SKU",
        required=False,
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": _("made from the name")}),
        help_text=_("Letters, digits, dots, dashes, underscores."),
    )
    description = forms.CharField(label=_("description"), required=False, widget=UnfoldAdminTextareaWidget())

    def clean(self) -> dict[str, Any]:
        """Ask for a category: one that is there, or the name of a new one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "category" not in self.errors and not cleaned.get("category") and not cleaned.get("new_category"):
            self.add_error("category", NO_CATEGORY)
        return cleaned

    def product(self) -> ProductSheet:
        """Return the product's sheet."""
        new = self.cleaned_data["new_category"]
        return ProductSheet(
            name=self.cleaned_data["name"],
            description=self.cleaned_data["description"],
            category_id=None if new else self.cleaned_data["category"].pk,
            new_category=new,
        )

    def variant(self) -> VariantSheet:
        """Return the sheet of its only variant."""
        return VariantSheet(sku=self.cleaned_data["sku"], price=self.cleaned_data["price"])
