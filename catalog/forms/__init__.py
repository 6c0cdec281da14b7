"""Forms of the desk for the catalogue: how things are typed and shown. Rules stay in the services."""

from catalog.forms.categories import CategoryForm
from catalog.forms.deposits import DepositForm
from catalog.forms.fields import NO_CATEGORY, NewCategoryField, PriceField
from catalog.forms.images import ImageForm, ImageFormSet, PictureField
from catalog.forms.products import ProductForm, VariantForm, VariantFormSet

__all__ = [
    "NO_CATEGORY", "CategoryForm", "DepositForm", "ImageForm", "ImageFormSet", "NewCategoryField", "PictureField",
    "PriceField", "ProductForm", "VariantForm", "VariantFormSet",
]  # fmt: skip
