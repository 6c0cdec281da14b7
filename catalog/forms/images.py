"""How pictures are given.

A picture is judged and painted anew while the form is checked, so that a file the shop cannot use is
said beside its field and nothing else typed on the page is lost.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminImageSmallFieldWidget,
)

from catalog import services as catalog
from catalog.errors import UnacceptablePicture
from catalog.forms.fields import PositionField
from catalog.models import Product, ProductImage
from catalog.services import Picture
from desk.forms import LineField
from desk.kept import KeepsFile, KeptFileField

if TYPE_CHECKING:
    ImageModelForm = forms.ModelForm[ProductImage]
    ImageInline = forms.BaseInlineFormSet[ProductImage, Product, Any]
else:
    ImageModelForm = forms.ModelForm
    ImageInline = PaginationInlineFormSet


class _PictureWidget(KeepsFile, UnfoldAdminImageSmallFieldWidget):  # type: ignore[misc]
    """Chooses a picture, and remembers it where the form comes back."""


class PictureField(KeptFileField):
    """A picture to upload; what comes out is painted anew."""

    def __init__(self, **options: Any) -> None:
        attributes = {"accept": "image/jpeg,image/png,image/webp"}
        options.setdefault("widget", _PictureWidget(attrs=attributes))
        super().__init__(**options)

    def to_python(self, data: Any) -> Any:
        """Return a Picture. Raises ValidationError."""
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            # One byte more than allowed tells that there is too much, without reading it all.
            return catalog.prepare_picture(content=upload.read(catalog.MAX_BYTES + 1))
        except UnacceptablePicture as refusal:
            raise forms.ValidationError(str(refusal.detail), code=str(refusal.data["reason"])) from refusal


class ImageForm(ImageModelForm):
    """One picture of a product."""

    upload = PictureField(label=_("picture"), help_text=_("JPEG, PNG or WebP, at most 5 MB."))
    alt = LineField(label=_("what it shows"), required=False)
    position = PositionField()

    class Meta:
        model = ProductImage
        fields = ("alt",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].required = not self.instance.pk
        if not self.instance.pk:
            self.initial["position"] = None

    @property
    def picture(self) -> Picture | None:
        """The picture that was uploaded, painted anew."""
        painted: Picture | None = self.cleaned_data["upload"]
        return painted


class ImageFormSet(ImageInline):
    """The pictures of a product."""

    def typed(self) -> list[ImageForm]:
        """Return those that are new, or typed differently."""
        return [form for form in self.forms if form.has_changed() and form not in self.gone]

    @property
    def gone(self) -> list[Any]:
        """Those to remove."""
        return list(self.deleted_forms)
