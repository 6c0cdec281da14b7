"""No index is the beginning of another: it would be written with every row and answer nothing the other does not."""

import pytest
from django.db import connection

# Tables that Django or a package makes.
OF_OTHERS = (
    r"^(auth|django|otp)_|^accounts_user_(groups|user_permissions)$|^scheduling_(service_rooms|combination_services)$"
)

REDUNDANT = """
WITH found AS (
    SELECT relation.relname AS table, index.indrelid, index.indexrelid::regclass::text AS name, index.indisunique,
           index.indpred, index.indexprs, array_to_string(index.indkey::int2[], ',') || ',' AS columns,
           array_to_string(index.indclass::oid[], ',') || ',' AS classes
    FROM pg_index index JOIN pg_class relation ON relation.oid = index.indrelid
    JOIN pg_class itself ON itself.oid = index.indexrelid JOIN pg_am method ON method.oid = itself.relam
    WHERE relation.relnamespace = 'public'::regnamespace AND method.amname = 'btree'
)
SELECT one.name || ' in ' || other.name FROM found one JOIN found other USING (indrelid)
WHERE one.name <> other.name AND NOT one.indisunique AND one.table !~ %s
  AND starts_with(other.columns, one.columns) AND starts_with(other.classes, one.classes)
  AND coalesce(one.indpred, one.indexprs, other.indpred, other.indexprs) IS NULL
ORDER BY 1
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another() -> None:
    with connection.cursor() as cursor:
        cursor.execute(REDUNDANT, [OF_OTHERS])
        found = {text for (text,) in cursor.fetchall()}
    assert found == set()
