"""The texts of conflicts become revisions."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from posts.document.document import Document


def texts_become_revisions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A conflict held git's text itself; now it is a revision beside the post's own, and the post's text in git."""
    conflict_model, revision_model = apps.get_model("posts", "Conflict"), apps.get_model("posts", "Revision")
    readable = conflict_model.objects.using(schema_editor.connection.alias).exclude(unreadable="")
    for conflict in readable.filter(kind__in=("text", "created_twice")).select_related("post"):
        post = conflict.post
        newest = revision_model.objects.filter(post=post).order_by("-number").first()
        theirs = revision_model.objects.create(
            post=post,
            number=newest.number + 1 if newest else 1,
            text=conflict.unreadable,
            blob=conflict.theirs_blob,
            says_draft=Document.from_text(conflict.unreadable).truthy("draft"),
            whence="import",
            author_name=conflict.theirs_author,
            commit=conflict.theirs_commit,
            at=conflict.opened_at,
            beside=True,
        )
        conflict.theirs, conflict.theirs_at, conflict.unreadable = theirs, conflict.opened_at, ""
        conflict.save()
        if conflict.settled_at is None and post.git_blob == theirs.blob:
            post.git_text = theirs
            post.save(update_fields=["git_text"])


class Migration(migrations.Migration):
    dependencies = [("posts", "0003_two_way_sync")]

    operations = [migrations.RunPython(texts_become_revisions, migrations.RunPython.noop)]
