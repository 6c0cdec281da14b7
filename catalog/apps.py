"""What Django needs to know about this app, and which refusals its constraints mean."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from catalog.errors import BarcodeTaken, SkuTaken, SlugTaken
from common.errors import Busy
from common.transactions import refusal_for_constraint


class CatalogConfig(AppConfig):
    """The catalog app."""

    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        """Have the judge's verdicts read as the refusals they are, should two writers meet."""
        refusal_for_constraint(name="catalog_variant_sku_key", refusal=SkuTaken)
        refusal_for_constraint(name="variant_barcode_once", refusal=BarcodeTaken)
        refusal_for_constraint(name="catalog_pricerun_undoes_id_key", refusal=Busy, again=True)
        refusal_for_constraint(name="catalog_product_slug_key", refusal=SlugTaken)
        refusal_for_constraint(name="catalog_category_slug_key", refusal=SlugTaken)
