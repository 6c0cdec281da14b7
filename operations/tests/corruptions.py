"""One corruption for every check: the SQL that somebody with the keys to the server could have run.

Names such as %(confirmed)s are the primary keys of the orders of `scenarios`; %(cart)s is the public id of an open cart.
"""

_LINE = "(SELECT id FROM orders_orderline WHERE order_id = %({})s AND sku = 'BREAD')"
_CLAIM = "(SELECT claim FROM orders_orderline WHERE order_id = %({})s AND sku = 'BREAD')"
_BREAD = (
    "(SELECT item.id FROM inventory_stockitem item JOIN catalog_variant v ON v.id = variant_id WHERE sku = 'BREAD')"
)
_CAKE = _BREAD.replace("BREAD", "CAKE")


def line(name: str) -> str:
    """Return the SQL of the bread line of an order."""
    return _LINE.format(name)


def claim(name: str) -> str:
    """Return the SQL of the claim of that line."""
    return _CLAIM.format(name)


def movement(kind: str, delta: int, claim_sql: str, reference: str = "'x'") -> str:
    """Return the SQL of a movement of bread that fits the ledger and nothing else."""
    return f"""
        INSERT INTO inventory_stockmovement
            (public_id, stock_item_id, kind, delta, on_hand_after, reason, reference, claim, actor_kind, actor_id, door, at)
        SELECT gen_random_uuid(), {_BREAD}, '{kind}', {delta}, 0, 'planted', {reference}, {claim_sql}, 'system', '',
               'command', %(now)s
    """


def event(status: str, *, tells: str = "{}") -> str:
    """Return the SQL of an event of a gateway of an hour ago."""
    handled = "NULL" if status == "received" else "%(now)s"
    return f"""
        INSERT INTO payments_gatewayevent
            (public_id, gateway, event_id, kind, body, tells, pulled, status, note, received_at, handled_at)
        VALUES (gen_random_uuid(), 'x', 'planted', '', '', '{tells}', false, '{status}', '',
                %(now)s - interval '1 hour', {handled})
    """


def attempt(until: str) -> str:
    """Return the SQL of an attempt to pay the pending order that is open until then."""
    return f"""
        INSERT INTO payments_payment
            (public_id, order_id, gateway, method, tender, status, amount, currency, reference, gateway_reference,
             given, return_url, failure, actor_kind, actor_id, created_at, expires_at)
        VALUES (gen_random_uuid(), %(pending)s, 'transfer', 'transfer', '', 'pending', 1, 'BRL', '', '', '{{}}', '', '',
                'guest', '', %(now)s, {until})
    """


def record_of(name: str, *, account: str = "NULL") -> str:
    """Return the SQL of the shop's record of somebody."""
    return f"""
        INSERT INTO customers_customerrecord
            (public_id, account_id, name, phone, email, document, birthday, tags, notes, created_at)
        VALUES (gen_random_uuid(), {account}, '{name}', '', '', '', '', '{{}}', '', %(now)s)
    """


