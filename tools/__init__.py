"""Tools beside the product: they measure it and hold its house rules. Nothing that is served imports them."""
