"""The checks of a post's present text, kept as rows: made anew with each edit, and caught up with after an import."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection as Many
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from posts import checks, fields
from posts.build_keys import texts_before, usual_values
from posts.checks.findings import mark_of
from posts.checks.hits import Exchange
from posts.checks.places import likenesses, placed, token, without
from posts.checks.site import address_key, sketch_of, source_key, words_key
from posts.document.document import Document
from posts.link_targets import FilesOfHead, PagesOfPosts
from posts.models import (
    CheckedText,
    Collection,
    ComparedPosts,
    Dismissal,
    Finding,
    Mishearing,
    Post,
)
from posts.site_addresses import address_on_site
from posts.term_seeking import keep_suggested
from taxonomy.models import Area, Category, Term
from taxonomy.terms import areas_of_categories

_BATCH = 50
_MOST_OF_A_KIND = 100
"""Of one post are kept; a text with more of them is mended as a whole anyway."""
_SAID_ELSEWHERE = frozenset(fields.FAULTS)
"""What `Problem` says of the same text already."""
_OF_FILES = ("file_missing", "image_missing")
CHECKS_FAILED = "checks_failed"
"""The code of what is found of a text on which the checks themselves came to grief."""
_FAULTS_OF_OURS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
# What a rule that is wrong raises; an error of the database or of git is not the text's, and ends the batch.

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rules:
    """What the checks of one collection look at beside a text: its settings, and the terms that somebody approved."""

    collection: Collection
    categories: frozenset[str] | None
    areas: frozenset[str] | None
    nesting: Mapping[str, tuple[str, frozenset[str]]]
    mishearings: tuple[Exchange, ...]
    stamp: str
    files: FilesOfHead
    pages: PagesOfPosts

    def context(self, post: Post, before: Document | None) -> checks.Context:
        """What is known of `post`; `before` is its text of `texts_before`."""
        told = self.collection
        return checks.Context(
            path=post.path,
            today=timezone.localdate(),
            required=frozenset(told.required_keys.split()),
            categories=self.categories,
            areas=self.areas,
            nesting=self.nesting,
            other_keys=frozenset(line.strip() for line in told.other_keys.splitlines() if line.strip()),
            files=self.files,
            pages=self.pages,
            media=told.media_place,
            site_url=told.site_url,
            post_url=told.post_url,
            before=before,
            usual=frozenset() if before else self.usual,
            mishearings=self.mishearings,
            longest_title=told.longest_title,
            longest_summary=told.longest_summary,
        )

    @cached_property
    def usual(self) -> frozenset[tuple[str, str]]:
        """What posts that are made here may tell the build."""
        return usual_values(self.collection)


def rules_of(collection: Collection) -> Rules:
    """The rules for the posts of `collection` as they are now. Takes four queries, or five."""
    categories, areas, misheard = _approved(Category), _approved(Area), mishearings_of(collection)
    nesting = areas_of_categories()
    told = (
        checks.VERSION,
        sorted(collection.required_keys.split()),
        sorted(collection.other_keys.split()),
        collection.longest_title,
        collection.longest_summary,
        sorted(collection.codes_off),
        collection.post_url,
        collection.site_url,
        collection.media_folder,
        collection.media_url,
        sorted(categories or ()),
        sorted(areas or ()),
        sorted((category, area, sorted(names)) for category, (area, names) in nesting.items()),
        *misheard,
    )
    stamp = blake2b(repr(told).encode(), digest_size=16).hexdigest()
    files, pages = FilesOfHead(collection), PagesOfPosts(collection)
    return Rules(collection, categories, areas, nesting, misheard, stamp, files, pages)


def mishearings_of(collection: Collection) -> tuple[Exchange, ...]:
    """What is looked for in the posts of `collection`; its own meaning of some words comes before that of all."""
    rows = Mishearing.objects.filter(Q(collection=collection) | Q(collection=None), active=True)
    found: dict[str, Exchange] = {}
    for row in rows.order_by("find", F("collection").desc(nulls_last=True)):
        found.setdefault(row.find, row.exchange)
    return tuple(found.values())


def found_in(post: Post, document: Document) -> list[checks.Finding]:
    """What the checks find in `document` as a text of `post`, but for what the collection does not look for."""
    return _found_in(post, document, rules_of(post.collection), texts_before([post], {})[post.pk])


def _found_in(post: Post, document: Document, rules: Rules, before: Document | None) -> list[checks.Finding]:
    off = set(rules.collection.codes_off)
    found = [each for each in checks.check(document, rules.context(post, before)) if each.code not in off]
    return placed(document.text, found)


def check_post(post: Post) -> None:
    """Make the findings of the present text of `post` anew. The caller holds the transaction and the post's lock."""
    if post.present is not None:
        _check([post], rules_of(post.collection))


