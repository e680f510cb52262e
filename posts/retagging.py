"""Terms renamed, merged, moved and split as bulk steps over all posts that have them, looked at first.

Of a term that no post has the row alone is changed, at once.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from posts import fields
from posts.access import may_enter
from posts.bulk import BulkRefused, propose
from posts.models import BulkStep, Collection
from posts.renaming import TermsRefused, change_rows, taken_by
from posts.term_changes import KEY_OF, takes_a_list
from posts.term_uses import collections_of, posts_of
from taxonomy.models import VOCABULARIES, Term
from taxonomy.names import normal


def propose_rename(term: Term, name: str, *, by: User, collection: Collection | None = None) -> BulkStep | None:
    """Write `name` wherever a file has a name of `term`, which is called so from then on; its names stay as aliases.

    With the name that it has already, only the files are changed: those that use another name for it. None if no
    post has the term: then it is done. Of several collections the step is of the one with most posts, or of
    `collection`. Raises `TermsRefused` ("term_name_missing", "name_too_long", "name_taken") and `BulkRefused`.
    """
    name = _checked(name)
    if taken_by(term, name) is not None:
        raise TermsRefused("name_taken", name=name)
    return _propose(term, {"do": "rename", "into": [name]}, collection, by)


def propose_merge(term: Term, into: Term, *, by: User, collection: Collection | None = None) -> BulkStep | None:
    """Write the name of `into` wherever a file has a name of `term`, which becomes an alias with all its own.

    None if no post has the term: then it is done. Raises `TermsRefused` ("same_term", "term_gone") and `BulkRefused`.
    """
    if type(term) is not type(into) or term.pk == into.pk:
        raise TermsRefused("same_term")
    if into.alias_of_id is not None:
        raise TermsRefused("term_gone")
    return _propose(term, {"do": "merge", "into": [into.name], "target": into.pk}, collection, by)


def propose_split(term: Term, names: Sequence[str], *, by: User, collection: Collection | None = None) -> BulkStep:
    """Write `names` in the place of `term` in each list; single posts are left out in the preview.

    Raises `TermsRefused` ("term_name_missing", "name_too_long", "not_in_a_list") and `BulkRefused`.
    """
    if not takes_a_list(KEY_OF[term._meta.model_name or ""]):
        raise TermsRefused("not_in_a_list")
    into = list({normal(name): name for name in map(_checked, names)}.values())
    if len(into) < 2:
        raise TermsRefused("term_name_missing")
    step = _propose(term, {"do": "split", "into": into}, collection, by)
    if step is None:
        raise BulkRefused("no_post_chosen")
    return step


def propose_move(term: Term, vocabulary: type[Term], *, by: User, collection: Collection | None = None) -> BulkStep:
    """Take every name of `term` out of its key, and add its name to the key of `vocabulary`.

    Raises `TermsRefused` ("same_term", "not_in_a_list") and `BulkRefused`.
    """
    if vocabulary is type(term):
        raise TermsRefused("same_term")
    name = vocabulary._meta.model_name or ""
    if not takes_a_list(KEY_OF[name]):
        raise TermsRefused("not_in_a_list")
    step = _propose(
        term, {"do": "move", "into": [term.name], "into_key": KEY_OF[name], "into_vocabulary": name}, collection, by
    )
    if step is None:
        raise BulkRefused("no_post_chosen")
    return step


@transaction.atomic
def _propose(term: Term, asked: dict[str, Any], collection: Collection | None, by: User) -> BulkStep | None:
    vocabulary = term._meta.model_name or ""
    if not by.has_perm(f"taxonomy.change_{vocabulary}"):
        raise BulkRefused("no_permission", permission=f"change_{vocabulary}")
    if not type(term)._default_manager.filter(pk=term.pk, alias_of=None).exists():
        raise TermsRefused("term_gone")
    definition = {
        **asked,
        "vocabulary": vocabulary,
        "key": KEY_OF[vocabulary],
        "term": term.pk,
        "name": term.name,
        "names": [term.key, *term.aliases.order_by("pk").values_list("key", flat=True)],
    }
    used = collections_of(term)
    if not used and asked["do"] in ("rename", "merge"):
        change_rows(definition)
        return None
    if not used:
        return None
    own = [pk for pk in used if may_enter(by, pk)]
    if not own:
        raise BulkRefused("no_permission", permission="bulk_post")
    chosen = collection.pk if collection is not None else own[0]
    return propose(posts_of(term).filter(collection=chosen), BulkStep.Kind.TERMS, definition, by=by)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not normal(name) or "\0" in name:
        raise TermsRefused("term_name_missing")
    if fields.is_too_long(name):
        raise TermsRefused("name_too_long", limit=fields.LONGEST_TERM)
    return name


def vocabularies_to_move_to(term: Term) -> list[type[Term]]:
    """The vocabularies that a post may have several terms of, other than that of `term`."""
    return [each for name, each in VOCABULARIES.items() if takes_a_list(KEY_OF[name]) and not isinstance(term, each)]
