"""What the catalogue refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Invalid


class UnknownSku(Invalid):
    """There is no such SKU."""

    code = "unknown_sku"
    title = _("Unknown SKU")
    fields = ("sku",)


class NotForSale(Invalid):
    """The SKU exists and cannot be bought, or not this way."""

    code = "not_for_sale"
    title = _("Not for sale")
    fields = ("sku",)


class SkuTaken(Conflict):
    """Another variant has that SKU already."""

    code = "sku_taken"
    title = _("This SKU is taken")
    fields = ("sku",)


class BarcodeTaken(Conflict):
    """Another variant has the number under its bars already."""

    code = "barcode_taken"
    title = _("Another product has this barcode")
    fields = ("barcode",)


class SlugTaken(Conflict):
    """Another product or category has that slug already."""

    code = "slug_taken"
    title = _("This slug is taken")
    fields = ("slug",)


class NothingToSell(Conflict):
    """A product without a single variant for sale cannot be published."""

    code = "nothing_to_sell"
    title = _("There is no variant for sale yet")


class CategoryLoop(Invalid):
    """A category cannot stand within itself, nor within what stands within it."""

    code = "category_loop"
    title = _("A category cannot stand within itself")


class CategoryTooDeep(Invalid):
    """Categories stand at most `deepest` ranks deep."""

    code = "category_too_deep"
    title = _("Too many categories within one another")
    fields = ("deepest",)


class CategoryInUse(Conflict):
    """Something still stands on that shelf."""

    code = "category_in_use"
    title = _("Products or categories still stand in it")
    fields = ("products", "categories")


class UnacceptablePicture(Invalid):
    """The file is no picture the shop can show; `reason` is too_large, too_many_pixels, wrong_format or unreadable."""

    code = "unacceptable_picture"
    title = _("This picture cannot be used")
    fields = ("reason",)


class TooManyPictures(Conflict):
    """A product has at most `most` pictures."""

    code = "too_many_pictures"
    title = _("The product has too many pictures already")
    fields = ("most",)
