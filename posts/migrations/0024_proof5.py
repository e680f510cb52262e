"""PostgreSQL searches by one index of words without places, beside the levelled text; it is filled anew by beat.

On both, an index of the few posts that may have changed since they went live.
"""

import django.db.models.deletion
from django.db import migrations, models

OLD = ("title", "summary", "body")


def make_index(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for field in OLD:
        schema_editor.execute(f"ALTER TABLE posts_searchedtext DROP COLUMN {field}_words")
    # So narrow a row is read in a moment however many have the word: what is long is out of the way.
    schema_editor.execute("ALTER TABLE posts_searchedtext SET (toast_tuple_target = 128)")
    schema_editor.execute("ALTER TABLE posts_searchedtext ADD COLUMN words tsvector NOT NULL DEFAULT ''::tsvector")
    # Nothing is to be known of it: who knows that most rows have a word reads and unpacks them all instead.
    schema_editor.execute("ALTER TABLE posts_searchedtext ALTER COLUMN words SET STATISTICS 0")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        if cursor.fetchone() == (True,):
            cursor.execute("ALTER TABLE posts_searchedtext ALTER COLUMN said SET COMPRESSION lz4")
    schema_editor.execute("CREATE INDEX searched_words ON posts_searchedtext USING gin (words)")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("ALTER TABLE posts_searchedtext DROP COLUMN words")
    for field in OLD:
        schema_editor.execute(
            f"ALTER TABLE posts_searchedtext ADD COLUMN {field}_words tsvector NOT NULL DEFAULT ''::tsvector"
        )
        schema_editor.execute(f"CREATE INDEX searched_{field} ON posts_searchedtext USING gin ({field}_words)")


def empty(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("TRUNCATE posts_searchedtext")


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0023_rooms"),
    ]

    operations = [
        migrations.RunPython(empty, empty),
        migrations.RemoveConstraint(model_name="searchedtext", name="one_searched_part"),
        migrations.RemoveField(model_name="searchedtext", name="part"),
        migrations.AddField(
            model_name="searchedtext",
            name="said",
            field=models.TextField(default=""),
        ),
        migrations.AlterField(
            model_name="searchedtext",
            name="post",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="searched", to="posts.post"
            ),
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("pending", True),
                    models.Q(("live", True), models.Q(("present", models.F("git_text")), _negated=True)),
                    _connector="OR",
                ),
                fields=["-date", "-id"],
                name="post_may_differ",
            ),
        ),
    ]
