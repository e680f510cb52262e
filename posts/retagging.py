"""Terms renamed, merged, moved, split, deleted and approved as bulk steps over all their posts, looked at first.

Of a term that no post has the row alone is changed: that is looked at first, and undone, in the same way.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from posts import fields
from posts.access import may_enter, within
from posts.bulk_proposing import BULK, BulkRefused, propose
from posts.models import BulkStep, Collection, Post
from posts.renaming import TermsRefused, change_rows, follow_move, take_what_went, taken_by
from posts.term_changes import KEY_OF, takes_a_list
from posts.term_reach import changed_out_of_reach, out_of_reach
from posts.term_uses import collections_of, posts_of
from taxonomy.models import VOCABULARIES, Term
from taxonomy.names import has_hidden_signs, normal
from taxonomy.terms import moved_names, remember_apart


def propose_rename(term: Term, name: str, *, by: User, collection: Collection | None = None) -> BulkStep | None:
    """Write `name` wherever a file has a name of `term`, which is called so from then on; its names stay as aliases.

    With the name that it has already, only the files are changed: those that use another name for it. Of several
    collections the step is of the one with most posts, or of `collection`. None if there is no collection yet: then it
    is done. Raises `TermsRefused` ("term_name_missing", "name_too_long", "name_taken") and `BulkRefused`.
    """
    name = _checked(name)
    if taken_by(term, name) is not None:
        raise TermsRefused("name_taken", name=name)
    moved = moved_names().get((term._meta.model_name or "", normal(name)))
    if moved is not None:
        raise TermsRefused("name_moved", name=name)
    return _propose(term, {"do": "rename", "into": [name]}, collection, by)


def propose_merge(term: Term, into: Term, *, by: User, collection: Collection | None = None) -> BulkStep | None:
    """Write the name of `into` wherever a file has a name of `term`, which becomes an alias with all its own.

    None if there is no collection yet: then it is done. Raises `TermsRefused` ("same_term", "term_gone") and
    `BulkRefused`.
    """
    if type(term) is not type(into) or term.pk == into.pk:
        raise TermsRefused("same_term")
    if into.alias_of_id is not None:
        raise TermsRefused("term_gone")
    return _propose(term, {"do": "merge", "into": [into.name], "target": into.pk}, collection, by)


def keep_apart(one: Term, other: Term, *, by: User) -> None:
    """Remember that the two, of one vocabulary, are not the same, so that they are not proposed as duplicates again.

    Raises `BulkRefused`: "no_permission", and "term_elsewhere" as a merge does, of which this is the other answer.
    """
    vocabulary = one._meta.model_name or ""
    _require(vocabulary, by)
    for name in out_of_reach(type(one), [one.pk, other.pk], by).values():
        raise BulkRefused("term_elsewhere", name=name)
    remember_apart(one, other, by=by)


def propose_split(
    term: Term, names: Sequence[str], *, by: User, collection: Collection | None = None
) -> BulkStep | None:
    """Write `names` in the place of `term` in each list; single posts are left out in the preview.

    None if there is no collection yet: then it is done. Raises `TermsRefused`
    ("term_name_missing", "name_too_long", "not_in_a_list") and `BulkRefused`.
    """
    if not takes_a_list(KEY_OF[term._meta.model_name or ""]):
        raise TermsRefused("not_in_a_list")
    into = list({normal(name): name for name in map(_checked, names)}.values())
    if len(into) < 2:
        raise TermsRefused("term_name_missing")
    return _propose(term, {"do": "split", "into": into}, collection, by)


def propose_move(
    term: Term, vocabulary: type[Term], *, by: User, collection: Collection | None = None
) -> BulkStep | None:
    """Take every name of `term` out of its key, and add its name to the key of `vocabulary`.

    From then on its names count for the term there, whatever key a file has them under. None if there is no collection
    yet: then it is done. Raises `TermsRefused` ("same_term", "not_in_a_list") and `BulkRefused`.
    """
    if vocabulary is type(term):
        raise TermsRefused("same_term")
    name = vocabulary._meta.model_name or ""
    if not takes_a_list(KEY_OF[name]):
        raise TermsRefused("not_in_a_list")
    asked = {"do": "move", "into": [term.name], "into_key": KEY_OF[name], "into_vocabulary": name}
    return _propose(term, asked, collection, by)


def propose_delete(term: Term, *, by: User, collection: Collection | None = None) -> BulkStep | None:
    """Take every name of `term` out of all its posts; once no post has it, it goes with its aliases.

    None if there is no collection yet: then it is done. Raises `TermsRefused` ("term_gone") and `BulkRefused`.
    """
    if not by.has_perm(f"taxonomy.delete_{term._meta.model_name}"):
        raise BulkRefused("no_permission", permission=f"delete_{term._meta.model_name}")
    return _propose(term, {"do": "delete", "into": []}, collection, by)


@transaction.atomic
def propose_approval(terms: QuerySet[Term], *, by: User) -> BulkStep | None:
    """Mark `terms` of one vocabulary, those that are new, as looked at. No file changes.

    None if there is no collection yet: then it is done. Raises `TermsRefused` ("nothing_new") and `BulkRefused`.
    """
    _require(terms.model._meta.model_name or "", by)
    new = terms.filter(is_new=True)
    if not new.exists():
        raise TermsRefused("nothing_new")
    definition = _of_many(new, "approve")
    _require_reach(definition, by)
    return _without_posts(definition, by)


@transaction.atomic
def propose_delete_unused(terms: QuerySet[Term], *, by: User) -> BulkStep | None:
    """Take `terms` of one vocabulary, which no post has, out of it with their aliases. No file changes.

    One that a post has after all stays. None if there is no collection yet: then it is done. Raises `TermsRefused`
    ("term_gone") and `BulkRefused`.
    """
    vocabulary = terms.model._meta.model_name
    _require(vocabulary or "", by)
    if not by.has_perm(f"taxonomy.delete_{vocabulary}"):
        raise BulkRefused("no_permission", permission=f"delete_{vocabulary}")
    if not terms.exists():
        raise TermsRefused("term_gone")
    return _without_posts(_of_many(terms, "delete"), by)


def _of_many(terms: QuerySet[Term], do: str) -> dict[str, Any]:
    vocabulary = terms.model._meta.model_name or ""
    pks, names = zip(*terms.order_by("pk").values_list("pk", "name"), strict=True)
    told = {"do": do, "vocabulary": vocabulary, "key": KEY_OF[vocabulary], "name": names[0], "terms": list(pks)}
    return {**told, "names": [], "into": []}


@transaction.atomic
def _propose(term: Term, asked: dict[str, Any], collection: Collection | None, by: User) -> BulkStep | None:
    vocabulary = term._meta.model_name or ""
    _require(vocabulary, by)
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
    _require_reach(definition, by)
    used = collections_of(term)
    if not used:
        return _without_posts(definition, by)
    own = [pk for pk in used if may_enter(by, pk)]
    if not own:
        raise BulkRefused("no_permission", permission="bulk_post")
    chosen = collection.pk if collection is not None else own[0]
    return propose(posts_of(term).filter(collection=chosen), BulkStep.Kind.TERMS, definition, by=by)


def _without_posts(definition: dict[str, Any], by: User) -> BulkStep | None:
    """A step that changes a vocabulary alone, in the first collection that `by` may enter; if there is none, done."""
    room = within(by, Collection.objects.order_by("pk"), "pk").first()
    if room is not None:
        return propose(Post.objects.none(), BulkStep.Kind.TERMS, definition, by=by, else_in=room)
    if not by.has_perm(BULK):
        raise BulkRefused("no_permission", permission="bulk_post")
    change_rows(definition)
    follow_move(definition)
    take_what_went(definition)
    return None


def _require(vocabulary: str, by: User) -> None:
    if not by.has_perm(f"taxonomy.change_{vocabulary}"):
        raise BulkRefused("no_permission", permission=f"change_{vocabulary}")


def _require_reach(definition: dict[str, Any], by: User) -> None:
    name = changed_out_of_reach(definition, by)
    if name:
        raise BulkRefused("term_elsewhere", name=name)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not normal(name):
        raise TermsRefused("term_name_missing")
    if has_hidden_signs(name):
        raise TermsRefused("hidden_signs")
    if fields.is_too_long(name):
        raise TermsRefused("name_too_long", limit=fields.LONGEST_TERM)
    return name


def vocabularies_to_move_to(term: Term) -> list[type[Term]]:
    """The vocabularies that a post may have several terms of, other than that of `term`."""
    return [each for name, each in VOCABULARIES.items() if takes_a_list(KEY_OF[name]) and not isinstance(term, each)]
