"""Who keeps what without having paid for it: a page to see it, to free it, and to block whoever does."""
