"""The catalogue: shelves that stand on something, pictures that exist."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from catalog.models import ProductImage
from operations.integrity.base import Check, Moment, Row, sql


def _missing_pictures(moment: Moment) -> Iterable[Row]:
    for image in ProductImage.objects.select_related("product").order_by("pk").iterator(chunk_size=500):
        if not image.file.name or not image.file.storage.exists(image.file.name):
            yield {"product": image.product.slug, "picture": str(image.public_id), "file": image.file.name}


CHECKS = (
    Check(
        name="catalog.tree",
        promise=_("No category stands, through others, on itself."),
        remedy=_("Move one of the categories to the first rank."),
        find=sql(
            """
            WITH RECURSIVE walk AS (
                SELECT id, slug, parent_id, ARRAY[id] AS path, false AS circle FROM catalog_category
                UNION ALL
                SELECT walk.id, walk.slug, above.parent_id, path || above.id, above.id = ANY (path)
                FROM walk JOIN catalog_category above ON above.id = walk.parent_id
                WHERE NOT circle
            )
            SELECT DISTINCT slug FROM walk WHERE circle ORDER BY slug
            """
        ),
    ),
    Check(
        name="catalog.prices",
        promise=_("Every variant has a price that can be asked, and no more than two places."),
        remedy=_("Give the variant a price."),
        find=sql(
            """
            SELECT sku, price FROM catalog_variant
            WHERE NOT (price >= 0 AND price < 'Infinity') OR price <> round(price, 2) ORDER BY id
            """
        ),
    ),
    Check(
        name="catalog.pictures",
        promise=_("Every picture of the catalogue has its file."),
        remedy=_("Restore the media files of the last backup, or add the picture again."),
        find=_missing_pictures,
    ),
)
