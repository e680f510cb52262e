"""What a bulk step does to each of its posts: decided from the texts as they are now, before anything is written.

The preview shows it and the run does it, so both are the same thing (DESIGN §2.11).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.contrib.auth.models import User

from posts import fields
from posts.checks.hits import exchange_of, exchanged
from posts.checks.mends import mended_of
from posts.document.document import Document
from posts.document.errors import MergeRefused
from posts.errors import EvergreenError
from posts.field_changes import CHANGEABLE, changed, changed_since, field_changes, taken_back
from posts.fields import Kind
from posts.merging import document_of, merged
from posts.models import BulkPost, BulkStep, Conflict, Post, Revision
from posts.situations import permissions_of, text_on_site
from posts.term_changes import given_back, listing, retermed, stands_still, term_additions, term_change, unlisting
from posts.workflow import PUBLISH_POST, Situation, State, may_edit

Make = Callable[[Document, Mapping[str, object]], Document]
"""What a step makes of a text; the second is what was chosen for this one text."""

Carry = Callable[[Document, Document, Document], Document]
"""The difference between two texts on a third, which the post has now."""

LEAVING, LEAVING_ON_SITE = "leaving", "leaving_on_site"
"""In the choice of a post: the marks of what is left alone in it, and in the site's text where that is another."""

_TEXTS_OF_A_POST = ("present", "cleared", "git_text", "approved")
_TEXTS_OF_A_ROW = ("base", "live_base", "target", "live_target")


class What(StrEnum):
    """What a step does to a post."""

    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Planned:
    """One post of a step, and what becomes of its present text and of what the site shows (None: nothing is there).

    `gives_back`: it is undone by somebody who may publish, and the site gets exactly what it showed before the step.
    `code` and `facts` say why nothing can be done.
    """

    row: BulkPost
    post: Post
    what: What
    present: Document | None = None
    live: Document | None = None
    gives_back: bool = False
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def needs_release(self) -> bool:
        """Whether it changes a post that the site shows: then somebody must release it first."""
        return self.what is What.CHANGED and self.live is not None and not self.gives_back

    @property
    def writes_present(self) -> bool:
        """Whether the post gets another present text; what leaves of a live post is that, too, where both are one."""
        return self.present == self.live or self.present != document_of(self.post.present)

    @property
    def takes_approval_back(self) -> bool:
        """Whether it makes an approved post a draft again, as any edit would: nobody else has seen the new text."""
        approved = self.what is What.CHANGED and self.post.state == State.APPROVED
        return approved and not self.needs_release and self.writes_present

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """What changes, each as the text before and after: the present text, then the site's where that is another."""
        if self.what is not What.CHANGED or self.present is None:
            return ()
        pairs = [(document_of(self.post.present).text, self.present.text)]
        if self.live is not None:
            pairs.append((document_of(text_on_site(self.post)).text, self.live.text))
        return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


class _Refused(EvergreenError):
    """This post cannot be changed by the step."""


def plan(step: BulkStep, rows: Sequence[BulkPost], *, by: User) -> Iterator[Planned]:
    """What `step`, done by `by`, would do to the posts of `rows`, in their order. Writes nothing.

    The number of queries does not depend on that of `rows`.
    """
    pks = [row.post_id for row in rows]
    posts = Post.objects.select_related("collection", "approved_by", "submitted_by").in_bulk(pks)
    _give_texts({_TEXTS_OF_A_POST: posts.values(), _TEXTS_OF_A_ROW: rows})
    conflicted = set(Conflict.objects.holding().filter(post__in=pks).values_list("post", flat=True))
    permissions, make, carry = permissions_of(by, step.collection_id), _maker(step), _carrier(step)
    may_give_back = step.kind == BulkStep.Kind.UNDO and PUBLISH_POST in permissions
    for row in rows:
        post = posts[row.post_id]
        try:
            decided = _decided(row, post, make, carry, permissions, conflicted=post.pk in conflicted)
            yield replace(decided, gives_back=may_give_back and _is_what_was_there(row, decided.live))
        except EvergreenError as error:
            yield Planned(row, post, What.REFUSED, code=error.code, facts=dict(error.facts))


def rows_of(step: BulkStep) -> "list[BulkPost]":
    """The keys of the rows of `step`, cheaply and in order, for `whole_rows`."""
    return list(BulkPost.objects.filter(step=step).order_by("pk").only("pk", "post_id"))


