"""The list of posts: what it shows of each, from a number of queries that does not depend on how many there are."""

from collections.abc import Iterator
from typing import Any, cast

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import checkbox
from unfold.decorators import display

from posts.admin.post_dates import DateChoices
from posts.admin.post_search import note_passages, query_of
from posts.admin.post_table import PostTable
from posts.admin.post_views import views_for
from posts.admin.post_words import STATE_COLOURS, overdue
from posts.admin.reading import asking, whole_number
from posts.admin.rooms import CountedList
from posts.models import Collection, Comment, Conflict, Finding, Post, Problem
from posts.models.post import MAY_DIFFER
from posts.moments import NEVER
from posts.notifying import called
from posts.workflow import State
from posts.worklists import REVIEW_ORDER, asked_first

SHOWN = (
    "path",
    "title",
    "state",
    "live",
    "pending",
    "removed",
    "date",
    "speaker",
    "area__name",
    "category__name",
    "changed_outside_at",
    "present_id",
    *(f"{who}__{name}" for who in ("assignee", "reviewer") for name in ("first_name", "last_name", "username")),
    "review_due",
)
_SITE_SHOWS = Case(
    # As `situations.text_on_site`: what was published and leaves next, else git's text.
    When(pending=True, removed=False, cleared__says_draft=False, then="cleared__blob"),
    When(live=True, then="git_text__blob"),
    default=Value(""),
    output_field=CharField(),
)

_OPEN_REMARKS = (
    Comment.objects.open().filter(post=OuterRef("pk")).order_by().values("post").annotate(n=Count("pk")).values("n")
)


def with_marks(posts: QuerySet[Post]) -> QuerySet[Post]:
    """`posts` with what the list marks: computed in SQL, no text is loaded for it."""
    return posts.annotate(
        site_blob=_SITE_SHOWS,
        changed_since_live=Case(
            # Most posts are told by this alone, which reads no revision.
            When(~MAY_DIFFER, then=Value(False)),
            default=ExpressionWrapper(~Q(site_blob="") & ~Q(present__blob=F("site_blob")), output_field=BooleanField()),
        ),
        has_conflict=Exists(Conflict.objects.holding().filter(post=OuterRef("pk"))),
        finding_count=_counted(Finding.objects.exclude(severity=Finding.Level.ADVICE)),
        has_problem=Exists(Problem.objects.filter(post=OuterRef("pk"))),
        open_remarks=Coalesce(Subquery(_OPEN_REMARKS), Value(0)),
    )


def _counted(findings: QuerySet[Finding]) -> Coalesce:
    mine = findings.filter(post=OuterRef("pk"), dismissal=None).order_by()
    return Coalesce(Subquery(mine.values("post").annotate(number=Count("pk")).values("number")), 0)


class PostChangeList(CountedList):
    """The list, with its dates to choose from. What is there for practice is shown where its collection is chosen, or
    to whom it is asked of.

    What a reviewer sees of the posts in review is a queue: what is asked of them first, then what is due.
    """

    practice = False

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        reviews = request.user.has_perm("posts.review_post")
        self.is_queue = reviews and request.GET.get("state__exact") == State.IN_REVIEW
        super().__init__(request, *args)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """As Django does; whether the collection that is chosen is there for practice is noted."""
        if told := str(self.params.get("collection__id__exact", "")):
            self.practice = Collection.objects.filter(pk=whole_number(told), practice=True).exists()
        return super().get_queryset(request, exclude_parameters)

    def shows_practice(self) -> bool:
        """Also where posts are asked for by themselves, or those whose review is asked of whoever looks."""
        return "id__in" in self.params or self.params.get("reviewer") == "me" or super().shows_practice()

    def get_results(self, request: HttpRequest) -> None:
        """As Django does; the header then leaves the number to the foot, which knows that it is bounded."""
        super().get_results(request)
        self.full_result_count = self.result_count
        self.views = views_for(asking(request), request.GET)
        if self.query:
            query, rows = query_of(self.query), list(cast(Any, self).result_list)
            self.no_fields, self.lone_minus = query.no_fields, query.lone_minus
            note_passages(rows, query)
            self.result_list = rows

    def url_for_result(self, result: Any) -> str:
        """The post; from the queue of a reviewer its review."""
        if self.is_queue:
            return reverse("admin:posts_post_review", args=[result.pk])
        return super().url_for_result(result)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """As a column was chosen; without one, that of the queue."""
        if self._in_the_queues_order:
            return [asked_first(asking(request)).asc(), *REVIEW_ORDER]
        return super().get_ordering(request, queryset)

    def get_ordering_field_columns(self) -> dict[int, str]:
        """The columns that it is sorted by: the queue has none."""
        return {} if self._in_the_queues_order else super().get_ordering_field_columns()

    @property
    def _in_the_queues_order(self) -> bool:
        return self.is_queue and not self.query and ORDER_VAR not in self.params

    @cached_property
    def table(self) -> PostTable:
        """Headers and rows."""
        return PostTable(self)

    @cached_property
    def dates(self) -> DateChoices:
        """Years, or the months and days of what is chosen."""
        return DateChoices(self)


