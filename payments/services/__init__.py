"""Every write about money and every rule about it.

`arrivals` takes money in, `attempts` begins payments, `counter` takes money together with what it is for, `closing`
closes drawers, `owing` and `refunds` give it back, `events` and `facts` hear what gateways say, `looking_after` and
`reconciliation` see to what nobody has said, `statements` takes in what banks show, `cases` is the money inbox,
`resolving` what people decide about it, `tips` is money beside the price, `notices` tells the shop. Each locks the
order first, writes its own rows with their history, and lets `orders` count the money, all in one transaction.
"""

from payments.services.arrivals import Arrival, confirm_order, record_arrival
from payments.services.attempts import begin_payment, close_attempts, give_up_attempts
from payments.services.cases import settle_case
from payments.services.closing import close_within, count_session
from payments.services.counter import charge_visit, hand_over, receive_at_counter
from payments.services.events import handle_event, hear_gateway, receive_event
from payments.services.limits import gives_back
from payments.services.looking_after import close_at_gateway, look_after_money, look_now
from payments.services.notices import mail_shop
from payments.services.owing import owe_for_line, owe_refund
from payments.services.reconciliation import Finding, reconcile_payments
from payments.services.refunds import GivenBack, give_back, refund_order, send_refund, settle_refund, try_refund_again
from payments.services.resolving import give_case_back, settle_refused, take_case
from payments.services.statements import FOR_PEOPLE, TAKEN, Judged, judge_statement, take_line, take_statement
from payments.services.tips import give_tips_back, take_tips

__all__ = [
    "FOR_PEOPLE",
    "TAKEN",
    "Arrival",
    "Finding",
    "GivenBack",
    "Judged",
    "begin_payment",
    "charge_visit",
    "close_at_gateway",
    "close_attempts",
    "close_within",
    "confirm_order",
    "count_session",
    "give_back",
    "give_case_back",
    "give_tips_back",
    "give_up_attempts",
    "gives_back",
    "hand_over",
    "handle_event",
    "hear_gateway",
    "judge_statement",
    "look_after_money",
    "look_now",
    "mail_shop",
    "owe_for_line",
    "owe_refund",
    "receive_at_counter",
    "receive_event",
    "reconcile_payments",
    "record_arrival",
    "refund_order",
    "send_refund",
    "settle_case",
    "settle_refund",
    "settle_refused",
    "take_case",
    "take_line",
    "take_statement",
    "take_tips",
    "try_refund_again",
]