def whole_rows(rows: Sequence[BulkPost]) -> list[BulkPost]:
    """`rows` with all that is known of them, for `plan`."""
    return list(BulkPost.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def _give_texts(of: Mapping[tuple[str, ...], Iterable[Post | BulkPost]]) -> None:
    """Let rows have the revisions that the fields named beside them point at, each read once.

    Most of them are one and the same text: joined, it would come six times for each post.
    """
    places = [(row, name) for names, rows in of.items() for row in rows for name in names]
    wanted = {getattr(row, f"{name}_id") for row, name in places} - {None}
    found = Revision.objects.select_related("by").in_bulk(wanted)
    for row, name in places:
        pk = getattr(row, f"{name}_id")
        if pk is not None:
            setattr(row, name, found[pk])


def _maker(step: BulkStep) -> Make:
    """What `step` makes of a text. Of a kind whose rows have targets, nothing else."""
    if step.kind == BulkStep.Kind.FIELDS:
        changes = field_changes(step.definition["changes"])
        return lambda document, _choice: changed(document, changes)
    if step.kind == BulkStep.Kind.TERMS:
        terms = term_change(step.definition)
        return lambda document, _choice: retermed(document, terms)
    if step.kind == BulkStep.Kind.MEND:
        code = str(step.definition["code"])
        misheard = tuple(map(exchange_of, step.definition.get("mishearings", ())))
        return lambda document, choice: _with_its_title(
            document, mended_of(document, code, leaving=left_alone(choice), mishearings=misheard)
        )
    if step.kind == BulkStep.Kind.REPLACE:
        exchange = exchange_of(step.definition)
        return lambda document, choice: _with_its_title(
            document, exchanged(document, exchange, leaving=left_alone(choice))
        )
    if step.kind == BulkStep.Kind.SUGGESTED:
        additions = term_additions(step.definition)
        make = unlisting if step.definition.get("listed") else listing
        return lambda document, choice: make(document, (additions[place] for place in _places(choice)))
    return lambda document, _choice: document


def _carrier(step: BulkStep) -> Carry:
    """How what `step` does to a text is done to one that was changed meanwhile: by the one merge.

    A name gives way to another where it stands, and nowhere else: what somebody took out meanwhile stays out.
    """
    root, forward = step.root
    if root.kind == BulkStep.Kind.FIELDS:
        return _carrier_of_fields(root, forward)
    if root.kind != BulkStep.Kind.TERMS:
        return _together
    change = term_change(root.definition)
    if forward:
        return lambda _before, _after, there: retermed(there, change)

    def back(written: Document, found: Document, there: Document) -> Document:
        if change.into and change.into_key == change.key:
            return given_back(written, found, there, change)
        return _together(written, found, there) if stands_still(written, found, there, change) else there

    return back


def _carrier_of_fields(root: BulkStep, forward: bool) -> Carry:
    """Lists are changed as was asked (`field_changes.changed_since`), all other fields by the one merge."""
    changes = field_changes(root.definition["changes"])
    of_values = [change for change in changes if CHANGEABLE[change.key].kind is not Kind.TERMS]
    of_lists = [change for change in changes if CHANGEABLE[change.key].kind is Kind.TERMS]

    def done(before: Document, _after: Document, there: Document) -> Document:
        carried = _together(before, changed(before, of_values), there) if of_values else there
        return changed_since(before, carried, of_lists) if of_lists else carried

    def undone(written: Document, found: Document, there: Document) -> Document:
        return taken_back(written, found, there, _together(written, found, there))

    return done if forward else undone


def _places(choice: Mapping[str, object]) -> list[int]:
    """Which of the step's terms were suggested for this post."""
    places = choice.get("terms")
    return places if isinstance(places, list) else []


def left_alone(choice: Mapping[str, object], *, on_site: bool = False) -> list[str]:
    """The marks of what a person said of this post that it is no fault, or took the tick away from.

    `on_site`: in the site's text, where that is another than the present one.
    """
    leaving = choice.get(LEAVING_ON_SITE, choice.get(LEAVING)) if on_site else choice.get(LEAVING)
    return leaving if isinstance(leaving, list) else []


def _with_its_title(before: Document, after: Document) -> Document:
    if fields.read_one(before, "title") and not str(fields.read_one(after, "title")).strip():
        raise _Refused("title_taken_out")
    return after


def _decided(
    row: BulkPost, post: Post, make: Make, carry: Carry, permissions: frozenset[str], *, conflicted: bool
) -> Planned:
    refusals = may_edit(Situation(state=State(post.state), permissions=permissions))
    if refusals:
        raise _Refused(refusals[0].code, **refusals[0].facts)
    if conflicted:
        raise _Refused("open_conflict")
    on_site = text_on_site(post)
    present = _carried(row, row.base, row.target, post.present, make, carry)
    if on_site is None:
        live = None
    elif post.present is not None and on_site.blob == post.present.blob and _is_of_one_text(row):
        live = present
    elif row.live_base is None:
        live = _carried(row, row.base, row.target, on_site, make, carry)
    else:
        live = _carried(row, row.live_base, row.live_target, on_site, make, carry, live=True)
    same = present == document_of(post.present) and (live is None or live == document_of(on_site))
    return Planned(row, post, What.SAME if same else What.CHANGED, present, live)


def _is_what_was_there(row: BulkPost, live: Document | None) -> bool:
    """Whether `live` is to the byte what the site showed before the step that is undone."""
    return live is not None and row.live_target is not None and live.text == row.live_target.text


def _is_of_one_text(row: BulkPost) -> bool:
    """Whether the difference of the live text is that of the present one: two texts may also have become one since."""
    return row.live_base_id is None or (row.live_base_id, row.live_target_id) == (row.base_id, row.target_id)


def _carried(
    row: BulkPost,
    base: Revision,
    target: Revision | None,
    now: Revision | None,
    make: Make,
    carry: Carry,
    *,
    live: bool = False,
) -> Document:
    """The step's difference from `base`, on the text that the post has `now`."""
    before, there = document_of(base), document_of(now)
    choice = {**row.choice, LEAVING: left_alone(row.choice, on_site=True)} if live else row.choice
    after = document_of(target) if target is not None else make(before, choice)
    if after == before:
        return there
    if now is None or now.blob != base.blob:
        after = carry(before, after, there)
    for key in fields.WRITTEN_BY_TRANSITIONS:
        if after.values.get(key) != there.values.get(key):
            raise _Refused("written_by_transitions", keys=[key])
    if after.truthy("draft") != there.truthy("draft"):
        raise _Refused("written_by_transitions", keys=["draft"])
    return after


def _together(before: Document, after: Document, there: Document) -> Document:
    try:
        together = merged(before, after, there)
    except MergeRefused as refused:
        raise _Refused("bulk_clash") from refused
    if together.conflicts:
        raise _Refused("bulk_clash", keys=[conflict.field for conflict in together.conflicts])
    return together.document
