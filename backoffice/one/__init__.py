"""One price, one count, one refund: found by a few letters or a scan, and done in the row that was found."""
