"""Which posts leave with the next sync: asked by every sync, of which most send nothing.

Nothing here remembers what to send: a post is pending or it is not (DESIGN §2.4, §2.12).
"""

from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, When

from posts.models import Collection, Event, Post
from posts.questions import Given, Question


class Leaving(NamedTuple):
    """A post that leaves: its key, its place in git, and the bulk steps that wrote its cleared and its present text.

    `removed_by_hand` says that somebody removed it after that.
    """

    pk: int
    git_path: str
    removed: bool
    cleared_step: int | None
    present_step: int | None
    removed_by_hand: bool

    @property
    def step(self) -> int | None:
        """The bulk step that it leaves with; a removed file leaves as its present text says."""
        if self.removed_by_hand:
            return None
        return self.present_step if self.removed else self.cleared_step


def _leaving() -> QuerySet[Any, Any]:
    removals = Event.objects.filter(post=OuterRef("pk"), transition="remove", at__gte=OuterRef("present__at"))
    # By no index of the collection: SQLite would go over all of its posts to find the few that wait.
    of_collection = Post.objects.alias(its=F("collection_id") + 0).filter(its=Given("collection", IntegerField()))
    posts = of_collection.outgoing()
    posts = posts.annotate(by_hand=Case(When(removed=True, then=Exists(removals)), default=False))
    told = ("pk", "git_path", "removed", "cleared__bulk_step", "present__bulk_step", "by_hand")
    return posts.order_by("cleared__at", "pk").values_list(*told)


_LEAVING = Question(_leaving)


def what_leaves(collection: Collection) -> list[Leaving]:
    """The posts of `collection` with something to send that nothing holds back, the oldest clearing first."""
    return [Leaving(*row) for row in _LEAVING.ask(collection=collection.pk)]