PLANTS: dict[str, list[str]] = {
    # schema
    "schema.triggers": ["DROP TRIGGER orders_orderevent_append_only ON orders_orderevent"],
    "schema.constraints": ["ALTER TABLE inventory_stockitem DROP CONSTRAINT stockitem_reserved_within_on_hand"],
    "schema.constraints_are_validated": [
        "ALTER TABLE orders_order ADD CONSTRAINT planted CHECK (total < 1) NOT VALID",
    ],
    "schema.unique_columns": ["ALTER TABLE orders_order DROP CONSTRAINT orders_order_cart_id_key"],
    "schema.references": [
        """DO $$ DECLARE name text; BEGIN
            SELECT conname INTO name FROM pg_constraint
            WHERE conrelid = 'orders_orderline'::regclass AND contype = 'f' AND confrelid = 'orders_order'::regclass;
            EXECUTE format('ALTER TABLE orders_orderline DROP CONSTRAINT %%I', name);
        END $$""",
    ],
    "schema.no_orphans": ["UPDATE orders_ordercontact SET order_id = 987654321 WHERE order_id = %(ready)s"],
    "schema.indexes_are_valid": [
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'order_newest'::regclass",
    ],
    "schema.sequences_are_ahead": [
        "INSERT INTO catalog_category (id, slug, name, position) VALUES (987654321, 'far', 'Far', 0)",
    ],
    "schema.steps_of_an_order": [
        """CREATE OR REPLACE FUNCTION orders_allowed_steps() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
            SELECT ARRAY['pending>confirmed', 'cancelled>confirmed'] $$""",
    ],
    # catalog
    "catalog.tree": [
        """UPDATE catalog_category SET parent_id = (SELECT id FROM catalog_category WHERE slug = 'below')
           WHERE slug = 'above'""",
    ],
    "catalog.prices": [
        "ALTER TABLE catalog_variant DROP CONSTRAINT variant_price_bounds",
        "UPDATE catalog_variant SET price = 'NaN' WHERE sku = 'CAKE'",
    ],
    "catalog.pictures": [
        """INSERT INTO catalog_productimage (public_id, product_id, file, alt, width, height, position)
           SELECT gen_random_uuid(), id, 'products/gone.webp', '', 1, 1, 0 FROM catalog_product LIMIT 1""",
    ],
    # stock
    "stock.bounds": [
        "ALTER TABLE inventory_stockitem DROP CONSTRAINT stockitem_reserved_within_on_hand",
        f"UPDATE inventory_stockitem SET reserved = on_hand + 1 WHERE id = {_BREAD}",
    ],
    "stock.reserved_is_the_sum_of_reservations": [
        f"UPDATE inventory_stockitem SET reserved = reserved - 1 WHERE id = {_BREAD}",
    ],
    "stock.on_hand_is_the_sum_of_movements": [
        f"UPDATE inventory_stockitem SET on_hand = on_hand + 1 WHERE id = {_BREAD}",
    ],
    "stock.movements_follow_each_other": [
        f"""UPDATE inventory_stockmovement SET on_hand_after = on_hand_after + 1
            WHERE id = (SELECT min(id) FROM inventory_stockmovement WHERE stock_item_id = {_BREAD})""",
    ],
    "stock.applied_counts_are_movements": [
        "UPDATE inventory_countedline SET quantity = quantity + 1",
    ],
    "stock.returned_within_sold": [movement("returned", 1, claim("returned"))],
    "stock.only_goods": ["UPDATE catalog_product SET kind = 'service'"],
    "stock.expired_reservations_are_swept": [
        "UPDATE inventory_stockreservation SET expires_at = %(now)s - interval '6 minutes' WHERE NOT allocated",
    ],
    # claims
    "claims.reservation_has_an_owner": [f"DELETE FROM orders_orderline WHERE id = {line('ready')}"],
    "claims.reservation_is_of_the_line": [
        f"UPDATE inventory_stockreservation SET stock_item_id = {_CAKE} WHERE claim = {claim('confirmed')}",
    ],
    "claims.of_a_cart_run_out": ["UPDATE inventory_stockreservation SET expires_at = NULL WHERE NOT allocated"],
    "claims.pending_order_keeps_its_units": [
        f"DELETE FROM inventory_stockreservation WHERE claim = {claim('pending')}",
    ],
    "claims.confirmed_order_keeps_or_used_its_units": [
        f"UPDATE inventory_stockreservation SET quantity = 1 WHERE claim = {claim('confirmed')}",
    ],
    "claims.ended_order_keeps_nothing": [
        f"""INSERT INTO inventory_stockreservation (stock_item_id, claim, quantity, allocated)
            SELECT {_BREAD}, {claim("cancelled")}, 1, true""",
    ],
    # time
    "time.one_place_at_a_time": [
        "ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_professional_time",
        "ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_lane_time",
        "ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_room_time",
        """UPDATE scheduling_appointment SET (professional_id, room_id, starts_at, ends_at, blocked) = (
               SELECT professional_id, room_id, starts_at, ends_at, blocked FROM scheduling_appointment
               WHERE id = %(visit of booked)s)
           WHERE id = %(visit of visit)s""",
    ],
    "time.forced_on_purpose": [
        """UPDATE scheduling_appointment SET forced = true, forced_reason = 'A favour',
               (professional_id, room_id, starts_at, ends_at, blocked) = (
               SELECT professional_id, room_id, starts_at, ends_at, blocked FROM scheduling_appointment
               WHERE id = %(visit of booked)s)
           WHERE id = %(visit of visit)s""",
    ],
    "time.bounded": [
        "ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_blocked_bounded",
        "ALTER TABLE scheduling_appointment DROP CONSTRAINT appointment_blocked_covers_start",
        "UPDATE scheduling_appointment SET blocked = 'empty' WHERE id = %(visit of booked)s",
    ],
    "time.visits_add_up": [
        "UPDATE scheduling_appointment SET ends_at = ends_at + interval '1 minute' WHERE id = %(visit of booked)s",
    ],
    "time.order_has_its_visits": [
        "UPDATE scheduling_appointment SET state = 'cancelled' WHERE id = %(visit of visit)s",
    ],
    "time.held_as_long_as_the_order": [
        """UPDATE scheduling_appointment SET expires_at = expires_at - interval '1 minute'
           WHERE id = %(visit of visit waiting)s""",
    ],
    "time.ended_order_keeps_none": [
        "UPDATE scheduling_appointment SET state = 'confirmed' WHERE id = %(visit of visit cancelled)s",
    ],
    "time.held_for_somebody": ["DELETE FROM cart_cartline WHERE kind = 'visit'"],
    "time.history": [
        "DELETE FROM scheduling_appointmentevent WHERE appointment_id = %(visit of booked)s",
    ],
    "time.only_allowed_steps": [
        """UPDATE scheduling_appointmentevent SET to_state = 'no_show', from_state = 'held'
           WHERE appointment_id = %(visit of called off)s AND seq = 2""",
    ],
    "time.chain": [
        "UPDATE scheduling_appointmentevent SET reason = 'Nothing' WHERE appointment_id = %(visit of called off)s AND seq = 2",
    ],
    "time.agreed_prices": [
        "UPDATE scheduling_appointment SET total = 500 WHERE id = %(visit of visit waiting)s",
        "UPDATE scheduling_appointmentservice SET price = 500 WHERE appointment_id = %(visit of visit waiting)s",
    ],
    "time.within_working_hours": ["DELETE FROM scheduling_availabilityrule"],
    "time.deadlines_in_time": [
        "UPDATE scheduling_appointment SET expires_at = starts_at + interval '1 hour' WHERE state = 'held'",
    ],
    "time.expired_are_swept": [
        "UPDATE scheduling_appointment SET expires_at = %(now)s - interval '6 minutes' WHERE state = 'held'",
    ],
    # orders
    "orders.total_adds_up": [
        "ALTER TABLE orders_order DROP CONSTRAINT order_total_adds_up",
        "UPDATE orders_order SET total = total - 1 WHERE id = %(confirmed)s",
    ],
    "orders.lines_add_up": [
        f"UPDATE orders_orderline SET unit_price = 9, line_total = 18 WHERE id = {line('confirmed')}",
    ],
    "orders.cancelled_adds_up": ["UPDATE orders_order SET cancelled = 1 WHERE id = %(confirmed)s"],
    "orders.whole": ["DELETE FROM orders_ordercontact WHERE order_id = %(confirmed)s"],
    "orders.digest": [f"UPDATE orders_orderline SET name = 'Something else' WHERE id = {line('confirmed')}"],
    "orders.pickup_as_last_said": [
        "UPDATE orders_order SET pickup_starts_at = pickup_starts_at - interval '1 minute' WHERE id = %(confirmed)s",
    ],
    "orders.pickups_within_opening_hours": ["DELETE FROM shop_openinghours"],
    "orders.one_a_cart": [
        "UPDATE cart_cart SET status = 'open' WHERE id = (SELECT cart_id FROM orders_order WHERE id = %(confirmed)s)",
    ],
    "orders.completed_is_done": [
        "UPDATE orders_fulfilment SET status = 'ready' WHERE order_id = %(completed)s",
    ],
    "orders.deadlines_in_time": [
        "UPDATE orders_order SET expires_at = pickup_starts_at + interval '1 hour' WHERE id = %(pending)s",
    ],
    "orders.expired_are_swept": [
        "UPDATE orders_order SET expires_at = %(now)s - interval '6 minutes' WHERE id = %(pending)s",
    ],
    "orders.carts_are_swept": [
        "UPDATE cart_cart SET expires_at = %(now)s - interval '6 minutes' WHERE public_id = %(cart)s",
    ],
    # history
    "history.begins_with_the_placing": ["DELETE FROM orders_orderevent WHERE order_id = %(confirmed)s AND seq = 1"],
    "history.without_gaps": ["UPDATE orders_orderevent SET seq = 3 WHERE order_id = %(cancelled)s AND seq = 2"],
    "history.only_allowed_steps": [
        "UPDATE orders_orderevent SET to_status = 'pending' WHERE order_id = %(cancelled)s AND seq = 2",
    ],
    "history.ends_with_the_status": ["UPDATE orders_order SET status = 'completed' WHERE id = %(confirmed)s"],
    "history.chain": [
        "UPDATE orders_orderevent SET reason = 'Somebody else' WHERE order_id = %(cancelled)s AND seq = 2",
    ],
    # fulfilment
    "fulfilment.within_the_line": [
        f"UPDATE orders_fulfilmentline SET quantity = 3 WHERE line_id = {line('ready')}",
    ],
    "fulfilment.of_its_own_order": [
        f"UPDATE orders_fulfilmentline SET line_id = {line('confirmed')} WHERE line_id = {line('ready')}",
    ],
    "fulfilment.takes_units_off_the_shelf": [
        "UPDATE orders_fulfilment SET status = 'delivered' WHERE order_id = %(ready)s",
    ],
    "fulfilment.returns_units_to_the_shelf": [
        "UPDATE orders_fulfilment SET status = 'returned' WHERE order_id = %(delivered)s",
    ],
    "fulfilment.behind_every_sale": [movement("sold", -1, claim("confirmed"))],
    # commissions
    "commissions.ledger_is_what_was_earned": [
        "UPDATE commissions_commissionentry SET amount = amount + 1, amount_after = amount_after + 1",
    ],
    "commissions.nothing_is_missing": [
        "DELETE FROM commissions_commissionpayoutline",
        "DELETE FROM commissions_commissionentry",
    ],
    "commissions.entries_follow_each_other": ["UPDATE commissions_commissionentry SET seq = 3"],
    "commissions.payouts_are_their_entries": ["UPDATE commissions_commissionpayout SET amount = amount + 1"],
    # money
    "money.paid_is_the_sum_of_payments": ["UPDATE orders_order SET paid = paid + 1 WHERE id = %(transferred)s"],
    "money.counter_sales_are_paid": [
        "UPDATE orders_order SET channel = 'counter' WHERE id = %(completed)s",
        "UPDATE payments_payment SET amount = amount - 1 WHERE order_id = %(completed)s",
    ],
    "money.refunded_is_the_sum_of_refunds": ["DELETE FROM payments_refund WHERE order_id = %(refunded)s"],
    "money.refunds_within_paid": [
        """UPDATE payments_refund SET amount = amount + (SELECT paid FROM orders_order WHERE id = %(refunded)s)
           WHERE order_id = %(refunded)s""",
    ],
    "money.nothing_too_much": ["UPDATE orders_order SET paid = total + 1 WHERE id = %(transferred)s"],
    "money.of_ended_orders_goes_back": ["UPDATE orders_order SET paid = 1 WHERE id = %(cancelled)s"],
    "money.fees_as_agreed": ["UPDATE orders_order SET paid = 1, late_fee = 1 WHERE id = %(cancelled)s"],
    "money.pending_orders_wait_for_it": ["UPDATE orders_order SET paid = 1 WHERE id = %(pending)s"],
    "money.one_currency": ["UPDATE payments_payment SET currency = 'USD' WHERE order_id = %(transferred)s"],
    "money.history_leads_to_where_it_stands": ["DELETE FROM payments_moneystep WHERE payment_id IS NOT NULL"],
    "money.refunds_of_a_payment_within_it": [
        """UPDATE payments_refund SET payment_id = (SELECT min(id) FROM payments_payment), amount = 1000
           WHERE order_id = %(refunded)s""",
    ],
    "money.lines_of_statements_are_payments": [
        """INSERT INTO payments_statementline
               (reference, source, day, amount, order_id, payment_id, actor_kind, actor_id, taken_at)
           SELECT 'planted', 'ofx', '2026-06-01', 1, %(pending)s, min(id), 'staff', '', %(now)s FROM payments_payment""",
    ],
    "money.events_have_had_their_effect": [
        event("handled", tells='{"payment": {"status": "succeeded", "reference": "x"}}'),
    ],
    "money.told_refunds_are_written_down": [
        event("handled", tells='{"refund": {"status": "succeeded", "reference": "x", "refund": null}}'),
    ],
    "money.refused_refunds_are_in_the_inbox": [
        "UPDATE payments_refund SET status = 'refused', tender = '', session_id = NULL WHERE order_id = %(refunded)s",
    ],
    "money.confirmed_orders_have_received_some": ["UPDATE orders_order SET paid = 0 WHERE id = %(transferred)s"],
    "money.attempts_end_with_the_order": [attempt("%(now)s + interval '90 days'")],
    "money.debts_are_sent": [
        """UPDATE payments_payment SET gateway_reference = 'x' WHERE order_id = %(refunded)s""",
        """UPDATE payments_refund r SET status = 'due', created_at = %(now)s - interval '6 minutes', payment_id = p.id,
               tender = '', session_id = NULL
           FROM payments_payment p WHERE p.order_id = r.order_id AND r.order_id = %(refunded)s""",
    ],
    "money.events_are_handled": [event("received")],
    "money.attempts_end": [attempt("%(now)s - interval '1 hour'")],
    "money.refunds_arrive": [
        """UPDATE payments_refund
           SET status = 'sent', created_at = %(now)s - interval '2 days', tender = '', session_id = NULL
           WHERE order_id = %(refunded)s""",
    ],
    "money.inbox_is_empty": [
        """INSERT INTO payments_moneycase (public_id, kind, cause, status, gateway, currency, detail, opened_at,
                                           resolution, actor_kind, actor_id)
           VALUES (gen_random_uuid(), 'unknown', 'planted', 'open', '', '', '', %(now)s, '', '', '')""",
    ],
    # drawers
    "drawers.hold_all_counter_money": ["UPDATE payments_payment SET session_id = NULL WHERE order_id = %(completed)s"],
    "drawers.closes_add_up": [
        "UPDATE till_tillclose SET expected_cash = expected_cash + 1, counted_cash = counted_cash + 1"
    ],
    "drawers.tips_go_back_as_they_came": ["UPDATE payments_tip SET tender = 'card' WHERE of_id IS NOT NULL"],
    "drawers.closed_with_a_count": ["DELETE FROM till_tillclose"],
    "drawers.days_are_the_sum_of_closes": ["UPDATE till_dayclose SET counted = counted + 1"],
    "drawers.days_are_sealed": ["""UPDATE till_dayclose SET figures = figures || '{"received": "0.00"}'"""],
    # kept answers and messages
    "answers.are_finished": ["UPDATE common_idempotencyrecord SET status = NULL WHERE key = 'confirmed'"],
    "answers.speak_of_what_happened": [
        """UPDATE common_idempotencyrecord SET body = body::jsonb || '{"number": "GONE"}' WHERE key = 'confirmed'""",
    ],
    "answers.one_a_sale": [
        """INSERT INTO common_idempotencyrecord (scope, key, fingerprint, status, body, created_at, expires_at)
           SELECT scope, 'again', fingerprint, status, body, created_at, expires_at
           FROM common_idempotencyrecord WHERE key = 'confirmed'""",
    ],
    "outbox.nothing_given_up": [
        "UPDATE common_outboxmessage SET done_at = NULL, dead_at = %(now)s WHERE id = (SELECT min(id) FROM common_outboxmessage)",
    ],
    "outbox.moves": [
        """UPDATE common_outboxmessage SET done_at = NULL, not_before = %(now)s - interval '6 minutes'
           WHERE id = (SELECT min(id) FROM common_outboxmessage)""",
    ],
    # people
    "people.one_live_token_a_session": [
        """INSERT INTO accounts_refreshtoken (public_id, family_id, issued_at, expires_at)
           SELECT gen_random_uuid(), family_id, issued_at, expires_at FROM accounts_refreshtoken""",
    ],
    "people.known_once": [
        "DROP INDEX user_verified_email_once",
        """INSERT INTO accounts_user (public_id, email, email_verified_at, name, password, session_stamp, is_active,
                                     is_staff, is_superuser, joined_at)
           SELECT gen_random_uuid(), 'twin@example.com', %(now)s, 'Twin', '!', gen_random_uuid(), true, false, false,
                  %(now)s
           FROM generate_series(1, 2) n""",
    ],
    "people.erased_from_sales": [
        """INSERT INTO accounts_customer (public_id, name, email, phone, document, is_active, created_at, anonymised_at)
           VALUES (gen_random_uuid(), '', 'left@example.com', '', '', false, %(now)s, %(now)s)""",
        """UPDATE orders_order SET customer_id = (SELECT id FROM accounts_customer WHERE email = 'left@example.com')
           WHERE id = %(confirmed)s""",
    ],
    "people.erased_means_erased": [
        "ALTER TABLE accounts_customer DROP CONSTRAINT customer_anonymised_is_empty",
        """INSERT INTO accounts_customer (public_id, name, email, phone, document, is_active, created_at, anonymised_at)
           VALUES (gen_random_uuid(), '', 'gone@example.com', '+5511987654321', '', false, %(now)s, %(now)s)""",
    ],
    "people.merged_into_one_that_stays": [
        *(record_of(name) for name in ("Ana", "Ana Lima", "Ana L.")),
        """UPDATE customers_customerrecord gone SET merged_into_id = stays.id FROM customers_customerrecord stays
           WHERE (gone.name, stays.name) IN (('Ana', 'Ana Lima'), ('Ana Lima', 'Ana L.'))""",
    ],
    "people.forgotten_from_sales": [
        """INSERT INTO customers_customerrecord
               (public_id, name, phone, email, document, birthday, tags, notes, created_at, anonymised_at)
           VALUES (gen_random_uuid(), '', '', '', '', '', '{}', '', '2020-01-01', %(now)s)""",
        """UPDATE orders_ordercontact SET record_id = (
               SELECT id FROM customers_customerrecord WHERE anonymised_at IS NOT NULL
           ) WHERE order_id = %(confirmed)s""",
    ],
    "people.erased_from_records": [
        """INSERT INTO accounts_customer (public_id, name, email, phone, document, is_active, created_at, anonymised_at)
           VALUES (gen_random_uuid(), '', 'over@example.com', '', '', false, %(now)s, %(now)s)""",
        record_of("Ana", account="(SELECT id FROM accounts_customer WHERE email = 'over@example.com')"),
    ],
    "reports.kept_days_are_right": [
        """INSERT INTO reports_keptday (day, starts_at, ends_at, kept_at)
           VALUES ('2020-01-01', '2020-01-01 03:00+00', '2020-01-02 03:00+00', %(now)s)""",
        """INSERT INTO reports_keptsum (day_id, what, key, came, count, units, amount, goods)
           VALUES ('2020-01-01', 'sales', 'web', true, 1, 0, 1, 0)""",
    ],
    # audit
    "audit.chains": ["UPDATE audit_entry SET actor = 'nobody' WHERE id = (SELECT min(id) FROM audit_entry)"],
    "audit.rows_are_as_told": ["UPDATE catalog_variant SET price = price + 1 WHERE sku = 'CAKE'"],
}
