"""Names that were moved to another vocabulary; and categories whose area became an alias are part of its term."""

from django.db import migrations, models


def nest_in_terms(apps, schema_editor):
    """Let no category be part of an alias."""
    for category in apps.get_model("taxonomy", "Category").objects.filter(area__alias_of__isnull=False):
        category.area_id = category.area.alias_of_id
        category.save(update_fields=["area"])


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0005_order_and_nesting"),
    ]

    operations = [
        migrations.CreateModel(
            name="MovedName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vocabulary", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=510)),
                ("into", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=255)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("vocabulary", "key"), name="moved_once")],
            },
        ),
        migrations.RunPython(nest_in_terms, migrations.RunPython.noop),
    ]
