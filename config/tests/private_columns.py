"""What reports never read, table by table and column by column, each with why. What is new stands here or in roles.sql."""

TABLES = {
    "secrets and what opens doors": """
        accounts_refreshfamily accounts_refreshtoken accounts_recoverycode accounts_signinchallenge django_session
        otp_totp_totpdevice django_otp_webauthn_webauthncredential django_otp_webauthn_webauthnattestation
        django_otp_webauthn_webauthnuserhandle common_idempotencyrecord cart_cart cart_cartline cart_keptunits
    """,
    "people": """
        accounts_user accounts_customer accounts_address accounts_block accounts_signinattempt customers_customerrecord
        customers_customerstep customers_apart orders_ordercontact scheduling_professional
    """,
    "free words, which may name anybody": """
        chats_chattemplate chats_sentchat counter_parkedsale counter_parkedstep spreadsheets_import
        spreadsheets_importrow till_cashmovement till_daycorrection inventory_countstep scheduling_appointmentevent
        orders_orderevent payments_moneycase payments_moneystep payments_statementline scheduling_timeoff
        django_admin_log catalog_productchange shop_policychange
    """,
    "what gateways and letters carry": """
        payments_gatewayevent common_outboxmessage common_sentletter scheduling_appointmentnotice counter_receipt
        counter_awaitedpix desk_keptfile
    """,
    "the shop's own setting up, of no report": """
        accounts_user_groups accounts_user_user_permissions auth_group auth_group_permissions auth_permission
        django_content_type django_migrations shop_shopsettings shop_openinghours shop_holiday shop_shoplook
        catalog_productimage scheduling_service_rooms scheduling_professionalservice scheduling_availabilityrule
        scheduling_dateoverride counter_pinned till_tillcount till_tillclose
    """,
    "what professionals are paid by, the owner's alone": """
        commissions_commissionrule commissions_commissionpayoutline commissions_commissionpayouttip
    """,
    "the machinery": """
        audit_entry common_heartbeat common_outage common_backupcopy common_examination common_milestone reports_daymark
    """,
}

COLUMNS = {
    "for sorting and finding, made of others": """
        catalog_category.sort_key catalog_product.search_key scheduling_room.sort_key scheduling_appointment.search_key
        scheduling_appointment.mailbox
    """,
    "people": """
        scheduling_appointment.customer_id scheduling_appointment.record_id scheduling_appointment.contact_name
        scheduling_appointment.contact_email scheduling_appointment.contact_phone scheduling_appointment.address
        orders_orderline.appointment
    """,
    "free words, which may name anybody": """
        inventory_stockmovement.reason orders_orderlinecancellation.reason payments_payment.reference
        payments_payment.failure payments_refund.reason payments_refund.cause payments_refund.failure till_dayclose.note
        commissions_commissionpayout.note scheduling_appointment.note scheduling_appointment.forced_reason
    """,
    "links, and what they are made of": """
        orders_order.link_version orders_order.link_renewed_at orders_fulfilment.tracking payments_payment.given
        payments_payment.return_url payments_payment.gateway_reference payments_refund.gateway_reference
        scheduling_appointment.public_id scheduling_appointment.claim scheduling_appointment.holder
        scheduling_appointment.bearer scheduling_appointment.link_version scheduling_appointment.link_renewed_at
        scheduling_appointment.bearer_link_version scheduling_appointment.awaits_click
    """,
    "seals and what they hold": """
        orders_order.policy_shown orders_order.digest till_dayclose.figures till_dayclose.digest
    """,
    "how the constraints keep time apart, of no report": """
        scheduling_appointment.blocked scheduling_appointment.session scheduling_appointment.lane
        scheduling_appointment.language scheduling_appointment.version scheduling_appointment.forced
        scheduling_appointment.expires_at
    """,
}


def named(lists: dict[str, str]) -> list[str]:
    """Return every name that stands in one of these lists."""
    return [name for text in lists.values() for name in text.split()]
