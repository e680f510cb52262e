"""Two-way sync: the texts of conflicts are revisions, and runs, alerts and notices get what they need."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0002_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Build",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("commit", models.CharField(max_length=64, verbose_name="commit")),
                ("ok", models.BooleanField(verbose_name="went well")),
                ("log", models.TextField(blank=True, verbose_name="what it said")),
                ("at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "build",
                "verbose_name_plural": "builds",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField()),
                ("commit", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MailWish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("alerts", models.BooleanField(default=False, verbose_name="gets alerts by mail")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="kind")),
                ("facts", models.JSONField(default=dict)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="seen")),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ToldAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, unique=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="conflict",
            name="one_open_conflict_per_post",
        ),
        migrations.RenameField(model_name="post", old_name="base", new_name="git_text"),
        migrations.RenameField(model_name="conflict", old_name="theirs", new_name="unreadable"),
        migrations.AddField(
            model_name="collection",
            name="brake_deletions",
            field=models.PositiveIntegerField(
                default=20,
                help_text="A sync that would delete more files asks a Publisher first.",
                verbose_name="deleted files that stop a sync",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="brake_files",
            field=models.PositiveIntegerField(
                default=200,
                help_text="A sync that would change more files asks a Publisher first.",
                verbose_name="changed files that stop a sync",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="credentials",
            field=models.CharField(
                blank=True,
                help_text="Under which name the server's environment has the key or token. They never stand in here.",
                max_length=40,
                validators=[
                    django.core.validators.RegexValidator("^[A-Za-z0-9_]+$", "Letters, digits and underscores only.")
                ],
                verbose_name="name of the credentials",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="post_url",
            field=models.CharField(
                blank=True,
                help_text="Behind the address of the site, with the parts of the path in braces, as in /{stem}/.",
                max_length=300,
                verbose_name="address of a post on the site",
            ),
        ),
        migrations.AddField(
            model_name="collection",
            name="site_url",
            field=models.URLField(blank=True, max_length=300, verbose_name="address of the site"),
        ),
        migrations.AddField(
            model_name="conflict",
            name="ours",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="what was typed",
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="whose form it was",
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="theirs_at",
            field=models.DateTimeField(null=True, verbose_name="when the other changed it"),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="unreadable",
            field=models.TextField(blank=True, verbose_name="the other's text, as far as it can be shown"),
        ),
        migrations.AddField(
            model_name="outcome",
            name="after",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="before",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="git_text",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="text in git",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="built_blob",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="blob on the site"),
        ),
        migrations.AddField(
            model_name="post",
            name="built_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="on the site since"),
        ),
        migrations.AddField(
            model_name="revision",
            name="beside",
            field=models.BooleanField(
                default=False,
                help_text="The other side of a merge, or what was typed onto an older text: kept for the record.",
                verbose_name="beside the post's own texts",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="bulk_step",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="posts.sync"
            ),
        ),
        migrations.AddField(
            model_name="sync",
            name="released",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="sync",
            name="released_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="let go on by",
            ),
        ),
        migrations.AddField(
            model_name="sync",
            name="steps",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="sync",
            name="undoes",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="undone_by", to="posts.sync"
            ),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "both changed the text"),
                    ("deleted", "deleted in the repository, changed here"),
                    ("unreadable", "the file in the repository cannot be read"),
                    ("unmergeable", "both changed the text, and it cannot be brought together part by part"),
                    ("created_twice", "created here and in the repository"),
                    ("form", "saved onto an older text"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="theirs",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="the other's text",
            ),
        ),
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
                ],
                max_length=10,
                verbose_name="result",
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="whence",
            field=models.CharField(
                choices=[
                    ("edit", "edited here"),
                    ("import", "came from the repository"),
                    ("upload", "uploaded"),
                    ("merge", "merged"),
                    ("transition", "written by a step of the review"),
                    ("bulk", "written by a bulk step"),
                    ("restore", "restored from the history"),
                ],
                max_length=20,
                verbose_name="whence",
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
                ],
                max_length=20,
                verbose_name="step",
            ),
        ),
        migrations.AddIndex(
            model_name="conflict",
            index=models.Index(condition=models.Q(("settled_at", None)), fields=["post"], name="conflict_unsettled"),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at", None), models.Q(("kind", "form"), _negated=True)),
                fields=("post",),
                name="one_open_conflict_per_post",
            ),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "form"), _negated=True),
                    models.Q(("ours__isnull", False), ("owner__isnull", False)),
                    _connector="OR",
                ),
                name="a_form_has_an_owner",
            ),
        ),
        migrations.AddField(
            model_name="build",
            name="collection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="builds", to="posts.collection"
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="collection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="posts.collection"
            ),
        ),
        migrations.AddField(
            model_name="departure",
            name="post",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
        ),
        migrations.AddField(
            model_name="departure",
            name="revision",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
            ),
        ),
        migrations.AddField(
            model_name="mailwish",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="mail_wish", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="post",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("seen_at", None)), fields=["person"], name="notice_unseen"),
        ),
    ]
