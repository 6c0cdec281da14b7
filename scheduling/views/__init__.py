"""API views of the agenda, for storefronts and staff programs.

A guest proves a visit by its token, or by the token of the order it belongs to; a customer by signing in; staff by
permission. For anyone else it does not exist.
"""
