"""How a shelf of the shop is typed."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
)

from catalog import selectors
from catalog.forms.fields import PositionField, SlugField, titled
from catalog.models import Category

if TYPE_CHECKING:
    CategoryModelForm = forms.ModelForm[Category]
else:
    CategoryModelForm = forms.ModelForm


class CategoryForm(CategoryModelForm):
    """A shelf of the shop."""

    above = forms.TypedChoiceField(
        label=_("within"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Empty for a category of the first rank."),
    )
    slug = SlugField()
    position = PositionField()

    class Meta:
        model = Category
        fields = ("name", "slug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titled(self)
        if "above" in self.fields:
            own = set(selectors.category_ids(slug=self.instance.slug)) if self.instance.pk else set()
            paths = [(pk, path) for pk, path in selectors.category_paths().items() if pk not in own]
            self.fields["above"].choices = [("", "-"), *paths]  # type: ignore[attr-defined]
            self.initial["above"] = self.instance.parent_id
        if not self.instance.pk:
            self.initial["position"] = None
