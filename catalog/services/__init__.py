"""Every write to the catalogue and every rule about it.

`sheets` says what may be written, `categories`, `products`, `variants` and `images` write it, `prices` changes many
prices at once, `history` writes down who did. Only an empty category and a picture can ever be removed; products are
archived, variants are taken off sale, because carts, orders and movements point at them.
"""

from catalog.services.categories import (
    change_category,
    create_category,
    put_in_order,
    put_up,
    refuse_path,
    remove_category,
)
from catalog.services.images import add_image, change_image, delete_file, put_main_image, remove_image
from catalog.services.pictures import MAX_BYTES, Picture, prepare_picture
from catalog.services.prices import Looked, PutBack, change_prices, undo_prices
from catalog.services.products import (
    archive,
    change_product,
    create_product,
    hide,
    publish,
    rewrite_product,
    unarchive,
    write_product,
)
from catalog.services.sheets import ProductSheet, VariantSheet, checked_options, options_from

__all__ = [
    "MAX_BYTES",
    "Looked",
    "Picture",
    "ProductSheet",
    "PutBack",
    "VariantSheet",
    "add_image",
    "archive",
    "change_category",
    "change_image",
    "change_prices",
    "change_product",
    "checked_options",
    "create_category",
    "create_product",
    "delete_file",
    "hide",
    "options_from",
    "prepare_picture",
    "publish",
    "put_in_order",
    "put_main_image",
    "put_up",
    "refuse_path",
    "remove_category",
    "remove_image",
    "rewrite_product",
    "unarchive",
    "undo_prices",
    "write_product",
]
