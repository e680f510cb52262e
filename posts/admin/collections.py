"""Collections: connect a repository, test it, sync it now, bring posts in and take them out."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from posts.access import is_limited
from posts.admin.builds import hooks_of
from posts.admin.checklists import FIELDS as CHECKLIST_FIELDS
from posts.admin.checklists import ChecklistForm
from posts.admin.images import image_urls
from posts.admin.people_forms import MachinesOnly
from posts.admin.practice import practice_page
from posts.admin.previews import start_preview
from posts.admin.reading import RUN_COLOURS, asking, in_words, label, link, list_where, posts_where
from posts.admin.rooms import OwnRooms
from posts.admin.templates import TemplateInline
from posts.admin.uploads import upload_view
from posts.check_words import kinds_of_findings
from posts.git import GitError
from posts.locking import try_connection
from posts.models import Collection, Conflict, Post, Problem, Sync
from posts.moments import ago
from posts.people import unknown_authors
from posts.practice import practice_collection
from posts.transfers import ask_for_download
from posts.waking import ask_for_sync

_LATEST_RUNS = 5
_SYNC = "posts.sync_collection"
_CHANGE = "posts.change_collection"


class CollectionForm(MachinesOnly, ChecklistForm):
    """The settings of a collection, each explained."""

    blocking_codes = forms.MultipleChoiceField(
        label=_("These stand in the way, too"),
        help_text=_("Kinds of findings, however bad they are."),
        choices=kinds_of_findings,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
    )
    codes_off = forms.MultipleChoiceField(
        label=_("Not looked for"),
        help_text=_("Kinds of findings that no post of this collection gets."),
        choices=kinds_of_findings,
        required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
    )

    class Meta:
        help_texts: ClassVar = {
            "name": _("Small letters, digits and hyphens. It names the collection in lists, commands and downloads."),
            "url": _(
                "https://, ssh:// or the path of a folder on this server. Never with a password in it: credentials "
                "belong to the server's own settings. Change it only if the same repository has moved."
            ),
            "branch": _("The branch that the site is built from. Posts are read from it and sent to it."),
            "globs": _(
                "One pattern a line, from the top folder of the repository; * stands for any name and ** for any "
                "folders. Other files are never touched."
            ),
            "push_drafts": _(
                "Saved drafts go to the repository with the next sync; the site does not show them. Without it a new "
                "post first leaves when it is published."
            ),
            "second_eyes": _("Whether somebody else than the writer must approve a text."),
            "machine_authors": _(
                "E-mail addresses of pipelines that commit, one a line. They count as nobody, so that whoever "
                "reviews their texts is the first to look at them."
            ),
            "review_months": _("An evergreen post is due to be looked at again after this many months."),
            "sync_minutes": _("Changes made here leave at once; this is how often the repository is asked for others."),
            "credentials": _(
                "The server's environment has a key or token under this name, as GIT_TOKEN_NAME or "
                "GIT_SSH_KEY_FILE_NAME. Only the name is kept here. Empty: the repository needs none of its own."
            ),
            "path_pattern": _(
                "Where a new post goes, as in src/posts/{date:%Y}/{slug}.md. In braces: slug (from the title) and date "
                "with %Y, %m and %d. Empty: date and title, in the folder of the first pattern above."
            ),
            "slugs": _("How the path of a new post writes a Chinese title. It can be changed for each post."),
            "brake_files": _("A sync that would change more files than this stops, and asks a Publisher first."),
            "brake_deletions": _("A sync that would delete more files than this stops, and asks a Publisher first."),
            "required_keys": _("Keys that must say something, one a line."),
            "other_keys": _("Keys beside our own that files of this collection may have, one a line."),
            "longest_title": _("In signs."),
            "longest_summary": _("In signs."),
            "blocks_from": _(
                "Of what the checks find. A text with it can neither be submitted nor published; a Publisher may pass "
                "over it with a reason, but not over what breaks the build."
            ),
            "term_urls": _(
                "Where the site has a page for each term, a line for each key, as in tags: /tags/{name}/. In braces: "
                "name (as Eleventy’s slugify writes it), slug (the one given here), written (the name as it is). "
                "Terms that would have no page of their own are then pointed out."
            ),
            "aliases": _(
                "What happens to another name for a term in a file that somebody edits here. “What will change” shows "
                "it first. A post that nobody edits is left alone in any case."
            ),
            "site_url": _("Where readers find the site, as in https://example.org. Posts link to it."),
            "post_url": _(
                "What stands behind the address of the site, as in /{year}/{slug}/. In braces: path (without its "
                "ending), folder (the last one), stem (the file's name without ending), slug (the same without a date "
                "in front), and year, month, day of the post's date."
            ),
        }
        widgets: ClassVar = {
            "globs": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "machine_authors": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "term_urls": UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
            "required_keys": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "other_keys": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            "preview_css": UnfoldAdminTextareaWidget(attrs={"rows": 6, "spellcheck": "false"}),
        }


def _count(rows: QuerySet, collection: str) -> Coalesce:
    """How many of `rows` belong to the outer collection, without a join that would multiply the others."""
    mine = rows.filter(**{collection: OuterRef("pk")}).order_by()
    return Coalesce(Subquery(mine.values(collection).annotate(number=Count("pk")).values("number")), 0)


def with_counts(collections: QuerySet) -> QuerySet:
    """The collections with how many posts, problems and open conflicts they have, and the state of the newest run."""
    newest = Sync.objects.filter(collection=OuterRef("pk")).order_by("-pk")
    return collections.annotate(
        post_count=_count(Post.objects.all(), "collection"),
        problem_count=_count(Problem.objects.all(), "collection"),
        conflict_count=_count(Conflict.objects.holding(), "post__collection"),
        newest_pk=Subquery(newest.values("pk")[:1]),
        newest_state=Subquery(newest.values("state")[:1]),
    )


@admin.register(Collection)
class CollectionAdmin(OwnRooms):
    """The pages of collections, and the buttons on them."""

    room = "pk"

    form = CollectionForm
    # An address that somebody types without its scheme.
    formfield_overrides: ClassVar = {
        models.URLField: {"widget": UnfoldAdminURLInputWidget, "assume_scheme": "https"},
    }
    list_display = ("name", "repository", "posts", "synced", "problems", "conflicts", "newest_run")
    list_display_links = ("name",)
    search_fields = ("name",)
    actions = None
    fieldsets = (
        (_("Repository"), {"fields": ("name", "url", "branch", "globs", "credentials")}),
        (_("Review"), {"fields": ("second_eyes", "review_months")}),
        (
            _("Checklist before publishing"),
            {
                "fields": CHECKLIST_FIELDS,
                "description": _("What a post must have before it is published. Advice is shown, and stops nothing."),
            },
        ),
        (
            _("Sync"),
            {"fields": ("push_drafts", "sync_minutes", "machine_authors", "brake_files", "brake_deletions")},
        ),
        (_("Site"), {"fields": ("site_url", "post_url", "term_urls")}),
        (_("Terms"), {"fields": ("aliases",)}),
        (
            _("Checks"),
            {
                "fields": (
                    "required_keys",
                    "other_keys",
                    ("longest_title", "longest_summary"),
                    "blocks_from",
                    "blocking_codes",
                    "codes_off",
                )
            },
        ),
        (_("Images"), {"fields": ("media_folder", "media_url")}),
        (
            _("Preview"),
            {
                "fields": (
                    "markdown_html",
                    "markdown_linkify",
                    "markdown_typographer",
                    "markdown_breaks",
                    "markdown_footnotes",
                    "markdown_task_lists",
                    "markdown_definition_lists",
                    "markdown_heading_anchors",
                    "preview_class",
                    "preview_css",
                ),
                "description": _("How the site makes a page of a text: the preview beside the text does the same."),
            },
        ),
        (_("New posts"), {"fields": ("path_pattern", "slugs")}),
    )
    change_form_outer_before_template = "admin/posts/collection/desk.html"
    list_before_template = "admin/posts/collection/tools.html"
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what the list shows."""
        return with_counts(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whoever is limited to some collections a new one would be a way out."""
        return bool(super().has_add_permission(request)) and not is_limited(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Collection | None = None) -> bool:
        """Not once it has posts: their history would go with it."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not Post.objects.filter(collection=obj).exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        """Where the practice collection lies stays: with another repository or a site, what is tried would get out."""
        return ("url", "branch", "credentials", "site_url", "post_url") if obj is not None and obj.practice else ()

    def get_inlines(self, request: HttpRequest, obj: Collection | None) -> list[type[StackedInline]]:
        """Templates once there is a collection whose they are."""
        return [TemplateInline] if obj is not None else []

    # --- The list

    @display(description=_("repository"))
    def repository(self, collection: Collection) -> SafeString:
        """Address and branch."""
        return format_html(
            '<span class="desk-mono">{}</span> <span class="desk-dim">{}</span>', collection.url, collection.branch
        )

    @display(description=_("posts"))
    def posts(self, collection: Any) -> SafeString:
        """How many, with a link to them."""
        return link(posts_where(collection__id__exact=collection.pk), collection.post_count)

    @display(description=_("last synced"), ordering="synced_at")
    def synced(self, collection: Collection) -> SafeString | str:
        """How long ago."""
        return ago(collection.synced_at)

    @display(description=_("problems"))
    def problems(self, collection: Any) -> SafeString | int:
        """How many, with a link to them."""
        count = collection.problem_count
        return link(list_where("problem", collection__id__exact=collection.pk), count) if count else 0

    @display(description=_("conflicts"))
    def conflicts(self, collection: Any) -> SafeString | int:
        """How many are open, with a link to them."""
        count = collection.conflict_count
        return link(list_where("conflict", post__collection__id__exact=collection.pk), count) if count else 0

    @display(description=_("newest run"))
    def newest_run(self, collection: Any) -> SafeString | str:
        """Its state, with a link to it."""
        if collection.newest_pk is None:
            return "–"
        state = label(Sync.State(collection.newest_state).label, RUN_COLOURS[collection.newest_state])
        return format_html('<a href="{}">{}</a>', run_address(collection.newest_pk), state)

    # --- The page

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """With the state of the collection and the buttons above its settings."""
        collection = context.get("original")
        if collection is not None:
            runs = Sync.objects.filter(collection=collection).select_related("asked_by")[:_LATEST_RUNS]
            context["runs"], context["synced_ago"] = (
                [(run, ago(run.asked_at)) for run in runs],
                ago(collection.synced_at),
            )
            context["run_colours"] = RUN_COLOURS
            context["posts_url"] = posts_where(collection__id__exact=collection.pk)
            context["problems_url"] = list_where("problem", collection__id__exact=collection.pk)
            context["conflicts_url"] = list_where("conflict", post__collection__id__exact=collection.pk)
            context["runs_url"] = list_where("sync", collection__id__exact=collection.pk)
            context["may_test"] = request.user.has_perm(_CHANGE)
            context |= hooks_of(request, collection)
            context["unknown_authors"] = unknown_authors(collection) if context["may_test"] else []
            context["may_sync"] = request.user.has_perm(_SYNC)
            context["may_upload"] = request.user.has_perm("posts.change_post")
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Collection, form: forms.ModelForm, change: bool) -> None:
        """Save it, ask for the first sync of a new one, and try the connection once the transaction is over."""
        super().save_model(request, obj, form, change)
        if not change:
            ask_for_sync(obj, by=asking(request))
        if not change or {"url", "branch", "credentials"} & set(form.changed_data):
            transaction.on_commit(lambda: self._try(request, obj))

    def _try(self, request: HttpRequest, collection: Collection) -> None:
        """Ask the remote, and say what it answered."""
        try:
            head = try_connection(collection)
        except GitError as error:
            self.message_user(request, format_html("{} {}", collection.name, in_words(error)), messages.WARNING)
        else:
            if head is None:
                said = gettext("The repository was reached. It is empty: the first sync makes the branch “%(branch)s”.")
                self.message_user(request, said % {"branch": collection.branch}, messages.SUCCESS)
            else:
                said = gettext("The repository was reached. Its branch “%(branch)s” is at %(commit)s.")
                facts = {"branch": collection.branch, "commit": head[:8]}
                self.message_user(request, said % facts, messages.SUCCESS)

    # --- The buttons

    def get_fieldsets(self, request: HttpRequest, obj: Collection | None = None) -> Any:
        """Whoever may only read the settings sees them without the form's own fields, which no column holds."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [(title, told) for title, told in fieldsets if told["fields"] != CHECKLIST_FIELDS]

    def get_urls(self) -> list[URLPattern]:
        """Django's own, and one for each button."""
        view = self.admin_site.admin_view
        return [
            path("practice/", view(self.practice_view), name="posts_collection_practice"),
            path("<int:pk>/test/", view(self.test_view), name="posts_collection_test"),
            path("<int:pk>/sync/", view(self.sync_view), name="posts_collection_sync"),
            path("<int:pk>/preview/", view(self.preview_view), name="posts_collection_preview"),
            path("<int:pk>/download/", view(self.download_view), name="posts_collection_download"),
            path("<int:pk>/upload/", view(self.upload_view), name="posts_collection_upload"),
            *image_urls(view),
            *super().get_urls(),
        ]

    def practice_view(self, request: HttpRequest) -> HttpResponse:
        """Make the practice collection, or make it anew."""
        return practice_page(request, self.admin_site.each_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to a practice collection where there is none."""
        offer = request.user.is_superuser and practice_collection() is None
        return super().changelist_view(request, {**(extra_context or {}), "offer_practice": offer})

    @method_decorator(require_POST)
    @method_decorator(permission_required(_CHANGE, raise_exception=True))
    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try the connection, and come back with the answer."""
        self._try(request, get_object_or_404(Collection, pk=pk))
        return HttpResponseRedirect(reverse("admin:posts_collection_change", args=[pk]))

    @method_decorator(require_POST)
    @method_decorator(permission_required(_SYNC, raise_exception=True))
    def sync_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a sync, and show it."""
        collection = get_object_or_404(Collection, pk=pk)
        return HttpResponseRedirect(run_address(ask_for_sync(collection, by=asking(request)).pk))

    @method_decorator(require_POST)
    @method_decorator(permission_required(_SYNC, raise_exception=True))
    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try a sync out, and show what it would do."""
        return start_preview(request, get_object_or_404(Collection, pk=pk))

    @method_decorator(require_POST)
    @method_decorator(permission_required(_SYNC, raise_exception=True))
    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a zip of all posts, and show how far it is."""
        run = ask_for_download(get_object_or_404(Collection, pk=pk), [], by=asking(request))
        return HttpResponseRedirect(run_address(run.pk))

    def upload_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page to upload posts."""
        if not request.user.has_perm("posts.change_post"):
            raise PermissionDenied
        return upload_view(request, get_object_or_404(Collection, pk=pk), self.admin_site.each_context(request))


def run_address(pk: int) -> str:
    """The address of a run's page."""
    return reverse("admin:posts_sync_change", args=[pk])
