"""Columns that PostgreSQL keeps of what people are called, for searching and sorting.

Adding them writes the table anew, under a lock: about ten seconds for a million rows.
The extension for fast search is wanted, not needed, as for products.
"""

from django.db import migrations, models

TRIGRAMS = """
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS appointment_search_trigrams ON scheduling_appointment USING gin (search_key gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'searching without pg_trgm: %', SQLERRM;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0005_closing_can_be_undone"),
    ]

    operations = [
        migrations.RunSQL(sql="SET LOCAL statement_timeout = 0", reverse_sql=migrations.RunSQL.noop),
        migrations.AlterModelOptions(
            name="professional",
            options={
                "ordering": ["position", "sort_key", "pk"],
                "verbose_name": "professional",
                "verbose_name_plural": "professionals",
            },
        ),
        migrations.AlterModelOptions(
            name="room",
            options={"ordering": ["sort_key", "pk"], "verbose_name": "room", "verbose_name_plural": "rooms"},
        ),
        migrations.AddField(
            model_name="appointment",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        models.F("contact_name"),
                        output_field=models.TextField(),
                        template="CASE WHEN octet_length(%(expressions)s) = char_length(%(expressions)s) THEN lower(%(expressions)s) ELSE lower(replace(translate(normalize(%(expressions)s, NFC), 'ª²³µ¹ºÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĐĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĦĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŁŃńŅņŇňŊŌōŎŏŐőŒŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŦŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ', 'a23μ1oaaaaaaæceeeeiiiiðnoooooøuuuuyþaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddđeeeeeeeeeegggggggghhħiiiiiiiiijjkkllllllłnnnnnnŋooooooœrrrrrrssssssssttttŧuuuuuuuuuuuuwwyyyzzzzzzs'), 'ß', 'ss')) END",
                    ),
                    models.Func(models.F("contact_email"), function="lower", output_field=models.TextField()),
                    models.Func(
                        models.F("contact_phone"),
                        output_field=models.TextField(),
                        template="replace(%(expressions)s, '+', '')",
                    ),
                    arg_joiner=" || ' ' || ",
                    output_field=models.TextField(),
                    template="(' ' || %(expressions)s)",
                ),
                output_field=models.TextField(db_collation="C"),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="professional",
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
            model_name="room",
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
        migrations.RunSQL(sql=TRIGRAMS, reverse_sql="DROP INDEX IF EXISTS appointment_search_trigrams"),
    ]
