"""What the catalogue refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Forbidden, Invalid


class UnknownSku(Invalid):
    """There is no such SKU."""

    code = "unknown_sku"
    title = _("Unknown SKU")
    fields = ("sku",)


class PriceAboveLimit(Forbidden):
    """The price would change by more in a day than whoever changes it may: from `least` to `most`."""

    code = "price_above_limit"
    title = _("Change of price above your limit")
    fields = ("sku", "percent", "least", "most")
    amounts = ("least", "most")
    about = "price"
    sentence = _("You may change a price by %(percent)s%% a day at most: from %(least)s to %(most)s.")


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


class PricesChanged(Conflict):
    """Prices are no longer those that were looked at; `skus` are those of the variants, where they are still there."""

    code = "prices_changed"
    title = _("Prices were changed meanwhile")
    fields = ("skus",)
    sentence = _("Somebody has changed some of these prices meanwhile. Nothing was written: look at them once more.")


class NothingChanges(Invalid):
    """Every price would stay as it is."""

    code = "nothing_changes"
    title = _("No price would change")
