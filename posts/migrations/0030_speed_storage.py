"""Links lose an index that their constraint has already; PostgreSQL compresses texts, and their words, by lz4.

What is stored already stays as it is until it is written again.
"""

import django.db.models.deletion
from django.db import migrations, models

LINKS = {
    "postmediawork": "media_work_links",
    "postorganisation": "organisation_links",
    "postperson": "person_links",
    "postproduct": "product_links",
    "postproject": "project_links",
    "posttag": "tag_links",
}
COMPRESSED = (("posts_revision", "text"), ("posts_searchedtext", "words"))


def compress(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        # A server may have been built without it.
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        if cursor.fetchone() == (True,):
            for table, column in COMPRESSED:
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")


def as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, column in COMPRESSED:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION default")


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0029_terms_long_texts"),
    ]

    operations = [
        *(
            migrations.AlterField(
                model_name=link,
                name="content_object",
                field=models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name=name,
                    to="posts.post",
                ),
            )
            for link, name in LINKS.items()
        ),
        migrations.RunPython(compress, as_before),
    ]
