"""Many products at once: a table of them is compared with the catalogue, and written as a whole or not at all."""

from catalog.services.bulk.rows import ProductRow, judged
from catalog.services.bulk.table import SEPARATOR, fill, shelves_there
from catalog.services.bulk.verdicts import PROBLEMS
from catalog.services.bulk.whole import compare, write

__all__ = ["PROBLEMS", "SEPARATOR", "ProductRow", "compare", "fill", "judged", "shelves_there", "write"]
