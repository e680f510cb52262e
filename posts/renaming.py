"""The rows of a vocabulary changed as a bulk step of terms says, and put back by its undo; the links follow the texts.

Every old name stays as an alias: files that still have it, and the pipeline's next push, count for the same term.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from posts.errors import EvergreenError
from posts.models import BulkStep, Post
from posts.saving import move_links, reindex
from posts.term_uses import posts_of, with_aliases
from taxonomy.models import VOCABULARIES, Term
from taxonomy.names import normal
from taxonomy.slugs import slug_of

_BATCH = 500


class TermsRefused(EvergreenError):
    """The vocabulary cannot be changed so."""


def settle_rows(step: BulkStep) -> None:
    """Change the vocabulary as `step`, or put it back as the undo that `step` is; what is done already is left alone.

    Called before the texts are written, so that these find the terms as they shall be. Raises `TermsRefused`:
    "term_gone", "name_taken".
    """
    root, forward = _root(step)
    if root.kind != BulkStep.Kind.TERMS:
        return
    with transaction.atomic():
        root = BulkStep.objects.select_for_update(of=("self",)).get(pk=root.pk)
        definition = root.definition
        if forward == bool(definition.get("rows")):
            return
        definition["rows"] = change_rows(definition) if forward else _put_back(definition, root)
        root.save(update_fields=["definition"])


@transaction.atomic
def change_rows(definition: dict[str, Any]) -> dict[str, Any]:
    """Change the vocabulary as `definition` says; gives what is needed to put it back. Raises `TermsRefused`."""
    vocabulary = VOCABULARIES[definition["vocabulary"]]
    told: dict[str, Any] = {"done": True}
    match definition["do"]:
        case "rename":
            return told | _rename(_term(vocabulary, definition["term"]), definition["into"][0])
        case "merge":
            term, into = _term(vocabulary, definition["term"]), _term(vocabulary, definition["target"])
            return told | _merge(term, into)
    return told


def taken_by(term: Term, name: str) -> Term | None:
    """The other term that `name` means already, if there is one; an alias of `term` is its own."""
    same = type(term)._default_manager.exclude(pk=term.pk).filter(key=normal(name)).first()
    return None if same is None or same.alias_of_id == term.pk else same


def _rename(term: Term, name: str) -> dict[str, Any]:
    if taken_by(term, name) is not None:
        raise TermsRefused("name_taken", name=name)
    told = {"name": term.name}
    _swap(term, name)
    return told


def _swap(term: Term, name: str) -> None:
    """Give `term` the `name`, and keep the one that it had as an alias."""
    vocabulary, old = type(term), term.name
    alias = vocabulary._default_manager.filter(alias_of=term.pk, key=normal(name)).first()
    if alias is not None:
        slug = alias.slug
        alias.delete()
    else:
        slug = ""
    term.name, term.is_new = name, False
    term.save()
    if normal(old) != normal(name):
        vocabulary(name=old, slug=slug or _free_slug(vocabulary, old), alias_of_id=term.pk, is_new=False).save()


def _merge(term: Term, into: Term) -> dict[str, Any]:
    if term.pk == into.pk:
        raise TermsRefused("name_taken", name=into.name)
    vocabulary = type(term)
    aliases = list(vocabulary._default_manager.filter(alias_of=term.pk).values_list("pk", flat=True))
    told = {"aliases": aliases}
    vocabulary._default_manager.filter(pk__in=aliases).update(alias_of=into.pk)
    vocabulary._default_manager.filter(pk=term.pk).update(alias_of=into.pk, is_new=False)
    vocabulary._default_manager.filter(pk=into.pk).update(is_new=False)
    move_links(vocabulary, term.pk, into.pk)
    return told


def _put_back(definition: dict[str, Any], root: BulkStep) -> dict[str, Any]:
    vocabulary, rows = VOCABULARIES[definition["vocabulary"]], definition["rows"]
    term = vocabulary._default_manager.filter(pk=definition["term"]).first()
    if term is None:
        return {}
    match definition["do"]:
        case "rename" if term.alias_of_id is None and term.name == definition["into"][0]:
            _swap(term, rows["name"])
        case "merge" if term.alias_of_id is not None:
            into = vocabulary._default_manager.get(pk=term.alias_of_id)
            vocabulary._default_manager.filter(pk__in=rows["aliases"], alias_of=into.pk).update(alias_of=term.pk)
            vocabulary._default_manager.filter(pk=term.pk).update(alias_of=None)
            _reindex(_naming(term, posts_of(into).exclude(present__bulk_step=root.run_id)))
    return {}


def _naming(term: Term, posts: QuerySet[Post]) -> list[int]:
    """Those of `posts` whose text may have a name of `term`; the texts that its own step wrote have none."""
    names = with_aliases(type(term), [term]).values_list("key", flat=True)
    keys, found = list(names), []
    texts = posts.order_by("pk").values_list("pk", "present__text")
    for pk, text in texts.iterator(chunk_size=_BATCH):
        levelled = normal(text or "")
        # An escape in double quotes may spell any sign.
        if "\\" in levelled or any(key in levelled for key in keys):
            found.append(pk)
    return found


def _reindex(pks: list[int]) -> None:
    for start in range(0, len(pks), _BATCH):
        reindex(Post.objects.filter(pk__in=pks[start : start + _BATCH]))


def _root(step: BulkStep) -> tuple[BulkStep, bool]:
    """The step that `step` undoes, or that it does again, and whether it is done by it."""
    forward = True
    while step.undoes is not None:
        step, forward = step.undoes, not forward
    return step, forward


def _term(vocabulary: type[Term], pk: int) -> Term:
    term = vocabulary._default_manager.select_for_update(of=("self",)).filter(pk=pk, alias_of=None).first()
    if term is None:
        raise TermsRefused("term_gone")
    return term


def _free_slug(vocabulary: type[Term], name: str) -> str:
    stem = slug_of(name) or "term"
    slug, number = stem, 1
    while vocabulary._default_manager.filter(slug=slug).exists():
        number += 1
        slug = f"{stem}-{number}"
    return slug
