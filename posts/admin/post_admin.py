"""Posts in the admin: the list, the form, the review and the history, put together."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from posts.admin.calendar import PostCalendar
from posts.admin.images import replacement_urls
from posts.admin.paging import BoundedPaginator, page_asked_for
from posts.admin.post_assigning import PostAssigning
from posts.admin.post_bulk import PostBulk
from posts.admin.post_columns import (
    SHOWN,
    PostChangeList,
    PostColumns,
    with_marks,
)
from posts.admin.post_comments import PostComments
from posts.admin.post_editing import PostEditing
from posts.admin.post_filters import (
    ChangedOutside,
    ChangedSinceLive,
    HasConflict,
    HasFinding,
    HasFindingOf,
    HasOrganisation,
    HasProblem,
    HasSummary,
    Live,
    Pending,
    Suggested,
    TermFilter,
    Untouched,
)
from posts.admin.post_findings import PostFindings
from posts.admin.post_history import PostHistory
from posts.admin.post_lineage import PostLineage
from posts.admin.post_mending import PostMending
from posts.admin.post_people import Assignee, Due, Mine, Reviewer
from posts.admin.post_places import PostPlaces
from posts.admin.post_replacing import PostReplacing
from posts.admin.post_review import PostReview
from posts.admin.post_review_dates import PostReviewDates
from posts.admin.post_schedules import PostSchedules
from posts.admin.post_search import PostSearch
from posts.admin.post_step_of_many import PostActions
from posts.admin.post_suggested import PostSuggested
from posts.admin.post_suggestions import PostSuggestions
from posts.admin.post_typing import PostTyping
from posts.admin.post_views import PostViews
from posts.admin.reports import PostReports
from posts.admin.rooms import CollectionFilter, OwnRooms
from posts.models import Post
from taxonomy.models import VOCABULARIES
from taxonomy.terms import in_order, search

_SUGGESTIONS = 20


@admin.register(Post)
class PostAdmin(
    OwnRooms,
    PostSearch,
    PostColumns,
    PostActions,
    PostAssigning,
    PostSchedules,
    PostBulk,
    PostSuggested,
    PostSuggestions,
    PostViews,
    PostEditing,
    PostTyping,
    PostHistory,
    PostPlaces,
    PostReview,
    PostLineage,
    PostReviewDates,
    PostCalendar,
    PostReports,
    PostComments,
    PostFindings,
    PostMending,
    PostReplacing,
):
    """The desk. What may be done, and how, is decided in `posts.editing` and `posts.reviewing`."""

    list_display = (
        "title_and_path",
        "state_label",
        "on_the_site",
        "attention",
        "worked_on_by",
        "day",
        "area",
        "category",
        "speaker",
    )
    list_display_links = ("title_and_path",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        Live,
        ChangedSinceLive,
        Pending,
        ("collection", CollectionFilter),
        ("area", TermFilter),
        ("category", TermFilter),
        HasProblem,
        HasFinding,
        HasFindingOf,
        Suggested,
        HasConflict,
        ChangedOutside,
        Mine,
        Assignee,
        Reviewer,
        Due,
        Untouched,
        HasSummary,
        HasOrganisation,
    )
    list_filter_submit = True
    list_per_page = 50
    list_fullwidth = True
    # Django shows the box only if there are some; what is searched is the index.
    search_fields = ("title",)
    search_help_text = _("Words, “a phrase”, -without, org:TSMC, state:draft, before:2026-02")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    date_hierarchy = "date"
    ordering = ("-date", "-pk")
    actions = (
        "change_fields",
        "replace_in_posts",
        "mend_posts",
        "add_suggested",
        "remove_unmentioned",
        "assign_posts",
        "submit_posts",
        "approve_posts",
        "publish_posts",
        "confirm_posts",
        "unpublish_posts",
        "archive_posts",
    )
    empty_value_display = "–"
    change_list_template = "admin/posts/post/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """The pages of a post beside Django's own, which end in one that takes any path."""
        wrap = self.admin_site.admin_view
        ours: list[Any] = [
            path("suggest/<slug:vocabulary>/", wrap(self.suggest_view), name="posts_post_suggest"),
            path("mend/", wrap(self.mend_many_view), name="posts_post_mend_many"),
            path("suggested/", wrap(self.suggested_view), name="posts_post_suggested"),
            path("unmentioned/", wrap(self.unmentioned_view), name="posts_post_unmentioned"),
            path("replace/", wrap(self.replace_view), name="posts_post_replace"),
            path("fields/", wrap(self.fields_view), name="posts_post_fields"),
            path("views/save/", wrap(self.save_view_view), name="posts_post_save_view"),
            path("views/<int:pk>/forget/", wrap(self.forget_view_view), name="posts_post_forget_view"),
            path("many/<int:pk>/", wrap(self.many_view), name="posts_post_many"),
            path("many/<int:pk>/<slug:verb>/", wrap(self.many_do_view), name="posts_post_many_do"),
            path("find/", wrap(self.find_view), name="posts_post_find"),
            path("<int:post_id>/step/<slug:transition>/", wrap(self.step_view), name="posts_post_step"),
            path("calendar/", wrap(self.calendar_view), name="posts_post_calendar"),
            path("reports/", wrap(self.reports_view), name="posts_post_reports"),
            path("calendar/move/", wrap(self.calendar_move_view), name="posts_post_calendar_move"),
            path("<int:post_id>/review-by/", wrap(self.review_by_view), name="posts_post_review_by"),
            path("<int:post_id>/review-due/", wrap(self.review_due_view), name="posts_post_review_due"),
            path("<int:post_id>/schedule/", wrap(self.schedule_view), name="posts_post_schedule"),
            path("<int:post_id>/path/", wrap(self.move_view), name="posts_post_move"),
            path("<int:post_id>/assign/", wrap(self.assign_view), name="posts_post_assign"),
            path("<int:post_id>/working-copy/", wrap(self.copy_view), name="posts_post_copy"),
            path("<int:post_id>/working-copy/drop/", wrap(self.drop_copy_view), name="posts_post_drop_copy"),
            path("<int:post_id>/working-copy/left/", wrap(self.left_view), name="posts_post_left"),
            path("<int:post_id>/working-copy/bring-in/", wrap(self.bring_in_view), name="posts_post_bring_in"),
            path("new/working-copy/", wrap(self.new_copy_view), name="posts_post_new_copy"),
            path("new/working-copy/drop/", wrap(self.drop_new_copy_view), name="posts_post_drop_new_copy"),
            path("new/path/", wrap(self.path_view), name="posts_post_new_path"),
            path("new/front-matter/", wrap(self.new_front_matter_view), name="posts_post_new_front_matter"),
            path("new/changes/", wrap(self.new_changes_view), name="posts_post_new_changes"),
            path("<int:post_id>/look/", wrap(self.look_view), name="posts_post_look"),
            path("<int:post_id>/difference/", wrap(self.difference_view), name="posts_post_difference"),
            path("<int:post_id>/findings/", wrap(self.findings_view), name="posts_post_findings"),
            path("<int:post_id>/mend/<slug:code>/", wrap(self.mend_view), name="posts_post_mend"),
            path("<int:post_id>/findings/<int:number>/dismiss/", wrap(self.dismiss_view), name="posts_post_dismiss"),
            path("<int:post_id>/findings/<int:number>/recall/", wrap(self.recall_view), name="posts_post_recall"),
            path("<int:post_id>/file/", wrap(self.file_view), name="posts_post_file"),
            path("<int:post_id>/revision/<int:number>/file/", wrap(self.revision_view), name="posts_post_revision"),
            path("<int:post_id>/revision/<int:number>/restore/", wrap(self.restore_view), name="posts_post_restore"),
            path("<int:post_id>/front-matter/", wrap(self.front_matter_view), name="posts_post_front_matter"),
            path("<int:post_id>/changes/", wrap(self.changes_view), name="posts_post_changes"),
        ]
        ours.append(path("<int:post_id>/review/", wrap(self.review_view), name="posts_post_review"))
        ours.append(path("<int:post_id>/lines/", wrap(self.lines_view), name="posts_post_lines"))
        ours.append(path("<int:post_id>/suggestions/", wrap(self.suggestions_view), name="posts_post_suggestions"))
        ours.append(path("<int:post_id>/comments/", wrap(self.comments_view), name="posts_post_comments"))
        ours.append(path("<int:post_id>/comments/people/", wrap(self.people_view), name="posts_post_people"))
        remark = "<int:post_id>/comments/<int:number>/<slug:verb>/"
        ours.append(path(remark, wrap(self.remark_view), name="posts_post_remark"))
        ours.append(path("<int:post_id>/links/", wrap(self.make_link_view), name="posts_post_make_link"))
        withdraw = "<int:post_id>/links/<int:number>/withdraw/"
        ours.append(path(withdraw, wrap(self.withdraw_link_view), name="posts_post_withdraw_link"))
        ours.append(path("commit/", wrap(self.commit_view), name="posts_post_commit"))
        return [*ours, *replacement_urls(wrap), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """Posts are discarded, archived or removed by steps of the review; Django's deletion is off."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        """What the list shows; no text, and no long field."""
        posts = with_marks(super().get_queryset(request).select_related("area", "category", "assignee", "reviewer"))
        return posts.only(*SHOWN)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PostChangeList]:
        """Ours, with its dates."""
        return PostChangeList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> Paginator:
        """One that does not count every row."""
        return BoundedPaginator(queryset, per_page, orphans, allow_empty_first_page, page=page_asked_for(request))

    def suggest_view(self, request: Any, vocabulary: str) -> HttpResponse:
        """Names of a vocabulary that contain what was typed, for select2."""
        model = VOCABULARIES.get(vocabulary)
        if model is None:
            raise Http404(vocabulary)
        if not request.user.has_perm(f"taxonomy.view_{vocabulary}"):
            raise PermissionDenied
        told = request.GET.get("page", "1")
        start = _SUGGESTIONS * ((int(told) if told.isascii() and told.isdecimal() and len(told) < 5 else 1) - 1)
        typed = request.GET.get("q", "")[:255]
        terms = search(model, typed) if typed.strip() else model.objects.filter(alias_of=None)
        names = list(in_order(model, terms).values_list("name", flat=True)[max(start, 0) :][: _SUGGESTIONS + 1])
        return JsonResponse(
            {
                "results": [{"id": name, "text": name} for name in names[:_SUGGESTIONS]],
                "pagination": {"more": len(names) > _SUGGESTIONS},
            }
        )
