"""The one provider of this process: what opens its API, what signs its word, its books, and what it does wrong."""

import os

from sandbox.book import Book
from sandbox.faults import Faults

KEY, SECRET = os.environ.get("SANDBOX_KEY", ""), os.environ.get("SANDBOX_SECRET", "")

book = Book()
faults = Faults()
