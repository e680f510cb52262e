"""The search index, in the form that each database has of its own."""

import django.db.models.deletion
from django.db import migrations, models


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for field in ("title", "summary", "body"):
            schema_editor.execute(
                f"ALTER TABLE posts_searchedtext ADD COLUMN {field}_words tsvector NOT NULL DEFAULT ''::tsvector"
            )
            schema_editor.execute(f"CREATE INDEX searched_{field} ON posts_searchedtext USING gin ({field}_words)")
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
            if cursor.fetchone() == (True,):
                # A phrase is looked up in the row itself: what takes long is to unpack it.
                cursor.execute("ALTER TABLE posts_searchedtext ALTER COLUMN body_words SET COMPRESSION lz4")
    else:
        # Its "ascii" leaves every sign beyond ASCII in its word: where words end was decided before.
        schema_editor.execute(
            "CREATE VIRTUAL TABLE posts_words USING fts5(title, summary, body, content='', tokenize='ascii')"
        )


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE posts_words")


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0005_hooks_builds"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchedText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.PositiveSmallIntegerField(default=0)),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddConstraint(
            model_name="searchedtext",
            constraint=models.UniqueConstraint(fields=("post", "part"), name="one_searched_part"),
        ),
        migrations.RunPython(make_index, drop_index),
    ]
