"""The wish for alerts is part of the profile."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posts", "0011_people_wishes")]

    operations = [migrations.DeleteModel(name="MailWish")]
