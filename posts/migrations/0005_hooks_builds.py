"""When a build was noted on the posts, and which addresses of a site are refused."""

from django.db import migrations, models

import posts.models.collection


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0004_texts_of_conflicts"),
    ]

    operations = [
        migrations.AddField(
            model_name="build",
            name="taken_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="noted on the posts"),
        ),
        migrations.AddField(
            model_name="build",
            name="taken_head",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="build",
            name="taken_globs",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name="collection",
            name="post_url",
            field=models.CharField(
                blank=True,
                help_text="Behind the address of the site, with the parts of the path in braces, as in /{stem}/.",
                max_length=300,
                validators=[posts.models.collection.validate_post_url],
                verbose_name="address of a post on the site",
            ),
        ),
        migrations.AlterField(
            model_name="collection",
            name="site_url",
            field=models.URLField(
                blank=True,
                max_length=300,
                validators=[posts.models.collection.validate_site_url],
                verbose_name="address of the site",
            ),
        ),
    ]
