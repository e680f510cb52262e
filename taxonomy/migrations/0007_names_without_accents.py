"""The words that names are searched by, made anew where a name has a sign beyond ASCII: accents are levelled now."""

from django.db import migrations

from taxonomy.words import searched_as

_VOCABULARIES = ("Tag", "Organisation", "Person", "Product", "MediaWork", "Project", "Series", "Category", "Area")
_BATCH = 500


def level(apps, schema_editor):
    for name in _VOCABULARIES:
        vocabulary = apps.get_model("taxonomy", name)
        changed = []
        for term in vocabulary.objects.order_by("pk").only("name", "words").iterator(chunk_size=_BATCH):
            words = "" if term.name.isascii() else searched_as(term.name)
            if words and words != term.words:
                term.words = words
                changed.append(term)
        vocabulary.objects.bulk_update(changed, ["words"], batch_size=_BATCH)


class Migration(migrations.Migration):
    dependencies = [("taxonomy", "0006_moved_names")]
    operations = [migrations.RunPython(level, migrations.RunPython.noop, elidable=True)]
