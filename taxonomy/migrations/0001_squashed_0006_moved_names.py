"""The vocabularies' tables as the first six migrations left them, made at once where there are none yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("taxonomy", "0001_vocabularies"),
        ("taxonomy", "0002_words"),
        ("taxonomy", "0003_words_of_names"),
        ("taxonomy", "0004_kept_apart"),
        ("taxonomy", "0005_order_and_nesting"),
        ("taxonomy", "0006_moved_names"),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "position",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Lists follow it, the smallest first. Empty: after all others.",
                        null=True,
                        verbose_name="order",
                    ),
                ),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.area",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "area",
                "verbose_name_plural": "areas",
                "ordering": [models.OrderBy(models.F("position"), nulls_last=True), "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "position",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Lists follow it, the smallest first. Empty: after all others.",
                        null=True,
                        verbose_name="order",
                    ),
                ),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.category",
                        verbose_name="alias of",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        help_text="If it is part of one: a post of this category in another area is then pointed out.",
                        limit_choices_to={"alias_of": None},
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="categories",
                        to="taxonomy.area",
                        verbose_name="area",
                    ),
                ),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": [models.OrderBy(models.F("position"), nulls_last=True), "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MediaWork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.mediawork",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "media work or book",
                "verbose_name_plural": "media works and books",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
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
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.organisation",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.person",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.product",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "product or model",
                "verbose_name_plural": "products and models",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.project",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "project",
                "verbose_name_plural": "projects",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "position",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Lists follow it, the smallest first. Empty: after all others.",
                        null=True,
                        verbose_name="order",
                    ),
                ),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.series",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "series",
                "verbose_name_plural": "series",
                "ordering": [models.OrderBy(models.F("position"), nulls_last=True), "name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, unique=True, verbose_name="name")),
                ("slug", models.SlugField(max_length=120, unique=True, verbose_name="slug")),
                ("key", models.CharField(editable=False, max_length=510, unique=True, verbose_name="normal form")),
                ("words", models.TextField(default="", editable=False, verbose_name="words to search by")),
                (
                    "is_new",
                    models.BooleanField(
                        db_index=True,
                        default=True,
                        help_text="Found in a file and not looked at yet.",
                        verbose_name="new",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="first seen")),
                (
                    "alias_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="taxonomy.tag",
                        verbose_name="alias of",
                    ),
                ),
            ],
            options={
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
                "ordering": ["name"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="KeptApart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vocabulary", models.CharField(max_length=20)),
                ("one", models.BigIntegerField()),
                ("other", models.BigIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("vocabulary", "one", "other"), name="kept_apart_once")],
            },
        ),
    ]
