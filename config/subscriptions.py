"""Who hears of what: event name -> service functions that the outbox calls.

This is how something flows up the street without anyone importing uphill.
"""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "account.closed": [
        "chats.services.erase_texts",
        "counter.services.erase_parked",
        "customers.services.erase_record",
        "orders.services.erase_contacts",
        "scheduling.services.erase_contacts",
    ],
    "customer.forgotten": [
        "chats.services.erase_texts",
        "counter.services.erase_parked",
        "orders.services.forget_buyer",
        "scheduling.services.forget_visitor",
    ],
    "account.locked": ["accounts.services.mail_person"],
    "account.registered": ["accounts.services.send_verification"],
    "account.verification_asked": ["accounts.services.send_verification"],
    "account.reset_asked": ["accounts.services.send_reset"],
    "account.email_change_asked": ["accounts.services.send_verification"],
    "account.email_changed": ["accounts.services.mail_person"],
    "account.factors_changed": ["accounts.services.mail_person"],
    "account.factors_removed": ["accounts.services.mail_person"],
    "account.recovery_code_used": ["accounts.services.mail_person"],
    "account.password_changed": ["accounts.services.mail_person"],
    "account.role_changed": ["accounts.services.mail_person"],
    "account.registered_again": ["accounts.services.mail_person"],
    "account.session_reused": ["accounts.services.mail_person"],
    "order.placed": ["orders.services.mail_customer", "orders.services.mail_shop"],
    "order.confirmed": ["orders.services.mail_customer"],
    "order.cancelled": [
        "orders.services.mail_customer",
        "payments.services.owe_refund",
        "payments.services.close_attempts",
        "commissions.services.follow_order",
    ],
    "order.expired": [
        "orders.services.mail_customer",
        "payments.services.owe_refund",
        "payments.services.close_attempts",
    ],
    "order.paid_too_late": ["orders.services.mail_customer"],
    "order.pickup_moved": ["orders.services.mail_customer"],
    "order.repriced": ["payments.services.owe_for_line", "commissions.services.follow_order"],
    "order.fee_waived": [
        "orders.services.mail_customer",
        "payments.services.owe_for_line",
        "commissions.services.follow_order",
    ],
    "order.due_sooner": ["payments.services.close_attempts"],
    "order.completed": ["commissions.services.follow_order"],
    "order.link_renewed": ["orders.services.mail_customer"],
    "order.line_cancelled": [
        "orders.services.mail_customer",
        "payments.services.owe_for_line",
        "commissions.services.follow_order",
    ],
    "gateway.told": ["payments.services.hear_gateway"],
    "attempt.given_up": ["payments.services.close_at_gateway"],
    "money.received": ["counter.services.follow_money", "commissions.services.follow_payment"],
    "refund.due": ["payments.services.send_refund"],
    "refund.given_back": ["commissions.services.follow_refund"],
    "refund.came_back": ["commissions.services.follow_refund"],
    "money.case_opened": ["payments.services.mail_shop"],
    "integrity.changed": ["operations.services.mail_owner"],
    "fulfilment.ready": ["orders.services.mail_customer"],
    "fulfilment.shipped": ["orders.services.mail_customer"],
    "fulfilment.delivered": [],
    "appointment.booked": ["scheduling.services.tell_customer"],
    "appointment.requested": ["scheduling.services.tell_customer"],
    "appointment.click_asked": ["scheduling.services.tell_customer"],
    "appointment.accepted": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.moved": [
        "scheduling.services.tell_customer",
        "orders.services.follow_visit",
        "commissions.services.follow_visit",
    ],
    "appointment.cancelled": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.expired": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.link_renewed": ["scheduling.services.send_link"],
    "appointment.completed": [],
    "appointment.no_show": [],
    "appointment.reopened": [],
}

LETTERS = frozenset(
    {
        "accounts.services.mail_person",
        "accounts.services.send_reset",
        "accounts.services.send_verification",
        "operations.services.mail_owner",
        "orders.services.mail_customer",
        "orders.services.mail_shop",
        "payments.services.mail_shop",
        "scheduling.services.send_link",
        "scheduling.services.tell_customer",
    }
)
"""The handlers that write to people. They wait for a mail server, and everything else does not wait for them."""
