"""The index of what people did lately has all that a count of what they edited asks for."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0034_images_seen_in_a_step_of_many"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="revision",
            name="revision_by_hand",
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                condition=models.Q(("by__isnull", False)),
                fields=["-at", "whence", "beside", "by", "post"],
                name="revision_by_hand",
            ),
        ),
    ]
