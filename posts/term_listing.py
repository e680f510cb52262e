"""Suggested terms added to the lists of many posts, or those never mentioned taken out: as a bulk step."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from posts.bulk_proposing import propose
from posts.models import BulkPost, BulkStep, Post, SuggestedTerm
from posts.renaming import TermsRefused
from posts.term_changes import KEY_OF
from posts.term_seeking import SOUGHT
from posts.term_suggesting import Term, ignore, rows_of_terms
from posts.term_uses import with_aliases
from taxonomy.models import VOCABULARIES

_BATCH = 500


@transaction.atomic
def propose_suggested(posts: QuerySet[Post], terms: Collection[Term], *, listed: bool = False, by: User) -> BulkStep:
    """A step that adds each of `terms` to those of `posts` that mention it and do not list it.

    `listed`: that takes it out of those that list it and never mention it. What somebody ignores is left out.
    Raises `TermsRefused` ("no_term_chosen", "term_gone") and `BulkRefused`.
    """
    chosen = [each for each in dict.fromkeys(terms) if each[0] in SOUGHT]
    if not chosen:
        raise TermsRefused("no_term_chosen")
    wanted = SuggestedTerm.objects.filter(listed=listed, post__in=posts.order_by().values("pk"))
    rows = rows_of_terms(wanted, chosen).order_by("pk")
    mentioning = Post.objects.filter(pk__in=rows.order_by().values("post"))
    step = propose(mentioning, BulkStep.Kind.SUGGESTED, {"terms": _told(chosen), "listed": listed}, by=by)
    places = {term: place for place, term in enumerate(chosen)}
    choices: dict[int, list[int]] = defaultdict(list)
    for post, vocabulary, term in rows.values_list("post", "vocabulary", "term"):
        choices[post].append(places[vocabulary, term])
    of_step = list(BulkPost.objects.filter(step=step).only("pk", "post_id"))
    for row in of_step:
        row.choice = {"terms": choices[row.post_id]}
    BulkPost.objects.bulk_update(of_step, ["choice"], batch_size=_BATCH)
    return step


@transaction.atomic
def ignore_all(terms: Iterable[Term], *, by: User) -> int:
    """Suggest none of `terms` for any post from now on; gives how many they were. Raises as `ignore` does."""
    chosen = [each for each in dict.fromkeys(terms) if each[0] in SOUGHT]
    for vocabulary, term in chosen:
        ignore(None, vocabulary, term, by=by)
    return len(chosen)


def _told(chosen: Iterable[Term]) -> list[dict[str, object]]:
    """The terms as the step's definition has them, by the names that they have now."""
    told = []
    for vocabulary, pk in chosen:
        model = VOCABULARIES[vocabulary]
        term = model._default_manager.filter(pk=pk, alias_of=None).first()
        if term is None:
            raise TermsRefused("term_gone")
        names = list(with_aliases(model, [term]).order_by("pk").values_list("key", flat=True))
        told.append({"key": KEY_OF[vocabulary], "name": term.name, "names": names})
    return told
