"""The search index, in the form that each database has of its own."""

import django.db.models.deletion
from django.db import migrations, models


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE posts_searchedtext ADD COLUMN words tsvector NOT NULL")
        schema_editor.execute("CREATE INDEX searched_words ON posts_searchedtext USING gin (words)")
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