def keep_checked(post: Post) -> None:
    """Check `post`, a locked row, unless its present text was checked by the rules as they are."""
    rules = rules_of(post.collection)
    known = CheckedText.objects.filter(post=post, revision=post.present_id, path=post.path, stamp=rules.stamp)
    if post.present is not None and not known.exists():
        _check([post], rules)


def catch_up(collection: Collection, limit: int | None = None) -> int:
    """Check the posts of `collection` that were not, or by other rules; gives how many. At most `limit` of them.

    A constant number of queries for each batch. Not for use inside a transaction.
    """
    rules = rules_of(collection)
    done = 0
    while limit is None or done < limit:
        pks = _unchecked(rules, min(_BATCH, (limit or done + _BATCH) - done))
        if not pks:
            break
        _check_batch(pks, rules)
        done += len(pks)
    return done


def left_unchecked(collection: Collection) -> bool:
    """Whether a post of `collection` waits to be checked."""
    return bool(_unchecked(rules_of(collection), 1))


def fixes_for(
    post: Post, code: str, *, only: Finding | None = None, document: Document | None = None
) -> tuple[dict[str, object], str | None]:
    """What to change in the present text of `post` (or in `document`) to mend all findings of `code` that nobody
    dismissed, or `only` one of them: keys with their values, and the body (None: it stays).

    What an edit of `posts.editing` or a bulk step takes. Nothing at all where there is nothing to mend.
    """
    if document is None:
        document = Document.from_text(post.present.text if post.present else "")
    dismissed = [(of, each) for of, rows in _dismissals([post.pk])[post.pk].items() for each in rows]
    found = [each for each in found_in(post, document) if each.code == code and each.fix is not None]
    if only is not None:
        alike = [each for each in found if _mark(each) == (only.code, only.key, only.passage)]
        found = [each for each in alike if each.place == only.place][:1] or alike[:1]
    else:
        found = without(found, [token(mark_of(of[1], of[2]), each.place) for of, each in dismissed if of[0] == code])
    return checks.fixed(document, found)


def _approved(vocabulary: type[Term]) -> frozenset[str] | None:
    """The names and aliases that somebody approved; None if nobody ever approved one, so that nothing is known."""
    approved = Q(alias_of=None, is_new=False) | Q(alias_of__is_new=False)
    return frozenset(vocabulary._default_manager.filter(approved).values_list("key", flat=True)) or None


def _unchecked(rules: Rules, most: int) -> list[int]:
    posts = Post.objects.filter(collection=rules.collection).exclude(present=None)
    as_it_is = CheckedText.objects.filter(
        post=OuterRef("pk"), revision=OuterRef("present"), path=OuterRef("path"), stamp=rules.stamp
    )
    pks = list(posts.filter(~Exists(as_it_is)).values_list("pk", flat=True).order_by()[:most])
    if pks:
        return pks
    # What time or another file in the repository may have made good.
    late = Q(code="date_in_future", post__checked__day__lt=timezone.localdate())
    moved = Q(code__in=_OF_FILES) & ~Q(post__checked__head=rules.collection.head)
    again = Finding.objects.filter(late | moved, post__collection=rules.collection)
    return list(again.values_list("post", flat=True).distinct().order_by()[:most])


