"""Pages of the documentation that are written from the code; a test and `.ci/run` hold that they say what it says."""

from operations.explained.pages import PAGES, fresh, stale, write

__all__ = ["PAGES", "fresh", "stale", "write"]
