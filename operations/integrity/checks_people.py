"""People: sessions that could be used twice, customers who exist twice, data that should be gone."""

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, sql

CHECKS = (
    Check(
        name="people.one_live_token_a_session",
        promise=_("A session has at most one refresh token that still can be exchanged."),
        remedy=_("Revoke the session; its person signs in again."),
        find=sql(
            """
            SELECT family.public_id AS session, count(*) AS tokens
            FROM accounts_refreshtoken token JOIN accounts_refreshfamily family ON family.id = token.family_id
            WHERE token.used_at IS NULL AND family.revoked_at IS NULL
            GROUP BY family.id HAVING count(*) > 1 ORDER BY family.id
            """
        ),
    ),
    Check(
        name="people.known_once",
        promise=_("No two logins have proved to read the same mailbox."),
        remedy=_("Ask its reader which login is theirs, and switch the other off."),
        find=sql(
            """
            SELECT min(id) AS first, max(id) AS last, count(*) AS count FROM accounts_user
            WHERE email_verified_at IS NOT NULL GROUP BY lower(email) HAVING count(*) > 1
            """
        ),
    ),
    Check(
        name="people.erased_from_sales",
        promise=_("Of a closed account no name, e-mail, phone or document stands beside an order or a visit."),
        remedy=_("Start the worker: the erasure waits in the outbox. What is left then, erase by hand."),
        find=sql(
            """
            SELECT customer.public_id AS customer, left_over.kind, left_over.named FROM accounts_customer customer
            JOIN (
                SELECT o.customer_id, 'order' AS kind, o.number::text AS named FROM orders_ordercontact contact
                JOIN orders_order o ON o.id = contact.order_id
                WHERE contact.anonymised_at IS NULL OR concat(
                    contact.name, contact.email, contact.phone, contact.document, contact.pickup_person, contact.note
                ) <> '' OR contact.address IS NOT NULL
                UNION ALL
                SELECT customer_id, 'visit', public_id::text FROM scheduling_appointment
                WHERE concat(contact_name, contact_email, contact_phone, note) <> ''
                UNION ALL
                SELECT o.customer_id, 'parked sale', parked.public_id::text FROM counter_parkedsale parked
                JOIN orders_order o ON o.id = parked.order_id
                WHERE concat(
                    parked.sale ->> 'name', parked.sale ->> 'phone', parked.sale ->> 'document', parked.sale ->> 'note'
                ) <> ''
            ) left_over ON left_over.customer_id = customer.id
            WHERE customer.anonymised_at IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM common_outboxmessage message
                WHERE message.name = 'account.closed' AND message.payload ->> 'customer' = customer.public_id::text
                  AND message.done_at IS NULL AND message.dead_at IS NULL
            )
            ORDER BY customer.id, left_over.kind, left_over.named
            """
        ),
    ),
    Check(
        name="people.erased_means_erased",
        promise=_("Of a closed account no name, phone, document or address is left."),
        remedy=_("Erase the rest and tell the person."),
        find=sql(
            """
            SELECT customer.public_id AS customer, count(address.id) AS addresses
            FROM accounts_customer customer LEFT JOIN accounts_address address ON address.customer_id = customer.id
            WHERE customer.anonymised_at IS NOT NULL
            GROUP BY customer.id
            HAVING count(address.id) > 0 OR customer.name <> '' OR customer.phone <> '' OR customer.document <> ''
                OR customer.is_active
            ORDER BY customer.id
            """
        ),
    ),
    Check(
        name="people.merged_into_one_that_stays",
        promise=_("A merged record of a customer leads, in one step, to a record that stays."),
        remedy=_("Point it at the record that stays, and write down why."),
        find=sql(
            """
            SELECT gone.public_id AS record, root.public_id AS leads_to
            FROM customers_customerrecord gone JOIN customers_customerrecord root ON root.id = gone.merged_into_id
            WHERE root.merged_into_id IS NOT NULL OR root.anonymised_at IS NOT NULL AND gone.anonymised_at IS NULL
            ORDER BY gone.id
            """
        ),
    ),
    Check(
        name="people.erased_from_records",
        promise=_("Of a closed account nothing is left in the shop's records of its customers."),
        remedy=_("Start the worker: the erasure waits in the outbox. What is left then, erase by hand."),
        find=sql(
            """
            SELECT customer.public_id AS customer, record.public_id AS record
            FROM customers_customerrecord record JOIN accounts_customer customer ON customer.id = record.account_id
            WHERE customer.anonymised_at IS NOT NULL AND record.anonymised_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM common_outboxmessage message
                WHERE message.name = 'account.closed' AND message.payload ->> 'customer' = customer.public_id::text
                  AND message.done_at IS NULL AND message.dead_at IS NULL
            )
            ORDER BY record.id
            """
        ),
    ),
    Check(
        name="people.forgotten_from_sales",
        promise=_("Of a customer whom the shop has erased no name stands beside an order or a visit."),
        remedy=_("Start the worker: the erasure waits in the outbox. What is left then, erase by hand."),
        find=sql(
            """
            SELECT record.public_id AS record, left_over.kind, left_over.named FROM customers_customerrecord record
            LEFT JOIN customers_customerrecord root ON root.id = record.merged_into_id
            JOIN (
                SELECT contact.record_id, o.customer_id, 'order' AS kind, o.number::text AS named
                FROM orders_ordercontact contact JOIN orders_order o ON o.id = contact.order_id
                WHERE contact.anonymised_at IS NULL
                UNION ALL
                SELECT record_id, customer_id, 'visit', public_id::text FROM scheduling_appointment
                WHERE concat(contact_name, contact_email, contact_phone, note) <> ''
            ) left_over ON left_over.record_id = record.id
            LEFT JOIN accounts_customer customer ON customer.id = left_over.customer_id
            WHERE record.anonymised_at IS NOT NULL
              AND (root.id IS NULL OR root.anonymised_at IS NOT NULL)
              AND (customer.id IS NULL OR customer.anonymised_at IS NOT NULL)
              AND NOT EXISTS (
                SELECT 1 FROM common_outboxmessage message
                WHERE message.done_at IS NULL AND message.dead_at IS NULL AND (
                    message.name = 'customer.forgotten' AND message.payload ->> 'record' = record.public_id::text
                    OR message.name = 'account.closed' AND message.payload ->> 'customer' IN (
                        SELECT account.public_id::text FROM customers_customerrecord one
                        JOIN accounts_customer account ON account.id = one.account_id
                        WHERE coalesce(one.merged_into_id, one.id) = coalesce(record.merged_into_id, record.id)
                    )
                )
            )
            ORDER BY record.id, left_over.kind, left_over.named
            """
        ),
    ),
)
