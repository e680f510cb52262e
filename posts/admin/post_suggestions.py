"""What the edit form suggests: known terms that the text mentions and the post does not list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin

from posts.admin.bulk_words import label_of
from posts.admin.reading import asking
from posts.models import Post
from posts.term_suggesting import ignore, suggestions
from taxonomy.models import VOCABULARIES


class PostSuggestions(ModelAdmin):
    """A part of the form, fetched by its script once the form is there."""

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def suggestions_view(self, request: HttpRequest, post_id: int) -> HttpResponse:
        """GET shows what the saved text mentions; POST remembers what is not to be suggested, here or anywhere."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        post = get_object_or_404(Post.objects.select_related("present"), pk=post_id)
        if request.method == "POST":
            self._ignore(request, post)
            return HttpResponse(status=200)
        found = suggestions(post)
        context: dict[str, Any] = {
            "post": post,
            "missing": [(key, label_of(key), mention) for key, mention in found.missing],
            "unmentioned": [(label_of(key), name) for key, name in found.unmentioned],
            "may_always": _may_always(request),
        }
        return TemplateResponse(request, "admin/posts/post/suggested.html", context)

    def _ignore(self, request: HttpRequest, post: Post) -> None:
        vocabulary, term = request.POST.get("vocabulary", ""), request.POST.get("term", "")
        if vocabulary not in VOCABULARIES or not (term.isascii() and term.isdecimal() and len(term) < 19):
            raise Http404(vocabulary)
        always = request.POST.get("where") == "always"
        if always and not _may_always(request):
            raise PermissionDenied
        ignore(None if always else post, vocabulary, int(term), by=asking(request))


def _may_always(request: HttpRequest) -> bool:
    """Whoever may change the vocabularies says what is suggested nowhere."""
    return request.user.has_perm("taxonomy.change_organisation")
