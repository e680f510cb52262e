"""What the pages look up by indexes, and who wrote the present text of each post as a column of it."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    """Who wrote the present text, for the posts that are there."""
    posts, revisions = (apps.get_model("posts", name).objects for name in ("Post", "Revision"))
    written = revisions.exclude(by=None)
    by = written.filter(pk=OuterRef("present")).values("by")[:1]
    posts.filter(present__in=written.values("pk")).update(present_by=Subquery(by))


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0030_speed_storage"),
        ("taxonomy", "0005_order_and_nesting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="post",
            name="post_review_by",
        ),
        migrations.AddField(
            model_name="post",
            name="present_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who wrote the present text",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="collection",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="posts",
                to="posts.collection",
                verbose_name="collection",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="submitted_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="submitted by",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("review_by__isnull", False)), fields=["state", "review_by"], name="post_review_by"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("present_by__isnull", False)), fields=["present_by", "state"], name="post_written"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("submitted_by__isnull", False)),
                fields=["submitted_by", "state"],
                name="post_submitted",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("changed_outside_at__isnull", False)),
                fields=["changed_outside_at"],
                name="post_outside",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("unchecked_since__isnull", False)),
                fields=["unchecked_since"],
                name="post_unchecked",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("assignee__isnull", True), ("ever_live", False)),
                fields=["state", "-created_at", "-id"],
                name="post_nobodys",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["collection", "state"], name="post_counted"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(fields=["-blocks", "-id"], name="problem_gravest"),
        ),
        migrations.AddIndex(
            model_name="problem",
            index=models.Index(
                condition=models.Q(("blocks", True)), fields=["collection", "path"], name="problem_blocking"
            ),
        ),
        # Last: PostgreSQL alters no table that has changed in the same transaction.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
