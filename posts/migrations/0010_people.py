"""Profiles, who works on what, whom is asked, and when a notice is mailed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import posts.models.profile


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0009_review"),
        ("taxonomy", "0001_vocabularies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PasswordAsked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        choices=[("en", "English"), ("zh-hans", "简体中文")],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        max_length=64,
                        validators=[posts.models.profile.validate_zone],
                        verbose_name="time zone",
                    ),
                ),
                ("commit_name", models.CharField(blank=True, max_length=100, verbose_name="name on commits")),
                (
                    "no_reply",
                    models.BooleanField(default=False, verbose_name="keep my e-mail address out of the commits"),
                ),
                ("wishes", models.JSONField(default=dict)),
                ("hidden", models.JSONField(default=dict)),
                ("away_from", models.DateField(blank=True, null=True, verbose_name="away from")),
                ("away_to", models.DateField(blank=True, null=True, verbose_name="away until")),
                ("shortcuts", models.BooleanField(default=True, verbose_name="keyboard shortcuts")),
                ("alerts_mailed_on", models.DateField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "profile",
                "verbose_name_plural": "profiles",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="event",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="notice",
            name="mail_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="mail_tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="notice",
            name="mailed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="shown",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="post",
            name="assignee",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="assignee",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="review_due",
            field=models.DateField(editable=False, null=True, verbose_name="review due"),
        ),
        migrations.AddField(
            model_name="post",
            name="reviewer",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewer",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("shown", True)), fields=["person", "-id"], name="notice_of_person"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("mail_at__isnull", False)), fields=["mail_at"], name="notice_to_mail"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("assignee__isnull", False)),
                fields=["assignee", "-date", "-id"],
                name="post_assigned",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("reviewer__isnull", False)), fields=["reviewer", "review_due"], name="post_asked"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("review_due__isnull", False)), fields=["review_due"], name="post_review_due"
            ),
        ),
        migrations.AddIndex(
            model_name="passwordasked",
            index=models.Index(fields=["key", "at"], name="password_asked"),
        ),
        migrations.AddField(
            model_name="profile",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="profile", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="profile",
            name="stand_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="stand-in",
            ),
        ),
    ]
