"""Everybody who pushed a part of a text is a writer of it, not only who pushed last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0035_edits_counted"),
    ]

    operations = [
        migrations.AddField(
            model_name="conflict",
            name="pushed_by",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="revision",
            name="co_writers",
            field=models.JSONField(null=True),
        ),
    ]
