"""One field of the first page that finds visits to come, customers and orders."""
