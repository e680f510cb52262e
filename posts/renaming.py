"""The rows of a vocabulary changed as a bulk step of terms says, and put back by its undo; the links follow the texts.

Every old name stays as an alias: files that still have it, and the pipeline's next push, count for the same term.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from posts import term_moving, term_removing
from posts.bulk_succession import vocabulary_follows
from posts.errors import EvergreenError
from posts.models import BulkStep, Post
from posts.saving import move_links, reindex
from posts.term_uses import posts_of, with_aliases
from taxonomy.models import VOCABULARIES, Area, Category, Term
from taxonomy.names import normal
from taxonomy.terms import free_slug, hand_over_apart, named

_BATCH = 500


class TermsRefused(EvergreenError):
    """The vocabulary cannot be changed so."""


def must_settle(step: BulkStep) -> bool:
    """Whether the vocabulary has to be changed, or put back, before `step` writes its first text."""
    return step.root[0].kind == BulkStep.Kind.TERMS and not vocabulary_follows(step)


def settle_rows(step: BulkStep) -> None:
    """Change the vocabulary as `step`, or put it back as the undo that `step` is; what is done already is left alone.

    Called before the first text is written, so that the texts find the terms as they shall be, and not earlier: what
    nobody released changes no name. Raises `TermsRefused`: "term_gone", "name_taken".
    """
    root, forward = step.root
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
def finish_rows(step: BulkStep) -> None:
    """Take away what no post has any more after `step`, or its undo, has changed the last of its texts."""
    root, forward = step.root
    if root.kind != BulkStep.Kind.TERMS:
        return
    root = BulkStep.objects.select_for_update(of=("self",)).get(pk=root.pk)
    if forward:
        take_what_went(root.definition)
        return
    for name, pks in root.definition.pop("made", {}).items():
        term_removing.take_away(VOCABULARIES[name], pks)
    root.save(update_fields=["definition"])


def follow_rows(step: BulkStep) -> None:
    """After `settle_rows`: let the posts of a moved term follow it, part by part. Not for use in a transaction."""
    root, forward = step.root
    if root.kind == BulkStep.Kind.TERMS and forward and root.definition.get("rows"):
        follow_move(root.definition)


def follow_move(definition: dict[str, Any]) -> None:
    """Let the posts of the term follow that was moved as `definition` says; nothing where none was."""
    if definition["do"] == "move":
        term = VOCABULARIES[definition["vocabulary"]]._default_manager.filter(pk=definition["term"]).first()
        if term is not None:
            term_moving.follow(term)


def take_what_went(definition: dict[str, Any]) -> None:
    """Take the terms away that were deleted as `definition` says, once no post has them any more."""
    if definition["do"] == "delete":
        term_removing.take_away(VOCABULARIES[definition["vocabulary"]], _deleted(definition))


@transaction.atomic
def change_rows(definition: dict[str, Any]) -> dict[str, Any]:
    """Change the vocabulary as `definition` says; gives what is needed to put it back. Raises `TermsRefused`.

    The terms that were made for it are kept in the definition itself, until its undo has taken them away again.
    """
    vocabulary = VOCABULARIES[definition["vocabulary"]]
    terms = definition.get("terms") or [definition[each] for each in ("term", "target") if each in definition]
    news = vocabulary._default_manager.filter(pk__in=terms, is_new=True)
    told: dict[str, Any] = {"done": True, "new": list(news.order_by("pk").values_list("pk", flat=True))}
    if definition["do"] == "approve":
        news.update(is_new=False)
        return told
    if definition["do"] == "delete":
        doomed = [_term(vocabulary, pk).pk for pk in _deleted(definition)]
        return told | {"kept": term_removing.kept(vocabulary, doomed)}
    term = _term(vocabulary, definition["term"])
    match definition["do"]:
        case "rename":
            return told | _rename(term, definition["into"][0])
        case "merge":
            return told | _merge(term, _term(vocabulary, definition["target"]))
        case "split":
            definition["made"] = {definition["vocabulary"]: term_moving.make(vocabulary, definition["into"])}
        case "move":
            told["kept"] = term_removing.kept(vocabulary, [term.pk])
            into = VOCABULARIES[definition["into_vocabulary"]]
            definition["made"] = {definition["into_vocabulary"]: term_moving.move(term, into)}
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
        hand_over_apart(alias, term)
        alias.delete()
    else:
        slug = ""
    term.name, term.is_new = name, False
    term.save()
    if normal(old) != normal(name):
        vocabulary(name=old, slug=slug or free_slug(vocabulary, old), alias_of_id=term.pk, is_new=False).save()


def _merge(term: Term, into: Term) -> dict[str, Any]:
    if term.pk == into.pk:
        raise TermsRefused("name_taken", name=into.name)
    vocabulary = type(term)
    aliases = list(vocabulary._default_manager.filter(alias_of=term.pk).values_list("pk", flat=True))
    told = {"aliases": aliases, "categories": _nest_elsewhere(term, into)}
    vocabulary._default_manager.filter(pk__in=aliases).update(alias_of=into.pk)
    vocabulary._default_manager.filter(pk=term.pk).update(alias_of=into.pk, is_new=False)
    vocabulary._default_manager.filter(pk=into.pk).update(is_new=False)
    move_links(vocabulary, term.pk, into.pk)
    return told


def _nest_elsewhere(term: Term, into: Term, among: list[int] | None = None) -> list[int]:
    """Let the categories that are part of the area `term` be part of `into`; gives their keys."""
    if not isinstance(term, Area):
        return []
    nested = Category._default_manager.filter(area=term.pk)
    nested = nested if among is None else nested.filter(pk__in=among)
    pks = list(nested.order_by("pk").values_list("pk", flat=True))
    Category._default_manager.filter(pk__in=pks).update(area=into.pk)
    return pks


def _put_back(definition: dict[str, Any], root: BulkStep) -> dict[str, Any]:
    vocabulary, rows = VOCABULARIES[definition["vocabulary"]], definition["rows"]
    if "kept" in rows:
        term_removing.bring_back(vocabulary, rows["kept"])
    term = vocabulary._default_manager.filter(pk=definition.get("term")).first()
    match definition["do"]:
        case "rename" if term and term.alias_of_id is None and term.name == definition["into"][0]:
            _swap(term, rows["name"])
        case "merge" if term and term.alias_of_id is not None:
            into = vocabulary._default_manager.get(pk=term.alias_of_id)
            vocabulary._default_manager.filter(pk__in=rows["aliases"], alias_of=into.pk).update(alias_of=term.pk)
            vocabulary._default_manager.filter(pk=term.pk).update(alias_of=None)
            _nest_elsewhere(into, term, rows.get("categories", []))
            _reindex(_naming(term, posts_of(into).exclude(present__bulk_step=root.run_id)))
        case "move" if term:
            term_moving.forget_move(term)
            target = named(VOCABULARIES[definition["into_vocabulary"]], term.name)
            if target is not None:
                _reindex(_naming(term, posts_of(target).exclude(present__bulk_step=root.run_id)))
    vocabulary._default_manager.filter(pk__in=rows.get("new", [])).update(is_new=True)
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


def _deleted(definition: dict[str, Any]) -> list[int]:
    """The keys of the terms that a step deletes: one with its posts, or many that no post has."""
    return definition.get("terms") or [definition["term"]]


def _term(vocabulary: type[Term], pk: int) -> Term:
    term = vocabulary._default_manager.select_for_update(of=("self",)).filter(pk=pk, alias_of=None).first()
    if term is None:
        raise TermsRefused("term_gone")
    return term
