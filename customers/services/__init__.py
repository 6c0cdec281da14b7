"""Every write and every rule about the shop's records of its customers.

`writing` adds and changes, `blocking` keeps out, `merging` makes one of two, `linking` says who is who,
`erasure` forgets. A rule locks the record
first, then what belongs to accounts.
"""

from customers.services.blocking import block_customer, unblock_customer
from customers.services.erasure import erase_record, forget_customer
from customers.services.linking import BATCH, Known, records_for, take_in_accounts
from customers.services.merging import keep_apart, merge_customers
from customers.services.sweeping import swept
from customers.services.writing import add_customer, as_stored, change_customer, rewrite_customer, write_customer

__all__ = [
    "BATCH",
    "Known",
    "add_customer",
    "as_stored",
    "block_customer",
    "change_customer",
    "erase_record",
    "forget_customer",
    "keep_apart",
    "merge_customers",
    "records_for",
    "rewrite_customer",
    "swept",
    "take_in_accounts",
    "unblock_customer",
    "write_customer",
]
