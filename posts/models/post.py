"""A post: a document with a place, a state and a history. Its columns are the index of its present text."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from posts.document.document import Document
from posts.models.collection import Collection
from posts.models.conflict import Conflict
from posts.models.image import Image
from posts.models.links import (
    PostMediaWork,
    PostOrganisation,
    PostPerson,
    PostProduct,
    PostProject,
    PostTag,
    TermsField,
)
from posts.models.revision import Revision
from posts.models.sync import Sync
from posts.paths import path_key
from posts.workflow import State
from taxonomy.models import Area, Category, Series


class PostState(models.TextChoices):
    """`workflow.State`, with a label for the screen."""

    DRAFT = State.DRAFT, _("draft")
    IN_REVIEW = State.IN_REVIEW, _("in review")
    CHANGES_REQUESTED = State.CHANGES_REQUESTED, _("changes requested")
    APPROVED = State.APPROVED, _("approved")
    PUBLISHED = State.PUBLISHED, _("published")
    EVERGREEN = State.EVERGREEN, _("evergreen")
    ARCHIVED = State.ARCHIVED, _("archived")


class PostQuerySet(models.QuerySet["Post"]):
    """The questions asked of posts."""

    def outgoing(self) -> "PostQuerySet":
        """Posts with something to send that no open conflict holds back, but for what was written onto theirs anyway.

        That is a text, or a published replacement of an image. What a bulk step wrote waits until the step is over:
        what it does to posts on the site, too, leaves in the same commit (docs/decisions/0045).
        """
        held = Conflict.objects.holding().filter(Q(passes=None) | ~Q(passes=models.F("post__cleared")))
        images = Image.objects.may_leave().exclude(post=None).order_by().values("post")
        # Not "pending or with an image": for that both databases read every post of the collection.
        pending = PostQuerySet(self.model).filter(pending=True).order_by().values("pk")
        going = self.filter(pk__in=pending.union(images)).exclude(pk__in=held.values("post"))
        steps = Sync.objects.filter(kind=Sync.Kind.BULK, state__in=Sync.NOT_OVER).order_by().values("pk")
        return going.exclude(removed=False, cleared__bulk_step__in=steps)

    def lock_in_order(self) -> list[int]:
        """Lock these, one after the other and everywhere in the same order, so that nobody waits in a ring; their keys.

        Read them only then: PostgreSQL gives nulls for joined rows where it had to wait for the lock.
        """
        return list(self.select_for_update().order_by("pk").values_list("pk", flat=True))


def _revision(verbose_name: Any) -> models.ForeignKey:
    return models.ForeignKey(
        Revision, verbose_name=verbose_name, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )


def _person(verbose_name: Any, *, db_index: bool = True) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=db_index,
    )


MAY_DIFFER = Q(pending=True) | Q(live=True) & ~Q(present=models.F("git_text"))
"""Of all other posts it is plain, without reading a revision, that the site shows their present text, or nothing."""


class Post(models.Model):
    """One post of a collection. Only `posts.saving` writes its text, columns and state."""

    collection = models.ForeignKey(
        Collection, verbose_name=_("collection"), on_delete=models.PROTECT, related_name="posts", db_index=False
    )
    path = models.TextField(_("path"))
    path_key = models.TextField(editable=False)

    state = models.CharField(
        _("state"), max_length=20, choices=PostState.choices, default=PostState.DRAFT, editable=False
    )
    present = _revision(_("present text"))
    present_by = _person(_("who wrote the present text"), db_index=False)
    cleared = _revision(_("cleared text"))
    git_text = _revision(_("text in git"))
    git_blob = models.CharField(_("blob in git"), max_length=64, blank=True, editable=False)
    git_path = models.TextField(_("path in git"), blank=True, editable=False)
    live = models.BooleanField(_("live"), default=False, editable=False)
    ever_live = models.BooleanField(_("was live once"), default=False, editable=False)
    pending = models.BooleanField(_("waits to be sent"), default=False, editable=False)
    removed = models.BooleanField(_("removed"), default=False, editable=False)

    approved = _revision(_("approved text"))
    approved_by = _person(_("approved by"))
    submitted_by = _person(_("submitted by"), db_index=False)
    discarded_by = _person(_("discarded by"))
    assignee = _person(_("assignee"), db_index=False)
    reviewer = _person(_("reviewer"), db_index=False)
    review_due = models.DateField(_("review due"), null=True, editable=False)
    review_by = models.DateField(_("review by"), null=True, editable=False)
    changed_outside_at = models.DateTimeField(_("changed outside"), null=True, editable=False)
    unchecked_since = models.DateTimeField(_("not yet checked since"), null=True, editable=False)
    built_blob = models.CharField(_("blob on the site"), max_length=64, blank=True, editable=False)
    built_at = models.DateTimeField(_("on the site since"), null=True, editable=False)
    changed_at = models.DateTimeField(_("changed"), editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    author = models.TextField(_("author"), blank=True)
    date = models.DateField(_("date"), null=True, blank=True)
    guest = models.TextField(_("guest"), blank=True)
    layout = models.TextField(_("layout"), blank=True)
    source = models.TextField(_("source"), blank=True)
    speaker = models.TextField(_("speaker"), blank=True)
    tags = TermsField(through=PostTag, verbose_name=_("tags"))
    title = models.TextField(_("title"), blank=True)
    summary = models.TextField(_("summary"), blank=True)
    insight = models.TextField(_("insight"), blank=True)
    draft = models.BooleanField(_("draft"), default=False, editable=False)
    series = models.ForeignKey(Series, verbose_name=_("series"), null=True, blank=True, on_delete=models.PROTECT)
    category = models.ForeignKey(Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.PROTECT)
    area = models.ForeignKey(Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT)
    project = TermsField(through=PostProject, verbose_name=_("projects"))
    people = TermsField(through=PostPerson, verbose_name=_("people"))
    companies_orgs = TermsField(through=PostOrganisation, verbose_name=_("organisations"))
    products_models = TermsField(through=PostProduct, verbose_name=_("products and models"))
    media_books = TermsField(through=PostMediaWork, verbose_name=_("media works and books"))
    status = models.TextField(_("status"), blank=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering: ClassVar = ["-date", "-pk"]
        permissions: ClassVar = [
            ("submit_post", _("Can submit a post for review")),
            ("review_post", _("Can review posts")),
            ("publish_post", _("Can publish posts")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "path"], name="one_post_per_path"),
            models.CheckConstraint(condition=~Q(path=""), name="a_post_has_a_path"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="a_known_state"),
            models.CheckConstraint(
                condition=(Q(git_blob="") & Q(git_path="")) | (~Q(git_blob="") & ~Q(git_path="")),
                name="in_git_with_blob_and_path",
            ),
            models.CheckConstraint(condition=Q(live=False) | ~Q(git_blob=""), name="live_only_in_git"),
            models.CheckConstraint(
                condition=Q(state=State.APPROVED, approved=models.F("present")) | ~Q(state=State.APPROVED),
                name="approved_is_the_present_text",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-date", "-id"], name="post_newest_first"),
            models.Index(fields=["collection", "git_path"], name="post_git_path"),
            models.Index(fields=["collection", "path_key"], name="post_path_key"),
            models.Index(fields=["state", "-date", "-id"], name="post_by_state"),
            models.Index(fields=["collection"], condition=Q(pending=True), name="post_pending"),
            # What changed since it went live is looked for among these few.
            models.Index(fields=["-date", "-id"], condition=MAY_DIFFER, name="post_may_differ"),
            # Nearly all posts are nobody's: the few that are somebody's are found by these.
            models.Index(
                fields=["assignee", "-date", "-id"], condition=Q(assignee__isnull=False), name="post_assigned"
            ),
            models.Index(fields=["reviewer", "review_due"], condition=Q(reviewer__isnull=False), name="post_asked"),
            models.Index(fields=["review_due"], condition=Q(review_due__isnull=False), name="post_review_due"),
            # The state is a column of these, not their condition: SQLite cannot know that a parameter says the same.
            models.Index(fields=["state", "review_by"], condition=Q(review_by__isnull=False), name="post_review_by"),
            models.Index(fields=["present_by", "state"], condition=Q(present_by__isnull=False), name="post_written"),
            models.Index(
                fields=["submitted_by", "state"], condition=Q(submitted_by__isnull=False), name="post_submitted"
            ),
            models.Index(
                fields=["changed_outside_at"], condition=Q(changed_outside_at__isnull=False), name="post_outside"
            ),
            models.Index(fields=["unchecked_since"], condition=Q(unchecked_since__isnull=False), name="post_unchecked"),
            # What nobody has in hand, the newest first.
            models.Index(
                fields=["state", "-created_at", "-id"],
                condition=Q(assignee__isnull=True, ever_live=False),
                name="post_nobodys",
            ),
            # How many there are in each state is counted in this alone.
            models.Index(fields=["collection", "state"], name="post_counted"),
        ]

    def __str__(self) -> str:
        return self.title or self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the path's key in step with the path."""
        self.path_key = path_key(self.path)
        super().save(*args, **kwargs)

    @property
    def body(self) -> str:
        """The body of the present text."""
        return Document.from_text(self.present.text).body if self.present else ""
