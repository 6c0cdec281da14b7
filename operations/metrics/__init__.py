"""The shop's figures for Prometheus: read from its rows when they are asked for, or counted by its processes.

What happened to the shop (orders, money, visits, messages) is read from the database, in a bounded number of statements
with little time each. What passes through a process and leaves no row (requests, refusals, leases without Redis) is
counted there and added up in Redis.
"""

from operations.metrics.exposition import CONTENT_TYPE, exposed
from operations.metrics.families import FAMILIES, Family

__all__ = ["CONTENT_TYPE", "FAMILIES", "Family", "exposed"]
