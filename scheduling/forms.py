"""Forms of the desk for services, people, hours and visits: how things are typed. Rules stay in the services."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import uuid4

from django import forms
from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminImageFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from catalog import services as catalog
from catalog.errors import UnacceptablePicture
from catalog.forms import NO_CATEGORY, DepositForm, NewCategoryField, PictureField
from catalog.models import Category, Product
from catalog.services import ProductSheet, VariantSheet
from common.money import format_brl
from desk.forms import BrlField, LineField, Rules
from desk.kept import KeepsFile, KeptFileField
from scheduling.models import (
    AvailabilityRule,
    Combination,
    DateOverride,
    Professional,
    ProfessionalService,
    Service,
    TimeOff,
)
from scheduling.models.hours import OPENS_BEFORE, clock

if TYPE_CHECKING:
    RuleModelForm = forms.ModelForm[AvailabilityRule]
    OverrideModelForm = forms.ModelForm[DateOverride]
    PerformedModelForm = forms.ModelForm[ProfessionalService]
    TimeOffModelForm = forms.ModelForm[TimeOff]
    ServiceModelForm = forms.ModelForm[Service]
    ProfessionalModelForm = forms.ModelForm[Professional]
    CombinationModelForm = forms.ModelForm[Combination]
    ServiceChoices = forms.ModelMultipleChoiceField[Service]
else:
    ServiceChoices = forms.ModelMultipleChoiceField
    CombinationModelForm = ProfessionalModelForm = forms.ModelForm
    RuleModelForm = OverrideModelForm = PerformedModelForm = TimeOffModelForm = ServiceModelForm = forms.ModelForm

PICTURES = "image/jpeg,image/png,image/webp"
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
    """Shows and chooses a picture, and remembers it where the form comes back."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Show the picture that is there above the choice; the theme does so for `image/*` alone."""
        return super().get_context(name, value, attrs) | {"bare_template": "desk/shown_picture.html"}


class PortraitField(KeptFileField):
    """A portrait to upload, painted anew like every picture of the shop."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", _PortraitWidget(attrs={"accept": PICTURES}))
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

    price = BrlField(
        label=_("price"),
        required=False,
        zero=True,
        help_text=ProfessionalService._meta.get_field("price").help_text,
    )

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
    """A service: its name, price and picture in the catalogue, who performs it, and what the agenda has to know.

    `people`: the active professionals; `offered_to` makes a form with a box to tick and a price for each.
    """

    people: ClassVar[tuple[Professional, ...]] = ()

    name = LineField(label=_("name"), max_length=160, help_text=_("As customers read it."))
    price = BrlField(label=_("price"), zero=True, help_text=_("In reais, as 59,90."))
    picture = PictureField(
        label=_("picture"),
        required=False,
        widget=_PortraitWidget(attrs={"accept": PICTURES}),
        help_text=_("JPEG, PNG or WebP, at most 5 MB."),
    )

    rules: ClassVar[Rules] = {
        "service_tolerance_shorter_than_duration": (
            "overlap_tolerance_minutes",
            _("The overlap must be shorter than the service itself."),
        ),
    }

    class Meta:
        model = Service
        exclude = ("variant",)

    @classmethod
    def offered_to(cls, people: Iterable[Professional]) -> "type[ServiceForm]":
        """Return the form with a box to tick and a price of their own for each of these people."""
        chosen = tuple(people)
        fields: dict[str, Any] = {"people": chosen}
        for person in chosen:
            fields[f"performs_{person.pk}"] = forms.BooleanField(
                label=person.name, required=False, widget=UnfoldBooleanSwitchWidget()
            )
            fields[f"price_{person.pk}"] = BrlField(
                label=_("price of %(name)s") % {"name": person.name},
                zero=True,
                required=False,
                help_text=_("Empty: the price above."),
            )
        return type(cls.__name__, (cls,), fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self._begin()
            return
        variant = self.instance.variant
        main = variant.product.images.order_by("position", "pk").first()
        known: dict[str, Any] = {
            "name": variant.product.name,
            "price": variant.price,
            "picture": main.file if main else None,
        }
        for row in self.instance.performed.all():
            known |= {f"performs_{row.professional_id}": True, f"price_{row.professional_id}": row.price}
        self.initial = {**known, **self.initial}
        others = variant.product.variants.exclude(pk=variant.pk).values_list("name", flat=True)
        if others and "name" in self.fields:
            self.fields["name"].help_text = _("The name of %(others)s, too.") % {"others": ", ".join(others)}

    def _begin(self) -> None:
        """Offer what most shops would choose for a new service."""
        if len(self.people) == 1:
            self.initial.setdefault(f"performs_{self.people[0].pk}", True)

    def clean(self) -> dict[str, Any]:
        """Ask who has the price of their own that was typed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for person in self.people:
            name = f"price_{person.pk}"
            if cleaned.get(name) is not None and not cleaned.get(f"performs_{person.pk}") and name in self.changed_data:
                told = _("Tick %(name)s, or leave the price empty.") % {"name": person.name}
                self.add_error(name, told)
        return cleaned

    def performers(self) -> dict[int, Decimal | None]:
        """Return who performs it, by key, with the price of their own."""
        return {
            person.pk: self.cleaned_data.get(f"price_{person.pk}")
            for person in self.people
            if self.cleaned_data.get(f"performs_{person.pk}")
        }


class NewServiceForm(ServiceForm):
    """A new service, its catalogue side included."""

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

    def _begin(self) -> None:
        """Offer the category of the service written down last, too."""
        super()._begin()
        last = Service.objects.order_by("-pk").values_list("variant__product__category", flat=True).first()
        if last is not None:
            self.initial.setdefault("category", last)
        elif not Category.objects.exists():
            self.initial.setdefault("new_category", gettext("Services"))

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


class ServiceChoiceField(ServiceChoices):
    """Services to tick, each with what it costs and takes for itself."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the service as people read it."""
        return f"{obj.name} ({obj.duration_minutes} min, {format_brl(obj.variant.price)})"


class CombinationForm(CombinationModelForm):
    """Services that are sold together."""

    services = ServiceChoiceField(
        label=_("Services"),
        queryset=Service.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text=_("Two or more. Booked in one visit, in whatever order, they cost and take what you write here."),
    )
    price = BrlField(
        label=_("Price together"), zero=True, help_text=_("In reais, as 70,00; the same with every professional.")
    )
    rules: ClassVar[Rules] = {"combination_price_bounds": ("price", _("That is more than any price."))}

    class Meta:
        model = Combination
        fields = ("services", "price", "duration_minutes", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = ~Q(variant__product__status=Product.Status.ARCHIVED)
        if self.instance.pk:
            offered |= Q(combinations=self.instance)
        services = Service.objects.filter(offered).select_related("variant__product").distinct()
        field = cast("ServiceChoiceField", self.fields["services"])
        field.queryset = services.order_by("variant__product__search_key", "variant__position", "pk")
