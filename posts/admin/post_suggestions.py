"""What the edit form suggests at its fields: terms that the text mentions and does not list, and the reverse."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from posts.admin.reading import asking
from posts.errors import EvergreenError
from posts.models import Post
from posts.term_changes import KEY_OF
from posts.term_seeking import Unmentioned
from posts.term_suggesting import ignore, not_for_all, suggestions
from posts.wording import worded_error
from taxonomy.mentions import Mention
from taxonomy.models import VOCABULARIES

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """A term to add, with the words of its buttons; `never` is "" for who may not say so."""

    mention: Mention
    add: str
    not_here: str
    never: str


@dataclass(slots=True)
class AtField:
    """What is suggested at one field: what to add, the first of it shown at once, and what is never mentioned."""

    missing: list[Missing] = field(default_factory=list)
    unmentioned: list[Unmentioned] = field(default_factory=list)

    @property
    def first(self) -> list[Missing]:
        """What is shown at once."""
        return self.missing[:_SHOWN]

    @property
    def more(self) -> list[Missing]:
        """What is folded away."""
        return self.missing[_SHOWN:]


class PostSuggestions(ModelAdmin):
    """A part of the form."""

    @method_decorator(require_POST)
    def suggestions_view(self, request: HttpRequest, post_id: int) -> HttpResponse:
        """Remember what is not to be suggested, here or anywhere."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        post = get_object_or_404(Post, pk=post_id)
        vocabulary, term = request.POST.get("vocabulary", ""), request.POST.get("term", "")
        if vocabulary not in VOCABULARIES or not (term.isascii() and term.isdecimal() and len(term) < 19):
            raise Http404(vocabulary)
        always = request.POST.get("where") == "always"
        try:
            ignore(None if always else post, vocabulary, int(term), by=asking(request))
        except EvergreenError as refused:
            return HttpResponse(worded_error(refused), status=403, content_type="text/plain; charset=utf-8")
        return HttpResponse(status=200)


def suggested_at_fields(post: Post, reader: User) -> dict[str, AtField]:
    """What the form of `post` suggests to `reader`, by the key of the field."""
    found: dict[str, AtField] = defaultdict(AtField)
    suggested = suggestions(post)
    here_alone = not_for_all(reader, {(each.vocabulary, each.pk) for each in suggested.missing})
    # Looked up once: a long text mentions dozens of terms.
    words = gettext("Add “%(name)s”"), gettext("“%(name)s”: not here"), gettext("“%(name)s”: never suggest")
    for each in suggested.missing:
        add, not_here, always = (told % {"name": each.term} for told in words)
        missing = Missing(each, add, not_here, "" if (each.vocabulary, each.pk) in here_alone else always)
        found[KEY_OF[each.vocabulary]].missing.append(missing)
    for never in suggested.unmentioned:
        found[KEY_OF[never.vocabulary]].unmentioned.append(never)
    return dict(found)
