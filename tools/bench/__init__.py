"""Measures of the shop: `make bench` for the counter, `tools.bench.slots` for the agenda."""
