"""Columns that PostgreSQL keeps of what people are called, for searching and sorting.

Adding them writes the table anew, under a lock: about ten seconds for a million rows.
The extension for fast search is wanted, not needed, as for products.
"""

from django.db import migrations, models

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS ordercontact_search_trigrams ON orders_ordercontact USING gin (search_key gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_called_off"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AddField(
            model_name="ordercontact",
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
                    models.Func(
                        models.F("pickup_person"),
                        output_field=models.TextField(),
                        template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                    ),
                    arg_joiner=" || ' ' || ",
                    output_field=models.TextField(),
                    template="(' ' || %(expressions)s)",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="search key",
            ),
        ),
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql="DROP INDEX IF EXISTS ordercontact_search_trigrams"),
    ]
