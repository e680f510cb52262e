"""Carry over who wants alerts by mail. A step of its own: PostgreSQL mixes no data with changes of tables."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A profile for each wish."""
    database = schema_editor.connection.alias
    profile = apps.get_model("posts", "Profile")
    wish = apps.get_model("posts", "MailWish")  # type: ignore[misc]
    for person, alerts in wish.objects.using(database).values_list("person", "alerts"):
        profile.objects.using(database).update_or_create(
            person_id=person, defaults={"wishes": {"alert": "now" if alerts else "off"}}
        )


def carry_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A wish for each profile that has one."""
    database = schema_editor.connection.alias
    wish = apps.get_model("posts", "MailWish")  # type: ignore[misc]
    for person, wishes in apps.get_model("posts", "Profile").objects.using(database).values_list("person", "wishes"):
        if "alert" in wishes:
            wish.objects.using(database).update_or_create(
                person_id=person, defaults={"alerts": wishes["alert"] != "off"}
            )


class Migration(migrations.Migration):
    dependencies = [("posts", "0010_people")]

    operations = [migrations.RunPython(carry_over, carry_back)]
