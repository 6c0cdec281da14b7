"""The page on which a person pays an order, without a login."""
