"""Give the roles what they may do with bulk steps. Groups that a site has already are only added to."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_GIVEN = {
    "Writer": ("view_bulkstep",),
    "Reviewer": ("view_bulkstep",),
    "Publisher": ("view_bulkstep",),
    "Curator": ("view_bulkstep", "bulk_post"),
    "Administrator": ("view_bulkstep",),
}


def give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Django makes permissions only after the last migration, so those of ours are made here first."""
    database = schema_editor.connection.alias
    app = apps.get_app_config("posts")
    app.models_module = True  # type: ignore[assignment]
    create_permissions(app, apps=apps, verbosity=0, using=database)
    app.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    for name, codenames in _GIVEN.items():
        for group in apps.get_model("auth", "Group").objects.using(database).filter(name=name):
            group.permissions.add(*permissions.filter(content_type__app_label="posts", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("posts", "0015_bulk")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
