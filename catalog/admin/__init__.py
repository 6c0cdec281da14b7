"""The desk's pages of the catalogue: categories, products with their variants and pictures, and who changed what.

Every page saves by services. Nothing here deletes a product or a variant. Products are hidden or
archived by buttons, variants by their switch; an empty category and a picture are all that can be removed.
"""

from catalog.admin.categories import CategoryAdmin
from catalog.admin.changes import ProductChangeAdmin
from catalog.admin.products import ProductAdmin

__all__ = ["CategoryAdmin", "ProductAdmin", "ProductChangeAdmin"]
