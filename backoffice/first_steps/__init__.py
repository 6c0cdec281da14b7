"""From an empty shop to the first sale: what is still missing, each on one short form, until all of it is there."""