@transaction.atomic
def _check_batch(pks: Sequence[int], rules: Rules) -> None:
    # As editors do it, row by row in one order: an edit at the same moment waits, and then checks its own text.
    Post.objects.filter(pk__in=pks).lock_in_order()
    posts = Post.objects.filter(pk__in=pks).select_related("collection", "present", "cleared", "git_text")
    _check(list(posts), rules)


def _check(posts: Sequence[Post], rules: Rules) -> None:
    now = timezone.now()
    surveyed = ComparedPosts.objects.filter(collection=rules.collection).exists()
    before = dict(CheckedText.objects.filter(post__in=posts).values_list("post", "revision"))
    texts, found, fresh = [], {}, set()
    documents = {post.pk: Document.from_text(post.present.text) for post in posts if post.present is not None}
    before_them = texts_before(posts, documents)
    for post in posts:
        if post.present is None:
            continue
        try:
            found[post.pk], text = _looked_at(post, documents[post.pk], rules, before_them[post.pk], now)
        except _FAULTS_OF_OURS:
            # One text must not keep the others waiting, nor be tried again and again: it is said, and left.
            _log.exception(CHECKS_FAILED, post=post.pk, path=post.path)
            del documents[post.pk]
            found[post.pk], text = _not_looked_at(post, rules, now)
        texts.append(text)
        # New is what a new text brought. What a new rule finds in an old one, or the first look at all of them
        # found, was there before.
        if surveyed and before.get(post.pk) != post.present_id:
            fresh.add(post.pk)
    renew(found, among_posts=False, at=now, fresh=fresh)
    keep_suggested(documents)
    told = [each.name for each in CheckedText._meta.concrete_fields if not each.primary_key]
    CheckedText.objects.bulk_create(texts, update_conflicts=True, unique_fields=["post"], update_fields=told)


def _looked_at(
    post: Post, document: Document, rules: Rules, before: Document | None, now: datetime.datetime
) -> tuple[list[checks.Finding], CheckedText]:
    found = list(_kept(_found_in(post, document, rules, before)))
    return found, _checked_text(post, document, rules, now)


def _not_looked_at(post: Post, rules: Rules, now: datetime.datetime) -> tuple[list[checks.Finding], CheckedText]:
    failed = checks.Finding(CHECKS_FAILED, checks.Severity.DOUBT)
    said = [] if CHECKS_FAILED in rules.collection.codes_off else [failed]
    return said, _row_of(post, rules, now)


def _row_of(post: Post, rules: Rules, now: datetime.datetime) -> CheckedText:
    return CheckedText(
        post=post,
        revision=post.present,
        path=post.path,
        stamp=rules.stamp,
        head=rules.collection.head,
        day=timezone.localdate(now),
        at=now,
    )


def _kept(found: Sequence[checks.Finding]) -> Iterator[checks.Finding]:
    counts: Counter[str] = Counter()
    for each in found:
        counts[each.code] += 1
        if each.code not in _SAID_ELSEWHERE and counts[each.code] <= _MOST_OF_A_KIND:
            yield each


def _checked_text(post: Post, document: Document, rules: Rules, now: datetime.datetime) -> CheckedText:
    source, title, summary, date = (
        str(fields.read_one(document, key)) for key in ("source", "title", "summary", "date")
    )
    row = _row_of(post, rules, now)
    row.source = source_key(source)[:500]
    row.title, row.summary = words_key(title), words_key(summary)
    row.address = _address(post, document, fields.day(date))
    row.sketch = sketch_of(document.body)
    return row


def _address(post: Post, document: Document, date: datetime.date | None) -> str:
    """Where the site would have this text: what it says itself, or by the collection's pattern."""
    said = document.values.get("permalink")
    if said is False:
        # Nothing is built of it.
        return ""
    if isinstance(said, str) and said.strip():
        # A template of the site's own is not ours to run.
        return "" if "{" in said else address_key("/" + said.strip().lstrip("/"))
    address = address_on_site("https://site", post.collection.post_url, post.path, date)
    return address_key(address.removeprefix("https://site")) if address else ""


