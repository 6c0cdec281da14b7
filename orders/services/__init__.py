"""Every write to an order and every rule about it.

`place_order` turns a cart into an order, `states` moves it through its life, `fulfilments` hands its goods over,
`returns` takes them back, `fees` is about what calling off late costs, `money` is the one place where `paid` and
`refunded` change, `notices` writes to people.
"""

from cart.services import Delivery, Pickup
from orders.services.charging import order_of_visit, reopen_visit, visit_keys
from orders.services.commands import Contact, Placement
from orders.services.erasure import erase_contacts, forget_buyer
from orders.services.fees import settle_missed_visits, waive_fee
from orders.services.fulfilments import Handover, advance_fulfilment, begin_fulfilment, hand_over
from orders.services.links import renew_link
from orders.services.money import confirm_with_money, record_money
from orders.services.notices import is_written_to, mail_customer, mail_shop
from orders.services.opening import Stranded, change_shop
from orders.services.owning import claim_order
from orders.services.pickups import refusal_to_move_pickup, reschedule_pickup
from orders.services.place_order import cart_to_order, new_number, place_order, place_within
from orders.services.previews import Cancellation, PickupChoices, preview_cancellation, preview_pickup
from orders.services.records import know_buyers
from orders.services.returns import take_back
from orders.services.states import (
    cancel_order,
    complete_if_done,
    complete_order,
    expire_due_orders,
    expire_order,
    follow_visit,
    lease_of_order,
    locked_order,
    refusal_to_cancel,
)
from orders.services.undoing import undo, unmake

__all__ = [
    "Cancellation",
    "Contact",
    "Delivery",
    "Handover",
    "Pickup",
    "PickupChoices",
    "Placement",
    "Stranded",
    "advance_fulfilment",
    "begin_fulfilment",
    "cancel_order",
    "cart_to_order",
    "change_shop",
    "claim_order",
    "complete_if_done",
    "complete_order",
    "confirm_with_money",
    "erase_contacts",
    "expire_due_orders",
    "expire_order",
    "follow_visit",
    "forget_buyer",
    "hand_over",
    "is_written_to",
    "know_buyers",
    "lease_of_order",
    "locked_order",
    "mail_customer",
    "mail_shop",
    "new_number",
    "order_of_visit",
    "place_order",
    "place_within",
    "preview_cancellation",
    "preview_pickup",
    "record_money",
    "refusal_to_cancel",
    "refusal_to_move_pickup",
    "renew_link",
    "reopen_visit",
    "reschedule_pickup",
    "settle_missed_visits",
    "take_back",
    "undo",
    "unmake",
    "visit_keys",
    "waive_fee",
]
