"""Make the roles. Groups that a site has already keep what it gave them; ours are only added to."""

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from posts.roles import ROLES


def make_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Django makes permissions only after the last migration, so those of ours are made here first."""
    database = schema_editor.connection.alias
    for label in ("auth", "taxonomy", "posts"):
        app = apps.get_app_config(label)
        app.models_module = True  # type: ignore[assignment]
        create_permissions(app, apps=apps, verbosity=0, using=database)
        app.models_module = None
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.using(database).select_related("content_type")
    }
    for name, codenames in ROLES.items():
        group, _made = group_model.objects.using(database).get_or_create(name=name)
        # Permissions of later tables are given by the steps that make these.
        group.permissions.add(*(known[codename] for codename in codenames if codename in known))


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0001_posts_and_their_collections"),
        ("taxonomy", "0001_vocabularies"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
