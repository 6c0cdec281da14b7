"""Bank statements as files: OFX as banks here write it, and tables (CSV). Pure: bytes in, lines out, nothing kept."""

from payments.statements.lines import Line, NotAStatementError, numbers_in
from payments.statements.reading import MAX_BYTES, MAX_LINES, read

__all__ = ["MAX_BYTES", "MAX_LINES", "Line", "NotAStatementError", "numbers_in", "read"]
