from typing import Any

from django.db import migrations


def index_again(apps: Any, editor: Any) -> None:
    """Let what was indexed by its first words alone be indexed once more, by beat."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DELETE FROM posts_searchedtext WHERE octet_length(said) > 1000000")


class Migration(migrations.Migration):
    dependencies = [("posts", "0028_visits_and_lately")]

    operations = [migrations.RunPython(index_again, migrations.RunPython.noop)]
