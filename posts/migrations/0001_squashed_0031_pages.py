"""The tables of posts as the first thirty-one migrations left them, made at once where there are none yet.

What those did with rows has nothing to do here; the roles and the two databases' own parts of the search index stay.
"""

import uuid

import django.core.validators
import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import posts.models.collection
import posts.models.links
import posts.models.profile
import posts.models.template
import posts.workflow
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


def make_index(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The index of words, in the form that each database has of its own."""
    if schema_editor.connection.vendor == "sqlite":
        # Its "ascii" leaves every sign beyond ASCII in its word: where words end was decided before.
        schema_editor.execute(
            "CREATE VIRTUAL TABLE posts_words USING fts5(title, summary, body, content='', tokenize='ascii')"
        )
        return
    # So narrow a row is read in a moment however many have the word: what is long is out of the way.
    schema_editor.execute("ALTER TABLE posts_searchedtext SET (toast_tuple_target = 128)")
    schema_editor.execute("ALTER TABLE posts_searchedtext ADD COLUMN words tsvector NOT NULL DEFAULT ''::tsvector")
    # Nothing is to be known of it: who knows that most rows have a word reads and unpacks them all instead.
    schema_editor.execute("ALTER TABLE posts_searchedtext ALTER COLUMN words SET STATISTICS 0")
    schema_editor.execute("CREATE INDEX searched_words ON posts_searchedtext USING gin (words)")
    with schema_editor.connection.cursor() as cursor:
        # A server may have been built without it.
        cursor.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
        if cursor.fetchone() == (True,):
            for table, column in COMPRESSED:
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")


def drop_index(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What goes with no table of its own."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE posts_words")


COMPRESSED = (("posts_revision", "text"), ("posts_searchedtext", "said"), ("posts_searchedtext", "words"))


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("posts", "0001_posts_and_their_collections"),
        ("posts", "0002_roles"),
        ("posts", "0003_two_way_sync"),
        ("posts", "0004_texts_of_conflicts"),
        ("posts", "0005_hooks_builds"),
        ("posts", "0006_search"),
        ("posts", "0007_faults"),
        ("posts", "0008_editor"),
        ("posts", "0009_review"),
        ("posts", "0010_people"),
        ("posts", "0011_people_wishes"),
        ("posts", "0012_people_without_mail_wish"),
        ("posts", "0013_copies"),
        ("posts", "0014_schedule"),
        ("posts", "0015_bulk"),
        ("posts", "0016_bulk_roles"),
        ("posts", "0017_media"),
        ("posts", "0018_checks"),
        ("posts", "0019_comments"),
        ("posts", "0020_terms"),
        ("posts", "0021_replacements"),
        ("posts", "0022_vocab_suggestions_and_settings"),
        ("posts", "0023_rooms"),
        ("posts", "0024_proof5"),
        ("posts", "0025_image_uses"),
        ("posts", "0026_markdown_plugins"),
        ("posts", "0027_terms_counted_hits"),
        ("posts", "0028_visits_and_lately"),
        ("posts", "0029_terms_long_texts"),
        ("posts", "0030_speed_storage"),
        ("posts", "0031_pages"),
    ]

    dependencies = [
        ("taxonomy", "0001_squashed_0006_moved_names"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Collection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*$", "Small letters, digits and hyphens only."
                            )
                        ],
                        verbose_name="name",
                    ),
                ),
                (
                    "url",
                    models.CharField(
                        help_text="https://, ssh:// or the path of a folder. Credentials never stand in it.",
                        max_length=500,
                        validators=[posts.models.collection.validate_url],
                        verbose_name="address of the repository",
                    ),
                ),
                (
                    "branch",
                    models.CharField(
                        default="main",
                        max_length=200,
                        validators=[posts.models.collection.validate_branch],
                        verbose_name="branch",
                    ),
                ),
                (
                    "globs",
                    models.TextField(
                        default="src/posts/**/*.md",
                        help_text="One pattern a line; ** stands for any folders.",
                        validators=[posts.models.collection.validate_globs],
                        verbose_name="which files are posts",
                    ),
                ),
                (
                    "push_drafts",
                    models.BooleanField(
                        default=True,
                        help_text="Saved drafts go to the repository, where the site does not show them.",
                        verbose_name="push drafts",
                    ),
                ),
                (
                    "second_eyes",
                    models.CharField(
                        choices=[
                            ("before", "before anything is published"),
                            ("afterwards", "afterwards, for corrections of live posts"),
                            ("off", "never (a site of one)"),
                        ],
                        default="before",
                        max_length=20,
                        verbose_name="second pair of eyes",
                    ),
                ),
                (
                    "machine_authors",
                    models.TextField(
                        blank=True,
                        help_text="E-mail addresses of pipelines, one a line. Whoever commits with one counts as nobody.",
                        verbose_name="machine authors",
                    ),
                ),
                (
                    "review_months",
                    models.PositiveSmallIntegerField(
                        default=12, verbose_name="months until an evergreen post is looked at again"
                    ),
                ),
                ("sync_minutes", models.PositiveSmallIntegerField(default=5, verbose_name="minutes between syncs")),
                (
                    "brake_files",
                    models.PositiveIntegerField(
                        default=200,
                        help_text="A sync that would change more files asks a Publisher first.",
                        verbose_name="changed files that stop a sync",
                    ),
                ),
                (
                    "brake_deletions",
                    models.PositiveIntegerField(
                        default=20,
                        help_text="A sync that would delete more files asks a Publisher first.",
                        verbose_name="deleted files that stop a sync",
                    ),
                ),
                (
                    "credentials",
                    models.CharField(
                        blank=True,
                        help_text="Under which name the server's environment has the key or token. They never stand in here.",
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Za-z0-9_]+$", "Letters, digits and underscores only."
                            )
                        ],
                        verbose_name="name of the credentials",
                    ),
                ),
                (
                    "site_url",
                    models.URLField(
                        blank=True,
                        max_length=300,
                        validators=[posts.models.collection.validate_site_url],
                        verbose_name="address of the site",
                    ),
                ),
                (
                    "post_url",
                    models.CharField(
                        blank=True,
                        help_text="Behind the address of the site, with the parts of the path in braces, as in /{stem}/.",
                        max_length=300,
                        validators=[posts.models.collection.validate_post_url],
                        verbose_name="address of a post on the site",
                    ),
                ),
                (
                    "required_keys",
                    models.TextField(
                        blank=True,
                        default="title\ndate\nsummary",
                        validators=[posts.models.collection.validate_known_keys],
                        verbose_name="required keys",
                    ),
                ),
                ("other_keys", models.TextField(blank=True, verbose_name="other keys that are known")),
                ("longest_title", models.PositiveSmallIntegerField(default=80, verbose_name="longest title")),
                ("longest_summary", models.PositiveSmallIntegerField(default=500, verbose_name="longest summary")),
                (
                    "blocks_from",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing at all"),
                            ("breaks", "what breaks the build"),
                            ("wrong", "that, and whatever is wrong"),
                            ("doubt", "that, and whatever is doubtful"),
                        ],
                        default="breaks",
                        max_length=10,
                        verbose_name="what stands in the way of a review",
                    ),
                ),
                (
                    "blocking_codes",
                    models.JSONField(blank=True, default=list, verbose_name="these stand in the way, too"),
                ),
                ("codes_off", models.JSONField(blank=True, default=list, verbose_name="not looked for")),
                (
                    "checklist",
                    models.JSONField(
                        blank=True, default=dict, editable=False, verbose_name="checklist before publishing"
                    ),
                ),
                (
                    "media_folder",
                    models.CharField(
                        blank=True,
                        help_text="From the top of the repository, as in src/assets/images. Empty: no images can be added here.",
                        max_length=300,
                        validators=[posts.models.collection.validate_media_folder],
                        verbose_name="folder of the images",
                    ),
                ),
                (
                    "media_url",
                    models.CharField(
                        blank=True,
                        help_text="What stands before an image's name in a text, as in /assets/images.",
                        max_length=300,
                        validators=[posts.models.collection.validate_media_url],
                        verbose_name="address of that folder on the site",
                    ),
                ),
                ("images_counted_for", models.TextField(blank=True, default="", editable=False)),
                ("images_counted_to", models.BigIntegerField(editable=False, null=True)),
                (
                    "markdown_html",
                    models.BooleanField(
                        default=True,
                        help_text="HTML that stands in a text is shown as such.",
                        verbose_name="HTML in the text",
                    ),
                ),
                (
                    "markdown_linkify",
                    models.BooleanField(
                        default=False,
                        help_text="https://example.org in a text becomes a link.",
                        verbose_name="addresses become links",
                    ),
                ),
                (
                    "markdown_typographer",
                    models.BooleanField(
                        default=False,
                        help_text="Quotes and dashes become typographic ones.",
                        verbose_name="typographic signs",
                    ),
                ),
                (
                    "markdown_breaks",
                    models.BooleanField(
                        default=False,
                        help_text="A single line end in a text begins a new line.",
                        verbose_name="line ends are kept",
                    ),
                ),
                (
                    "markdown_footnotes",
                    models.BooleanField(
                        default=False,
                        help_text="[^1] in a text is a footnote (markdown-it-footnote).",
                        verbose_name="footnotes",
                    ),
                ),
                (
                    "markdown_task_lists",
                    models.BooleanField(
                        default=False,
                        help_text="- [ ] in a text is a box (markdown-it-task-lists).",
                        verbose_name="lists of tasks",
                    ),
                ),
                (
                    "markdown_definition_lists",
                    models.BooleanField(
                        default=False,
                        help_text="A line that begins with a colon (markdown-it-deflist).",
                        verbose_name="lists of definitions",
                    ),
                ),
                (
                    "markdown_heading_anchors",
                    models.BooleanField(
                        default=False,
                        help_text="Links within a text lead to its headings (markdown-it-anchor).",
                        verbose_name="headings with addresses",
                    ),
                ),
                (
                    "preview_class",
                    models.CharField(
                        blank=True,
                        help_text="The site's style sheet may ask for it, as in “post-body prose”.",
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[\\w-]+( [\\w-]+)*$", "Names of classes, with a blank between them."
                            )
                        ],
                        verbose_name="class around the text",
                    ),
                ),
                (
                    "preview_css",
                    models.TextField(
                        blank=True,
                        help_text="Its text, pasted here: the preview then looks like the site. Nothing is loaded from the site.",
                        max_length=400000,
                        verbose_name="style sheet of the site",
                    ),
                ),
                (
                    "path_pattern",
                    models.CharField(
                        blank=True,
                        help_text="As in src/posts/{date:%Y}/{slug}.md. Empty: date and title, in the folder of the first pattern.",
                        max_length=300,
                        validators=[posts.models.collection.validate_path_pattern],
                        verbose_name="path of a new post",
                    ),
                ),
                (
                    "slugs",
                    models.CharField(
                        choices=[("pinyin", "in pinyin (mei-gu-bao-die)"), ("as_written", "as they are (美股暴跌)")],
                        default="pinyin",
                        max_length=20,
                        verbose_name="Chinese titles in paths",
                    ),
                ),
                (
                    "aliases",
                    models.CharField(
                        choices=[
                            ("keep", "leave them as they are in the file"),
                            ("write_out", "write the term’s own name with the next edit of the post"),
                        ],
                        default="keep",
                        max_length=20,
                        verbose_name="other names for a term",
                    ),
                ),
                (
                    "term_urls",
                    models.TextField(
                        blank=True,
                        max_length=2000,
                        validators=[posts.models.collection.validate_term_urls],
                        verbose_name="addresses of terms on the site",
                    ),
                ),
                ("head", models.CharField(blank=True, editable=False, max_length=64, verbose_name="last commit seen")),
                ("head_globs", models.TextField(blank=True, editable=False)),
                ("synced_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last synced")),
                ("practice", models.BooleanField(default=False, editable=False, verbose_name="for practice")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "collection",
                "verbose_name_plural": "collections",
                "ordering": ["name"],
                "permissions": [("sync_collection", "Can sync a collection now, upload and download")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("url", "branch"),
                        name="one_collection_per_branch",
                        violation_error_message="Another collection has this repository and branch already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Build",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("delivery", models.CharField(blank=True, editable=False, max_length=200)),
                ("commit", models.CharField(max_length=64, verbose_name="commit")),
                ("ok", models.BooleanField(verbose_name="went well")),
                ("log", models.TextField(blank=True, verbose_name="what it said")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("taken_at", models.DateTimeField(editable=False, null=True, verbose_name="noted on the posts")),
                ("taken_head", models.CharField(blank=True, editable=False, max_length=64)),
                ("taken_globs", models.TextField(blank=True, editable=False)),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="builds", to="posts.collection"
                    ),
                ),
            ],
            options={
                "verbose_name": "build",
                "verbose_name_plural": "builds",
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField(verbose_name="path")),
                ("path_key", models.TextField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("in_review", "in review"),
                            ("changes_requested", "changes requested"),
                            ("approved", "approved"),
                            ("published", "published"),
                            ("evergreen", "evergreen"),
                            ("archived", "archived"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("git_blob", models.CharField(blank=True, editable=False, max_length=64, verbose_name="blob in git")),
                ("git_path", models.TextField(blank=True, editable=False, verbose_name="path in git")),
                ("live", models.BooleanField(default=False, editable=False, verbose_name="live")),
                ("ever_live", models.BooleanField(default=False, editable=False, verbose_name="was live once")),
                ("pending", models.BooleanField(default=False, editable=False, verbose_name="waits to be sent")),
                ("removed", models.BooleanField(default=False, editable=False, verbose_name="removed")),
                ("review_due", models.DateField(editable=False, null=True, verbose_name="review due")),
                ("review_by", models.DateField(editable=False, null=True, verbose_name="review by")),
                ("changed_outside_at", models.DateTimeField(editable=False, null=True, verbose_name="changed outside")),
                (
                    "unchecked_since",
                    models.DateTimeField(editable=False, null=True, verbose_name="not yet checked since"),
                ),
                (
                    "built_blob",
                    models.CharField(blank=True, editable=False, max_length=64, verbose_name="blob on the site"),
                ),
                ("built_at", models.DateTimeField(editable=False, null=True, verbose_name="on the site since")),
                ("changed_at", models.DateTimeField(editable=False, verbose_name="changed")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("author", models.TextField(blank=True, verbose_name="author")),
                ("date", models.DateField(blank=True, null=True, verbose_name="date")),
                ("guest", models.TextField(blank=True, verbose_name="guest")),
                ("layout", models.TextField(blank=True, verbose_name="layout")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("speaker", models.TextField(blank=True, verbose_name="speaker")),
                ("title", models.TextField(blank=True, verbose_name="title")),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                ("insight", models.TextField(blank=True, verbose_name="insight")),
                ("draft", models.BooleanField(default=False, editable=False, verbose_name="draft")),
                ("status", models.TextField(blank=True, editable=False, verbose_name="status")),
                (
                    "approved_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="taxonomy.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="taxonomy.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "discarded_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="discarded by",
                    ),
                ),
                (
                    "present_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who wrote the present text",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewer",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="taxonomy.series",
                        verbose_name="series",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="submitted by",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="posts",
                        to="posts.collection",
                        verbose_name="collection",
                    ),
                ),
            ],
            options={
                "verbose_name": "post",
                "verbose_name_plural": "posts",
                "ordering": ["-date", "-pk"],
                "permissions": [
                    ("submit_post", "Can submit a post for review"),
                    ("review_post", "Can review posts"),
                    ("publish_post", "Can publish posts"),
                ],
                "indexes": [
                    models.Index(fields=["-date", "-id"], name="post_newest_first"),
                    models.Index(fields=["collection", "git_path"], name="post_git_path"),
                    models.Index(fields=["collection", "path_key"], name="post_path_key"),
                    models.Index(fields=["state", "-date", "-id"], name="post_by_state"),
                    models.Index(condition=models.Q(("pending", True)), fields=["collection"], name="post_pending"),
                    models.Index(
                        condition=models.Q(("assignee__isnull", False)),
                        fields=["assignee", "-date", "-id"],
                        name="post_assigned",
                    ),
                    models.Index(
                        condition=models.Q(("reviewer__isnull", False)),
                        fields=["reviewer", "review_due"],
                        name="post_asked",
                    ),
                    models.Index(
                        condition=models.Q(("review_due__isnull", False)), fields=["review_due"], name="post_review_due"
                    ),
                    models.Index(
                        condition=models.Q(("review_by__isnull", False)),
                        fields=["state", "review_by"],
                        name="post_review_by",
                    ),
                    models.Index(
                        condition=models.Q(("present_by__isnull", False)),
                        fields=["present_by", "state"],
                        name="post_written",
                    ),
                    models.Index(
                        condition=models.Q(("submitted_by__isnull", False)),
                        fields=["submitted_by", "state"],
                        name="post_submitted",
                    ),
                    models.Index(
                        condition=models.Q(("changed_outside_at__isnull", False)),
                        fields=["changed_outside_at"],
                        name="post_outside",
                    ),
                    models.Index(
                        condition=models.Q(("unchecked_since__isnull", False)),
                        fields=["unchecked_since"],
                        name="post_unchecked",
                    ),
                    models.Index(
                        condition=models.Q(("assignee__isnull", True), ("ever_live", False)),
                        fields=["state", "-created_at", "-id"],
                        name="post_nobodys",
                    ),
                    models.Index(fields=["collection", "state"], name="post_counted"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("collection", "path"), name="one_post_per_path"),
                    models.CheckConstraint(condition=models.Q(("path", ""), _negated=True), name="a_post_has_a_path"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("git_blob", ""), ("git_path", "")),
                            models.Q(
                                models.Q(("git_blob", ""), _negated=True), models.Q(("git_path", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="in_git_with_blob_and_path",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("live", False), models.Q(("git_blob", ""), _negated=True), _connector="OR"),
                        name="live_only_in_git",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("key", models.CharField(blank=True, max_length=40)),
                ("passage", models.TextField(blank=True)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("post", "code", "key", "passage"), name="one_dismissal_per_passage")
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="kind")),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("breaks", "breaks the build"),
                            ("wrong", "wrong"),
                            ("doubt", "doubtful"),
                            ("advice", "advice"),
                        ],
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=40, verbose_name="field")),
                ("line", models.PositiveIntegerField(null=True, verbose_name="line")),
                ("passage", models.TextField(blank=True, verbose_name="passage")),
                ("facts", models.JSONField(default=dict)),
                ("has_fix", models.BooleanField(default=False, verbose_name="can be mended")),
                ("among_posts", models.BooleanField(default=False)),
                (
                    "found_at",
                    models.DateTimeField(
                        help_text="Empty for what was there before it was looked for.", null=True, verbose_name="found"
                    ),
                ),
                (
                    "dismissal",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="posts.dismissal"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="posts.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["code", "severity"], name="finding_by_code"),
                    models.Index(fields=["-found_at", "id"], name="finding_newest_first"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["breaks", "wrong", "doubt", "advice"])),
                        name="a_known_severity",
                    )
                ],
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
            name="IgnoredTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vocabulary", models.CharField(max_length=20)),
                ("term", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("vocabulary", "term", "post"), name="ignored_once_per_post"),
                    models.UniqueConstraint(
                        condition=models.Q(("post", None)), fields=("vocabulary", "term"), name="ignored_once_for_all"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField(verbose_name="path")),
                ("blob", models.CharField(max_length=64)),
                ("data", models.BinaryField()),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                ("replaces", models.CharField(blank=True, max_length=64)),
                ("cleared_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField(verbose_name="brought at")),
                ("commit", models.CharField(blank=True, max_length=64)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="brought by",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="images", to="posts.collection"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replacements",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "image",
                "verbose_name_plural": "images",
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("sent_at", None)), fields=["collection"], name="image_waits"),
                    models.Index(fields=["by", "at"], name="image_by_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("post", None)), fields=("collection", "path"), name="one_image_per_path"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("post__isnull", False), ("sent_at", None)),
                        fields=("collection", "path"),
                        name="one_replacement_waits_per_path",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mishearing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("find", models.CharField(max_length=200, verbose_name="what is heard")),
                ("by", models.CharField(blank=True, max_length=200, verbose_name="what is meant")),
                ("in_title", models.BooleanField(default=True, verbose_name="in the title")),
                ("in_summary", models.BooleanField(default=True, verbose_name="in the summary")),
                ("in_body", models.BooleanField(default=True, verbose_name="in the text")),
                ("match_case", models.BooleanField(default=True, verbose_name="match case")),
                ("whole_words", models.BooleanField(default=True, verbose_name="whole words")),
                ("everywhere", models.BooleanField(default=False, verbose_name="also in links and code")),
                ("active", models.BooleanField(default=True, verbose_name="is looked for")),
                ("made_at", models.DateTimeField(verbose_name="saved")),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: in all collections.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mishearings",
                        to="posts.collection",
                        verbose_name="collection",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saved by",
                    ),
                ),
            ],
            options={
                "verbose_name": "known mishearing",
                "verbose_name_plural": "known mishearings",
                "ordering": ["find", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("find", "collection"), name="one_meaning_in_a_collection"),
                    models.UniqueConstraint(
                        condition=models.Q(("collection", None)),
                        fields=("find",),
                        name="one_meaning_in_all_collections",
                    ),
                ],
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
                ("shown", models.BooleanField(default=True)),
                ("mail_at", models.DateTimeField(null=True)),
                ("mail_tries", models.PositiveSmallIntegerField(default=0)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["-pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("seen_at", None)), fields=["person"], name="notice_unseen"),
                    models.Index(
                        condition=models.Q(("shown", True)), fields=["person", "-id"], name="notice_of_person"
                    ),
                    models.Index(
                        condition=models.Q(("mail_at__isnull", False)), fields=["mail_at"], name="notice_to_mail"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutsideLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="for whom")),
                ("may_suggest", models.BooleanField(default=False, verbose_name="may suggest changes")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="withdrawn")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outside_links", to="posts.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "link for people without an account",
                "verbose_name_plural": "links for people without an account",
                "ordering": ["-made_at", "-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="OutsideVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("remark", models.BooleanField(default=False)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("place", models.CharField(max_length=64)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="posts.outsidelink"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["link", "at"], name="outside_visit")],
            },
        ),
        migrations.CreateModel(
            name="PasswordAsked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["key", "at"], name="password_asked")],
            },
        ),
        migrations.CreateModel(
            name="PostMediaWork",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="media_work_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.mediawork"
                    ),
                ),
            ],
            options={
                "verbose_name": "media work of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_object", "tag"), name="a_media_work_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostOrganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="organisation_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name": "organisation of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_object", "tag"), name="an_organisation_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostPerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="person_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "person of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_object", "tag"), name="a_person_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostProduct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="product_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.product"
                    ),
                ),
            ],
            options={
                "verbose_name": "product of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_object", "tag"), name="a_product_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostProject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="project_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.project"
                    ),
                ),
            ],
            options={
                "verbose_name": "project of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("content_object", "tag"), name="a_project_once_per_post")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "content_object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tag_links",
                        to="posts.post",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="taxonomy.tag"
                    ),
                ),
            ],
            options={
                "verbose_name": "tag of a post",
                "abstract": False,
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("content_object", "tag"), name="a_tag_once_per_post")],
            },
        ),
        migrations.CreateModel(
            name="PostTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "text",
                    models.TextField(
                        help_text="A whole file: front matter between two lines of ---, then the body.",
                        validators=[posts.models.template.validate_template],
                        verbose_name="text",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="templates", to="posts.collection"
                    ),
                ),
            ],
            options={
                "verbose_name": "template",
                "verbose_name_plural": "templates for new posts",
                "ordering": ["name", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("collection", "name"),
                        name="one_template_per_name",
                        violation_error_message="Another template of this collection has this name already.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField(db_index=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="presences", to="posts.post"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("post", "person"), name="present_once_per_post")],
            },
        ),
        migrations.CreateModel(
            name="Problem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField(verbose_name="path")),
                ("code", models.CharField(max_length=40, verbose_name="kind")),
                ("key", models.CharField(blank=True, max_length=40, verbose_name="field")),
                ("line", models.PositiveIntegerField(null=True, verbose_name="line")),
                ("facts", models.JSONField(default=dict)),
                ("blocks", models.BooleanField(default=False, verbose_name="blocks")),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="problems",
                        to="posts.collection",
                        verbose_name="collection",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="problems", to="posts.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "problem",
                "verbose_name_plural": "problems",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["collection", "path"], name="problem_by_path"),
                    models.Index(fields=["-blocks", "-id"], name="problem_gravest"),
                    models.Index(
                        condition=models.Q(("blocks", True)), fields=["collection", "path"], name="problem_blocking"
                    ),
                ],
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
                ("here_at", models.DateTimeField(editable=False, null=True)),
                ("here_before", models.DateTimeField(editable=False, null=True)),
                (
                    "limited",
                    models.BooleanField(default=False, editable=False, verbose_name="limited to some collections"),
                ),
                ("collections", models.ManyToManyField(editable=False, related_name="+", to="posts.collection")),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="profile", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
            ],
            options={
                "verbose_name": "profile",
                "verbose_name_plural": "profiles",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("kind", models.CharField(choices=[("near", "a week before"), ("due", "on the day")], max_length=4)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="posts.post"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("post", "day", "kind"), name="one_reminder_per_date")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.TextField(blank=True, verbose_name="filters")),
                ("shared", models.BooleanField(default=False, verbose_name="shared with everybody")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="one_saved_view_per_name_and_owner")
                ],
            },
        ),
        migrations.CreateModel(
            name="SoughtNames",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.TextField()),
                ("names", models.JSONField(default=dict)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SuggestedTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vocabulary", models.CharField(max_length=20)),
                ("term", models.BigIntegerField()),
                ("listed", models.BooleanField(default=False)),
                ("name", models.CharField(max_length=255)),
                ("count", models.PositiveIntegerField(default=0)),
                ("passages", models.JSONField(default=list)),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggested",
                        to="posts.post",
                        verbose_name="post",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["vocabulary", "term"], name="suggested_by_term")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("post", "listed", "vocabulary", "term"), name="suggested_once_per_post"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sync",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sync", "sync with the repository"),
                            ("upload", "upload"),
                            ("download", "download"),
                            ("preview", "preview of a sync"),
                            ("undo", "undoing of a sync"),
                            ("bulk", "bulk step"),
                        ],
                        default="sync",
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("nothing_new", "nothing new"),
                            ("partly", "done, with problems"),
                            ("stopped", "stopped"),
                            ("failed", "failed"),
                            ("to_release", "waits for release"),
                        ],
                        default="waiting",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("wait", "waiting for another sync to end"),
                            ("fetch", "fetching"),
                            ("import", "importing"),
                            ("export", "sending"),
                            ("undo", "undoing"),
                            ("bulk", "changing the posts"),
                        ],
                        max_length=20,
                        verbose_name="step",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("stop_requested", models.BooleanField(default=False)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("before", models.CharField(blank=True, max_length=64)),
                ("after", models.CharField(blank=True, max_length=64)),
                ("file", models.FileField(blank=True, max_length=300, upload_to="runs/", verbose_name="file")),
                ("selection", models.JSONField(default=list)),
                ("steps", models.JSONField(default=list)),
                ("released", models.CharField(blank=True, max_length=64)),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("error_facts", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="syncs",
                        to="posts.collection",
                        verbose_name="collection",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="let go on by",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undone_by",
                        to="posts.sync",
                    ),
                ),
            ],
            options={
                "verbose_name": "sync",
                "verbose_name_plural": "syncs",
                "ordering": ["-pk"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["asked_at"],
                        name="sync_unfinished",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "sync"), ("state", "waiting")),
                        fields=("collection",),
                        name="one_waiting_sync_per_collection",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("text", models.TextField(verbose_name="text")),
                ("blob", models.CharField(max_length=64, verbose_name="blob id")),
                ("says_draft", models.BooleanField(verbose_name="says that it is a draft")),
                (
                    "whence",
                    models.CharField(
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
                ("author_name", models.CharField(blank=True, max_length=200, verbose_name="author in git")),
                ("author_email", models.CharField(blank=True, max_length=254, verbose_name="author's address in git")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "beside",
                    models.BooleanField(
                        default=False,
                        help_text="The other side of a merge, or what was typed onto an older text: kept for the record.",
                        verbose_name="beside the post's own texts",
                    ),
                ),
                ("commit", models.CharField(blank=True, max_length=64, verbose_name="commit")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="posts.post"
                    ),
                ),
                (
                    "bulk_step",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="posts.sync",
                    ),
                ),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["commit"], name="revision_by_commit"),
                    models.Index(
                        condition=models.Q(("by__isnull", False)), fields=["-at", "whence"], name="revision_by_hand"
                    ),
                    models.Index(fields=["whence", "-at"], name="revision_by_whence"),
                ],
                "constraints": [models.UniqueConstraint(fields=("post", "number"), name="one_revision_per_number")],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outside_name", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("field", models.CharField(blank=True, max_length=200)),
                ("start", models.PositiveIntegerField(null=True)),
                ("end", models.PositiveIntegerField(null=True)),
                ("quote", models.TextField(blank=True)),
                ("replacement", models.TextField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="posts.comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="posts.post"
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="posts.outsidelink",
                    ),
                ),
                (
                    "applied",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "remark",
                "verbose_name_plural": "remarks",
                "ordering": ["at", "pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("parent__isnull", True), ("resolved_at__isnull", True)),
                        fields=["post"],
                        name="open_remark",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by__isnull", False), ("link__isnull", True)),
                            models.Q(
                                ("by__isnull", True),
                                ("link__isnull", False),
                                models.Q(("outside_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="said_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
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
                (
                    "unreadable",
                    models.TextField(blank=True, verbose_name="the other's text, as far as it can be shown"),
                ),
                ("theirs_blob", models.CharField(blank=True, max_length=64)),
                ("theirs_author", models.CharField(blank=True, max_length=200, verbose_name="the other")),
                ("theirs_commit", models.CharField(blank=True, max_length=64)),
                ("theirs_at", models.DateTimeField(null=True, verbose_name="when the other changed it")),
                ("opened_at", models.DateTimeField(verbose_name="since")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled")),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="whose form it was",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="conflicts", to="posts.post"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="posts.revision",
                        verbose_name="before",
                    ),
                ),
                (
                    "ours",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="posts.revision",
                        verbose_name="what was typed",
                    ),
                ),
                (
                    "passes",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "theirs",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="posts.revision",
                        verbose_name="the other's text",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict",
                "verbose_name_plural": "conflicts",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(condition=models.Q(("settled_at", None)), fields=["post"], name="conflict_unsettled")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None), models.Q(("kind", "form"), _negated=True)),
                        fields=("post",),
                        name="one_open_conflict_per_post",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "form"), _negated=True),
                            models.Q(("ours__isnull", False), ("owner__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_form_has_an_owner",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField()),
                ("commit", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=64)),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="posts.collection"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Download",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "post", "revision"), name="one_download_per_text")
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transition", models.CharField(max_length=30, verbose_name="step")),
                ("from_state", models.CharField(max_length=20, verbose_name="from")),
                ("to_state", models.CharField(max_length=20, verbose_name="to")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "by_another",
                    models.BooleanField(
                        default=True,
                        help_text="Whether who took the step had neither written nor submitted the text.",
                        verbose_name="by another",
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("facts", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="posts.post"
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["-at", "-pk"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["at"], name="event_at")],
            },
        ),
        migrations.CreateModel(
            name="ImageUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField()),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="posts.revision",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["path", "post"], name="image_use_by_path")],
                "constraints": [models.UniqueConstraint(fields=("revision", "path"), name="one_use_per_text")],
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "verbose_name": "look",
                "verbose_name_plural": "looks",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "post", "revision"), name="one_look_per_text")
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.TextField(verbose_name="path")),
                (
                    "result",
                    models.CharField(
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
                ("code", models.CharField(blank=True, max_length=40)),
                ("facts", models.JSONField(default=dict)),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "sync",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="posts.sync"
                    ),
                ),
            ],
            options={
                "verbose_name": "outcome",
                "verbose_name_plural": "outcomes",
                "default_permissions": (),
                "indexes": [models.Index(fields=["sync", "result"], name="outcome_by_result")],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transition", models.CharField(max_length=30, verbose_name="step")),
                ("at", models.DateTimeField(verbose_name="not before")),
                ("set_date", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(verbose_name="set")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "scheduled"),
                            ("done", "done"),
                            ("refused", "refused"),
                            ("cancelled", "cancelled"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("warned_at", models.DateTimeField(null=True)),
                ("waited_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("late", models.BooleanField(default=False, verbose_name="late")),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("facts", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="schedules",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="schedule",
                        to="posts.event",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="schedules", to="posts.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "schedule",
                "verbose_name_plural": "schedules",
                "ordering": ["at", "pk"],
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["at"], name="schedule_to_come"),
                    models.Index(fields=["state", "at"], name="schedule_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("post", "transition"),
                        name="one_open_schedule_per_step",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchedText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField()),
                ("said", models.TextField(default="")),
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="searched", to="posts.post"
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
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
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("window", models.CharField(blank=True, max_length=40)),
                ("typed", models.JSONField(default=dict)),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "onto",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "post"), name="one_working_copy_per_post"),
                    models.UniqueConstraint(
                        condition=models.Q(("post", None)), fields=("person",), name="one_working_copy_of_a_new_post"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fields", "change of fields"),
                            ("terms", "change of a term"),
                            ("mend", "mending of one kind of fault"),
                            ("suggested", "adding of suggested terms"),
                            ("replace", "find and replace"),
                            ("undo", "undoing of a bulk step"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("definition", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("released_at", models.DateTimeField(null=True, verbose_name="released")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undone_by",
                        to="posts.bulkstep",
                    ),
                ),
                (
                    "collection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_steps",
                        to="posts.collection",
                        verbose_name="collection",
                    ),
                ),
                (
                    "run",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="bulk", to="posts.sync"
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk step",
                "verbose_name_plural": "bulk steps",
                "ordering": ["-pk"],
                "permissions": [("bulk_post", "Can change many posts in one step")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="CheckedText",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="checked",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                ("path", models.TextField()),
                ("stamp", models.CharField(max_length=64)),
                ("head", models.CharField(blank=True, max_length=64)),
                ("day", models.DateField()),
                ("at", models.DateTimeField(db_index=True)),
                ("source", models.TextField(blank=True)),
                ("title", models.CharField(blank=True, max_length=32)),
                ("summary", models.CharField(blank=True, max_length=32)),
                ("address", models.TextField(blank=True)),
                ("sketch", models.BinaryField(default=bytes)),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BulkPost",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("choice", models.JSONField(default=dict)),
                ("hits", models.PositiveIntegerField(null=True)),
                ("ticked", models.PositiveIntegerField(null=True)),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="posts.bulkstep"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"),
                ),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "live_after",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "live_base",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "live_before",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "live_target",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="posts.revision"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("step", "post"), name="one_row_per_post_of_a_bulk_step")
                ],
            },
        ),
        migrations.CreateModel(
            name="ComparedPosts",
            fields=[
                (
                    "collection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="posts.collection",
                    ),
                ),
                ("stamp", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="post",
            name="media_books",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostMediaWork", to="taxonomy.MediaWork", verbose_name="media works and books"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="companies_orgs",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostOrganisation", to="taxonomy.Organisation", verbose_name="organisations"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="people",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostPerson", to="taxonomy.Person", verbose_name="people"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="products_models",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostProduct", to="taxonomy.Product", verbose_name="products and models"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="project",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostProject", to="taxonomy.Project", verbose_name="projects"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="tags",
            field=posts.models.links.TermsField(
                blank=True, through="posts.PostTag", to="taxonomy.Tag", verbose_name="tags"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="approved",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="approved text",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="cleared",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="cleared text",
            ),
        ),
        migrations.AddField(
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
            name="present",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="posts.revision",
                verbose_name="present text",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(
                    ("pending", True),
                    models.Q(("live", True), models.Q(("present", models.F("git_text")), _negated=True)),
                    _connector="OR",
                ),
                fields=["-date", "-id"],
                name="post_may_differ",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            posts.workflow.State["DRAFT"],
                            posts.workflow.State["IN_REVIEW"],
                            posts.workflow.State["CHANGES_REQUESTED"],
                            posts.workflow.State["APPROVED"],
                            posts.workflow.State["PUBLISHED"],
                            posts.workflow.State["EVERGREEN"],
                            posts.workflow.State["ARCHIVED"],
                        ],
                    )
                ),
                name="a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved", models.F("present")), ("state", posts.workflow.State["APPROVED"])),
                    models.Q(("state", posts.workflow.State["APPROVED"]), _negated=True),
                    _connector="OR",
                ),
                name="approved_is_the_present_text",
            ),
        ),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(make_index, drop_index),
    ]
