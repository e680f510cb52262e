"""The words by which a term's name is searched."""

from django.db import migrations, models

VOCABULARIES = ["tag", "organisation", "person", "product", "mediawork", "project", "series", "category", "area"]


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0001_vocabularies"),
    ]

    operations = [
        migrations.AddField(
            model_name=name,
            name="words",
            field=models.TextField(default="", editable=False, verbose_name="words to search by"),
        )
        for name in VOCABULARIES
    ]
