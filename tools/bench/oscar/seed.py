"""Sixty products with plenty of units and a hot one with a hundred; prints the first id and the hot one's."""

from decimal import Decimal

import django

django.setup()

from oscar.core.loading import get_model  # noqa: E402

PRODUCTS, PLENTY, HOT = 61, 1_000_000, 100

Product, ProductClass = get_model("catalogue", "Product"), get_model("catalogue", "ProductClass")
StockRecord, Partner = get_model("partner", "StockRecord"), get_model("partner", "Partner")
goods = ProductClass.objects.create(name="Goods", requires_shipping=True, track_stock=True)
partner = Partner.objects.create(name="Shop", code="shop")
get_model("address", "Country").objects.create(
    iso_3166_1_a2="BR", iso_3166_1_a3="BRA", iso_3166_1_numeric="076", printable_name="Brazil", name="Brazil",
    is_shipping_country=True,
)  # fmt: skip
ids = []
for number in range(PRODUCTS):
    product = Product.objects.create(
        structure="standalone", title=f"Product {number}", upc=f"P{number}", product_class=goods, is_public=True
    )
    StockRecord.objects.create(
        product=product, partner=partner, partner_sku=f"P{number}", price_currency="BRL", price=Decimal("19.90"),
        num_in_stock=HOT if number == PRODUCTS - 1 else PLENTY,
    )  # fmt: skip
    ids.append(product.pk)
print(ids[0], ids[-1])
