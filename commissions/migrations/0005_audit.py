"""What professionals earn and are paid: every change is written down; of notes, only that they changed."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("commissions", "0004_tips_passed_on")]

    operations = [
        audited(
            table="commissions_commissionrule",
            told=[
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
                "ends_at",
                "created_at",
                "actor_kind",
                "actor_id",
            ],  # fmt: skip
        ),
        audited(
            table="commissions_commissionentry",
            told=[
                "public_id",
                "professional_id",
                "line_id",
                "position",
                "rule_id",
                "seq",
                "kind",
                "cause",
                "payment_id",
                "refund_id",
                "base",
                "amount",
                "base_after",
                "amount_after",
                "at",
            ],  # fmt: skip
        ),
        audited(
            table="commissions_commissionpayout",
            told=[
                "public_id",
                "professional_id",
                "until",
                "amount",
                "method",
                "movement_id",
                "paid_at",
                "actor_kind",
                "actor_id",
            ],  # fmt: skip
            unsaid=["note"],
        ),
        audited(
            table="commissions_commissionpayoutline",
            told=["payout_id", "entry_id"],
            part_of=("commissions_commissionpayout", "payout_id"),
        ),
        audited(
            table="commissions_commissionpayouttip",
            told=["payout_id", "tip_id"],
            part_of=("commissions_commissionpayout", "payout_id"),
        ),
    ]
