"""The indexes by which search finds parts of words, for a server that gets the extension `pg_trgm` after the tables.

Migrations build them where the extension is there, and go on without where it is not.
"""

from django.db import connection

from common.search import words_sql

INDEXES = {
    "appointment_search_trigrams": "scheduling_appointment USING gin (search_key gin_trgm_ops)",
    "customer_search_trigrams": "accounts_customer USING gin (search_key gin_trgm_ops)",
    "customerrecord_search_trigrams": "customers_customerrecord USING gin (search_key gin_trgm_ops)",
    "ordercontact_search_trigrams": "orders_ordercontact USING gin (search_key gin_trgm_ops)",
    "payment_reference_trigrams": "payments_payment USING gin (upper(reference) gin_trgm_ops)",
    "product_search_trigrams": "catalog_product USING gin (search_key gin_trgm_ops)",
    "refund_reason_trigrams": f"payments_refund USING gin ({words_sql('reason')} gin_trgm_ops)",
    "stockmovement_search_trigrams": (
        f"inventory_stockmovement USING gin ({words_sql('reason')} gin_trgm_ops, upper(reference) gin_trgm_ops)"
    ),
}
"""The indexes of search as all migrations leave them, by name: what stands after ON in CREATE INDEX."""


def missing() -> list[str]:
    """Return the indexes of search that are not there, or were not finished; in order of their names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name LEFT JOIN pg_index ON indexrelid = to_regclass(name) "
            "WHERE indisvalid IS NOT TRUE ORDER BY name",
            [list(INDEXES)],
        )
        return [name for (name,) in cursor.fetchall()]


def has_extension() -> bool:
    """Say whether the extension is there of which the indexes of search are made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
        return bool(cursor.fetchone()[0])


def build_missing() -> None:
    """Build what is missing beside the shop, outside a transaction: the extension may have come after the tables."""
    if not has_extension():
        return
    for name in missing():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            cursor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {INDEXES[name]}")
