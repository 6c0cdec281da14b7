"""What the database itself refuses of commissions: edited rules, edited entries, edited payouts."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from common.append_only import append_only, frozen

AGREED = [
    "public_id",
    "professional_id",
    "scope",
    "service_id",
    "product_id",
    "category_id",
    "kind",
    "percent",
    "amount",
    "discount_borne_by",
    "fee_borne_by",
    "card_fee",
    "pix_fee",
    "consumables",
    "valid_from",
    "starts_at",
    "created_at",
]

ENDS_ONCE = RunSQL(
    sql="""
    CREATE TRIGGER commissions_commissionrule_ends_once BEFORE UPDATE OF ends_at ON commissions_commissionrule
        FOR EACH ROW WHEN (OLD.ends_at IS NOT NULL AND OLD.ends_at IS DISTINCT FROM NEW.ends_at)
        EXECUTE FUNCTION balcao_refuse_change();
    """,
    reverse_sql="DROP TRIGGER IF EXISTS commissions_commissionrule_ends_once ON commissions_commissionrule;",
)


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [("commissions", "0001_initial")]

    operations = [
        frozen(table="commissions_commissionrule", columns=AGREED),
        ENDS_ONCE,
        append_only(table="commissions_commissionentry"),
        append_only(table="commissions_commissionpayout"),
        append_only(table="commissions_commissionpayoutline"),
    ]
