"""Explanations: why a time is not free and why units are not available, by what offers and sells them."""
