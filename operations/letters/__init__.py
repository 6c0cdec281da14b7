"""Every letter the shop writes, as one page to read: `manage.py letters_sample`, kept in docs/letters.md."""

from operations.letters.page import page

__all__ = ["page"]