class PostColumns:
    """The columns of the list, for the admin of posts."""

    @display(description=checkbox.render("action_toggle_all", 1))
    def action_checkbox(self, post: Post) -> SafeString:
        """Unfold's, without three templates for each row."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}"{}>', ACTION_CHECKBOX_NAME, post.pk, flatatt(checkbox.attrs)
        )

    @display(description=gettext_lazy("title"), ordering="title")
    def title_and_path(self, post: Any) -> SafeString:
        """The title, what was searched for and the path; hidden, which text was seen, for a bulk approval."""
        title = post.title or _("(no title)")
        folder, slash, name = post.path.rpartition("/")
        return format_html(
            '<span class="eg-title" title="{}">{}</span>{}'
            '<span class="eg-path" title="{}"><span>{}</span><span>{}</span></span>'
            '<input type="hidden" name="seen-{}" value="{}">',
            title,
            getattr(post, "marked_title", "") or title,
            format_html('<span class="eg-passage">{}</span>', post.passage) if getattr(post, "passage", "") else "",
            post.path,
            folder + slash,
            name,
            post.pk,
            post.present_id or "",
        )

    @display(description=gettext_lazy("state"), ordering="state")
    def state_label(self, post: Post) -> SafeString:
        """The state, in its colour."""
        return _label(STATE_COLOURS.get(post.state, "grey"), post.get_state_display())

    @display(description=gettext_lazy("public"), ordering="live")
    def on_the_site(self, post: Any) -> SafeString | str:
        """Whether the site shows it, and whether the present text is unlike what it shows."""
        return _labels(_site_labels(post))

    @display(description=gettext_lazy("date"), ordering="date")
    def day(self, post: Post) -> str | None:
        """The date as files write it."""
        return post.date.isoformat() if post.date else None

    @display(description=gettext_lazy("assignee"), ordering="assignee__first_name")
    def worked_on_by(self, post: Post) -> SafeString | str:
        """Who works on it; that nobody does is left out where a post is a card."""
        return called(post.assignee) or format_html('<span class="eg-nobody">{}</span>', NEVER)

    @display(description=gettext_lazy("needs a look"))
    def attention(self, post: Any) -> SafeString | str:
        """What is open about the post."""
        return _labels(_attention_labels(post))


def _site_labels(post: Any) -> Iterator[tuple[str, str]]:
    if post.live:
        yield "green", _("live")
    if post.changed_since_live:
        yield "orange", _("changed since live")
    if post.pending:
        yield "blue", _("waits to be sent")
    if post.removed and not post.pending:
        yield "grey", _("removed")


def _attention_labels(post: Any) -> Iterator[tuple[str, str]]:
    if post.has_conflict:
        yield "red", _("conflict")
    if post.has_problem:
        yield "orange", _("problem")
    if post.finding_count:
        told = ngettext("{count} finding", "{count} findings", post.finding_count)
        yield "blue", told.format(count=post.finding_count)
    if post.changed_outside_at:
        yield "violet", _("changed outside")
    if post.open_remarks:
        said = ngettext("%(count)s open remark", "%(count)s open remarks", post.open_remarks)
        yield "blue", said % {"count": post.open_remarks}
    if post.state == State.IN_REVIEW and post.reviewer_id:
        yield "blue", _("asked of %(name)s") % {"name": called(post.reviewer)}
    if post.review_due:
        colour = "red" if overdue(post.review_due, timezone.localdate()) else "grey"
        yield colour, _("by %(day)s") % {"day": post.review_due.isoformat()}


def _label(colour: str, text: object) -> SafeString:
    return format_html('<span class="eg-label eg-{}">{}</span>', colour, text)


def _labels(labels: Iterator[tuple[str, str]]) -> SafeString | str:
    joined = format_html_join("", '<span class="eg-label eg-{}">{}</span>', labels)
    return format_html('<span class="eg-labels">{}</span>', joined) if joined else ""
