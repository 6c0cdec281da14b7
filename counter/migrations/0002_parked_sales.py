"""Sales that wait, and what became of them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from common.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("cart", "0006_fewer_indexes"),
        ("counter", "0001_initial"),
        ("orders", "0015_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="ParkedSale",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="Names it at the counter.",
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "label",
                    models.CharField(help_text="A name, a table or a chair.", max_length=60, verbose_name="label"),
                ),
                (
                    "label_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("label"),
                            output_field=models.TextField(),
                            template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                        ),
                        output_field=models.TextField(db_collation="C"),
                        verbose_name="label key",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("sold", "Sold"), ("dropped", "Dropped")],
                        default="open",
                        help_text="Whether it still waits.",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="Raised by every change, so that nobody overwrites what they did not see.",
                        verbose_name="version",
                    ),
                ),
                (
                    "sale",
                    models.JSONField(
                        default=dict, help_text="What is to be sold, without its payments.", verbose_name="sale"
                    ),
                ),
                ("created_at", models.DateTimeField(help_text="When it was parked.", verbose_name="created at")),
                ("changed_at", models.DateTimeField(help_text="When it was changed last.", verbose_name="changed at")),
                (
                    "cart",
                    models.OneToOneField(
                        blank=True,
                        help_text="The cart that keeps its units; empty where it keeps none.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cart.cart",
                        verbose_name="cart",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        blank=True,
                        help_text="What it became.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
            ],
            options={
                "verbose_name": "parked sale",
                "verbose_name_plural": "parked sales",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ParkedStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "actor_kind",
                    models.CharField(
                        help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
                    ),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
                    ),
                ),
                (
                    "door",
                    models.CharField(
                        help_text="Where it came in: api, admin, task or command.", max_length=10, verbose_name="door"
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it happened.", verbose_name="at")),
                ("version", models.PositiveIntegerField(help_text="Which version it became.", verbose_name="version")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("sold", "Sold"), ("dropped", "Dropped")],
                        help_text="Where the step led.",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("sale", models.JSONField(help_text="What it held.", verbose_name="sale")),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it was dropped.", max_length=200, verbose_name="reason"
                    ),
                ),
                (
                    "parked",
                    models.ForeignKey(
                        db_index=False,
                        help_text="What was changed.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="counter.parkedsale",
                        verbose_name="parked sale",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a parked sale",
                "verbose_name_plural": "changes of parked sales",
                "ordering": ["version"],
            },
        ),
        migrations.AddConstraint(
            model_name="parkedsale",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("label_key",), name="parkedsale_label_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="parkedsale",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "sold", "dropped"])), name="parkedsale_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="parkedsale",
            constraint=models.CheckConstraint(
                condition=models.Q(("label", ""), _negated=True), name="parkedsale_label_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="parkedsale",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("order__isnull", False), ("status", "sold")),
                    models.Q(models.Q(("status", "sold"), _negated=True), ("order__isnull", True)),
                    _connector="OR",
                ),
                name="parkedsale_sold_is_an_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="parkedstep",
            constraint=models.UniqueConstraint(fields=("parked", "version"), name="parkedstep_version"),
        ),
        append_only(table="counter_parkedstep"),
    ]
