"""Working copies, who has what open, templates, and where new posts go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import posts.models.collection
import posts.models.template


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0012_people_without_mail_wish"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="collection",
            name="path_pattern",
            field=models.CharField(
                blank=True,
                help_text="As in src/posts/{date:%Y}/{slug}.md. Empty: date and title, in the folder of the first pattern.",
                max_length=300,
                validators=[posts.models.collection.validate_path_pattern],
                verbose_name="path of a new post",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="slugs",
            field=models.CharField(
                choices=[("pinyin", "in pinyin (mei-gu-bao-die)"), ("as_written", "as they are (美股暴跌)")],
                default="pinyin",
                max_length=20,
                verbose_name="Chinese titles in paths",
            ),
        ),
        migrations.CreateModel(
            name="PostTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "text",
                    models.TextField(
                        help_text="A whole file: front matter between two lines of ---, then the body.",
                        validators=[posts.models.template.validate_template],
                        verbose_name="text",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="templates", to="posts.collection"
                    ),
                ),
            ],
            options={
                "verbose_name": "template",
                "verbose_name_plural": "templates for new posts",
                "ordering": ["name", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("collection", "name"),
                        name="one_template_per_name",
                        violation_error_message="Another template of this collection has this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="posts.post"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("post", "person"), name="present_once_per_post")],
            },
        ),
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("window", models.CharField(blank=True, max_length=40)),
                ("typed", models.JSONField(default=dict)),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "onto",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "post"), name="one_working_copy_per_post"),
                    models.UniqueConstraint(
                        condition=models.Q(("post", None)), fields=("person",), name="one_working_copy_of_a_new_post"
                    ),
                ],
            },
        ),
    ]
