"""The words of the names that are there already."""

from django.db import migrations

from taxonomy.words import searched_as

VOCABULARIES = ["tag", "organisation", "person", "product", "mediawork", "project", "series", "category", "area"]


def say_words(apps, schema_editor):
    for name in VOCABULARIES:
        vocabulary = apps.get_model("taxonomy", name)
        for term in vocabulary.objects.only("name").iterator():
            vocabulary.objects.filter(pk=term.pk).update(words=searched_as(term.name))


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0002_words"),
    ]

    operations = [migrations.RunPython(say_words, migrations.RunPython.noop)]