Mark = tuple[str, str, str]


def _mark(finding: checks.Finding | Finding | Dismissal) -> Mark:
    """By what a finding is known again: what is wrong, of which key, in which passage. Its line may move."""
    return finding.code, finding.key, finding.passage


def _dismissals(posts: Many[int]) -> Mapping[int, Mapping[Mark, list[Dismissal]]]:
    known: dict[int, dict[Mark, list[Dismissal]]] = defaultdict(lambda: defaultdict(list))
    for each in Dismissal.objects.filter(post__in=posts).order_by("pk"):
        known[each.post_id][_mark(each)].append(each)
    return known


def _dismissal_of(finding: checks.Finding, known: Sequence[Dismissal]) -> Dismissal | None:
    """The one of `known`, all of its passage, that is of this place, or of wherever the passage stands."""
    return next((each for each in known if each.place in ("", finding.place)), None)


def renew(
    found: Mapping[int, Sequence[checks.Finding]], *, among_posts: bool, at: datetime.datetime, fresh: Many[int]
) -> None:
    """Let the rows of the posts in `found` be what was found; what was found before keeps its row and its time.

    `fresh` are the posts of which what is found now is new at `at`. The caller holds the transaction.
    """
    dismissed = _dismissals(list(found))
    had: dict[int, dict[Mark, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    rows = Finding.objects.filter(post__in=list(found), among_posts=among_posts).select_related("dismissal")
    for row in rows.order_by("line"):
        had[row.post_id][_mark(row)].append(row)
    made: list[Finding] = []
    moved: list[Finding] = []
    followed: list[Dismissal] = []
    for post, findings in found.items():
        for finding, kept in _matched(findings, had[post]):
            if kept is not None:
                if kept.dismissal is not None and kept.dismissal.place and kept.dismissal.place != finding.place:
                    kept.dismissal.place = finding.place
                    followed.append(kept.dismissal)
                if _renewed(kept, finding):
                    moved.append(kept)
                continue
            new = Finding(post_id=post, among_posts=among_posts, found_at=at if post in fresh else None)
            _renewed(new, finding)
            new.dismissal = _dismissal_of(finding, dismissed[post][_mark(finding)]) if post in dismissed else None
            made.append(new)
    gone = [row.pk for rows_left in had.values() for left in rows_left.values() for row in left]
    Finding.objects.filter(pk__in=gone).delete()
    Finding.objects.bulk_update(moved, ["line", "severity", "facts", "has_fix", "place"], batch_size=200)
    Dismissal.objects.bulk_update(followed, ["place"], batch_size=200)
    Finding.objects.bulk_create(made, batch_size=500)


def _matched(
    found: Sequence[checks.Finding], had: Mapping[Mark, list[Finding]]
) -> Iterator[tuple[checks.Finding, Finding | None]]:
    """Each of `found` with the row that was found before, taken out of `had`: by its place, or else in their order."""
    there: dict[int, Finding] = {}
    for likeness in range(3):
        for number, finding in enumerate(found):
            if number in there:
                continue
            rows, known = had[_mark(finding)], likenesses(finding.place)[likeness]
            same = next((row for row in rows if likenesses(row.place)[likeness] == known), None)
            if same is not None:
                rows.remove(same)
                there[number] = same
    for number, finding in enumerate(found):
        left = had[_mark(finding)]
        yield finding, there.get(number) or (left.pop(0) if left else None)


def _renewed(row: Finding, finding: checks.Finding) -> bool:
    """Whether `row` had to be changed to say what `finding` does."""
    told = (finding.line, str(finding.severity), dict(finding.facts), finding.fix is not None, finding.place)
    if row.code and (row.line, row.severity, row.facts, row.has_fix, row.place) == told:
        return False
    row.code, row.key, row.passage = _mark(finding)
    row.line, row.severity, row.facts, row.has_fix, row.place = told
    return True
