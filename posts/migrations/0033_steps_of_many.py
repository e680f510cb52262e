"""A step of the review over a fixed list of posts, taken by a run of its own kind, with its outcomes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0032_places_and_counts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="outcome",
            name="result",
            field=models.CharField(
                choices=[
                    ("new", "new"),
                    ("changed", "changed"),
                    ("same", "unchanged"),
                    ("renamed", "renamed"),
                    ("deleted", "deleted in the repository"),
                    ("held", "held back"),
                    ("problem", "problem"),
                    ("sent", "sent"),
                    ("merged", "brought together"),
                    ("undone", "undone"),
                    ("taken", "done"),
                    ("refused", "not done"),
                ],
                max_length=10,
                verbose_name="result",
            ),
        ),
        migrations.AlterField(
            model_name="sync",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sync", "sync with the repository"),
                    ("upload", "upload"),
                    ("download", "download"),
                    ("preview", "preview of a sync"),
                    ("undo", "undoing of a sync"),
                    ("bulk", "bulk step"),
                    ("step", "step of many posts"),
                ],
                default="sync",
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="sync",
            name="step",
            field=models.CharField(
                blank=True,
                choices=[
                    ("wait", "waiting for another sync to end"),
                    ("fetch", "fetching"),
                    ("import", "importing"),
                    ("export", "sending"),
                    ("undo", "undoing"),
                    ("bulk", "changing the posts"),
                    ("take", "taking the step"),
                ],
                max_length=20,
                verbose_name="step",
            ),
        ),
        migrations.CreateModel(
            name="StepOfMany",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transition", models.CharField(max_length=30, verbose_name="step")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="step_of_many",
                        to="posts.sync",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of many posts",
                "verbose_name_plural": "steps of many posts",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ChosenPost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "foreseen",
                    models.CharField(
                        blank=True,
                        choices=[("possible", "possible"), ("refused", "not possible")],
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "looked_at",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="posts.stepofmany"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("step", "post"), name="one_row_per_post_of_a_step_of_many")
                ],
            },
        ),
    ]
