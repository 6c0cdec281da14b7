"""Who hears of what: event name -> service functions that the outbox calls.

This is how something flows up the street without anyone importing uphill.
"""

SUBSCRIPTIONS: dict[str, list[str]] = {
    "account.closed": ["orders.services.erase_contacts", "scheduling.services.erase_contacts"],
    "account.locked": ["accounts.services.mail_person"],
    "account.registered": ["accounts.services.send_verification"],
    "account.reset_asked": ["accounts.services.send_reset"],
    "account.email_change_asked": ["accounts.services.send_verification"],
    "account.email_changed": ["accounts.services.mail_person"],
    "account.password_changed": ["accounts.services.mail_person"],
    "account.role_changed": ["accounts.services.mail_person"],
    "account.registered_again": ["accounts.services.mail_person"],
    "account.session_reused": ["accounts.services.mail_person"],
    "order.placed": ["orders.services.mail_customer", "orders.services.mail_shop"],
    "order.confirmed": ["orders.services.mail_customer"],
    "order.cancelled": ["orders.services.mail_customer", "payments.services.owe_refund"],
    "order.expired": ["orders.services.mail_customer", "payments.services.owe_refund"],
    "order.paid_too_late": ["orders.services.mail_customer"],
    "order.pickup_moved": ["orders.services.mail_customer"],
    "order.completed": [],
    "order.line_cancelled": ["orders.services.mail_customer", "payments.services.owe_for_line"],
    "fulfilment.ready": ["orders.services.mail_customer"],
    "fulfilment.shipped": ["orders.services.mail_customer"],
    "fulfilment.delivered": [],
    "appointment.booked": ["scheduling.services.tell_customer"],
    "appointment.requested": ["scheduling.services.tell_customer"],
    "appointment.accepted": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.moved": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.cancelled": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.expired": ["scheduling.services.tell_customer", "orders.services.follow_visit"],
    "appointment.completed": [],
    "appointment.no_show": [],
    "appointment.reopened": [],
}
