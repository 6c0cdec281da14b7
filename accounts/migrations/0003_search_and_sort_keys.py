"""Columns that PostgreSQL keeps of what people are called, for searching and sorting.

Adding them writes the table anew, under a lock: about ten seconds for a million rows.
The extension for fast search is wanted, not needed, as for products.
"""

from django.db import migrations, models

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS customer_search_trigrams ON accounts_customer USING gin (search_key gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_signinattempt"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(
            model_name="customer",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        models.F("name"),
                        output_field=models.TextField(),
                        template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                    ),
                    models.Func(models.F("email"), function="lower", output_field=models.TextField()),
                    models.Func(
                        models.F("phone"), output_field=models.TextField(), template="replace(%(expressions)s, '+', '')"
                    ),
                    models.Func(models.F("document"), function="lower", output_field=models.TextField()),
                    arg_joiner=" || ' ' || ",
                    output_field=models.TextField(),
                    template="(' ' || %(expressions)s)",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="sort_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    output_field=models.TextField(),
                    template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="sort key",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="sort_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("name"),
                    output_field=models.TextField(),
                    template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="sort key",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["sort_key", "id"], name="customer_by_name"),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("is_staff", True)), fields=["sort_key", "id"], name="user_team_by_name"
            ),
        ),
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql="DROP INDEX IF EXISTS customer_search_trigrams"),
    ]
