"""What is not written down, table by table, each with why. A table that is new stands here or has the triggers."""

ONLY_GROWS = "a history that nobody can change, of rows that are told"
JUDGED_ANEW = "an intention: its prices, units and times are judged anew when it is sold"

LEFT_OUT = {
    ONLY_GROWS: """
        catalog_pricerun catalog_productchange catalog_repricedvariant customers_customerstep inventory_stockmovement
        orders_orderevent orders_orderlinecancellation payments_moneystep scheduling_appointmentevent shop_policychange
    """,
    JUDGED_ANEW: """
        cart_cart cart_cartline cart_keptunits counter_parkedsale counter_parkedstep counter_pinned spreadsheets_import
        spreadsheets_importrow
    """,
    "it counts where it becomes something else, which is told": """
        customers_apart inventory_countedline inventory_countstep inventory_stockcount orders_fulfilmentline
    """,
    "sums of rows that are told; `check_integrity` adds them up anew": """
        reports_daymark reports_keptday reports_keptsum
    """,
    "nothing without a key that the database does not have, or without a row that is told": """
        accounts_refreshfamily accounts_refreshtoken django_otp_webauthn_webauthnattestation
        django_otp_webauthn_webauthnuserhandle django_session
    """,
    "lists and words for people to read; nothing is decided by them": """
        accounts_signinattempt chats_chattemplate chats_sentchat common_sentletter desk_keptfile django_admin_log
        scheduling_appointmentnotice
    """,
    "the machinery: what it does to a row is told of that row": """
        audit_entry common_backupcopy common_examination common_heartbeat common_idempotencyrecord common_milestone
        common_outage common_outboxmessage
    """,
}
