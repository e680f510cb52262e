"""A finding and its dismissal have their place in the text; a proposed bulk step notes what it would do with each post."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0031_pages"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="dismissal",
            name="one_dismissal_per_passage",
        ),
        migrations.AddField(
            model_name="bulkpost",
            name="planned",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="dismissal",
            name="place",
            field=models.CharField(blank=True, default="", editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="finding",
            name="place",
            field=models.CharField(blank=True, default="", editable=False, max_length=40),
        ),
    ]
