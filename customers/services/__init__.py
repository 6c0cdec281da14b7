"""Every write and every rule about the shop's records of its customers.

`writing` adds and changes, `blocking` keeps out, `merging` makes one of two, `erasure` forgets. A rule locks the record
first, then what belongs to accounts.
"""

from customers.services.blocking import block_customer, unblock_customer
from customers.services.erasure import erase_record
from customers.services.merging import merge_customers
from customers.services.writing import add_customer, change_customer

__all__ = [
    "add_customer",
    "block_customer",
    "change_customer",
    "erase_record",
    "merge_customers",
    "unblock_customer",
]
