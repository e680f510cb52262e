"""The search index: the words of each post's present text, kept by `saving` in its transaction.

SQLite: a table of FTS5 that keeps no text; what was indexed is taken out again by saying it again, which the
revisions, never changed, make possible. PostgreSQL: a GIN index finds the posts that have all the words of a phrase,
wherever; whether these follow one another, the levelled text beside it tells (decision 32).
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from posts import fields
from posts.document.document import Document
from posts.models import Post, Revision, SearchedText
from posts.storing import insert_rows, insert_values, update_rows
from taxonomy.words import joints_in, said_in, words_of, words_said

VERSION = 2
"""Of the words that `taxonomy.words` makes: with another one, everything is indexed anew."""

_MOST_OF_A_VECTOR = 1_000_000
_MOST_OF_A_SIGN = 4
"""In bytes."""

_BATCH = 200
MARKS = {"title": "<", "summary": ">", "body": "", "": ""}
"""On PostgreSQL: what stands before the words of a field in the index, beside all words of the text without a mark."""

TOO_LONG = "~~"
"""On PostgreSQL: a word of those texts whose vector has not all of their words."""

FIELDS_APART = "|"
"""What stands between the fields in the levelled text: title, summary, body."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What of one post is indexed: its key, that of its revision, and the three fields of that text."""

    post: int
    revision: uuid.UUID
    title: str
    summary: str
    body: str

    def says_as(self, other: "Entry") -> bool:
        """Whether the two are of the same words."""
        return (self.title, self.summary, self.body) == (other.title, other.summary, other.body)

    @property
    def words(self) -> tuple[list[str], list[str], list[str]]:
        """The words of title, summary and body."""
        return words_of(self.title), words_of(self.summary), words_of(self.body)


def entry_of(post: int, revision: Revision) -> Entry:
    """What of `revision` is indexed for the post with the key `post`."""
    document = Document.from_text(revision.text)
    title, summary = (str(fields.read_one(document, key)) for key in ("title", "summary"))
    return Entry(post, revision.pk, title, summary, document.body)


def index_texts(entries: Sequence[Entry], *, had: Sequence[int]) -> None:
    """Put `entries` into the index; `had` are the keys of those posts that may be in it already.

    The caller holds the transaction.
    """
    for start in range(0, len(had), _BATCH):
        entries = _take_out(had[start : start + _BATCH], entries)
    if connection.vendor == "postgresql":
        _put_into_postgresql(entries)
    else:
        _put_into_sqlite(entries)


def catch_up(limit: int | None = None) -> int:
    """Index what is not, or was by other rules; gives how many posts. At most `limit` of them."""
    if SearchedText.objects.exclude(version=VERSION).exists():
        forget_all()
    done = 0
    while limit is None or done < limit:
        taken = _catch_up_batch()
        if not taken:
            break
        done += taken
    return done


def left_out() -> int:
    """How many posts the index does not hold as they are."""
    return _stale().count()


@transaction.atomic
def forget_all() -> None:
    """Empty the index."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO posts_words(posts_words) VALUES('delete-all')")
    SearchedText.objects.all().delete()


def _stale() -> QuerySet[Post]:
    fresh = SearchedText.objects.filter(post=OuterRef("pk"), revision=OuterRef("present"))
    return Post.objects.exclude(present=None).filter(~Exists(fresh))


@transaction.atomic
def _catch_up_batch() -> int:
    pks = sorted(_stale().values_list("pk", flat=True)[:_BATCH])
    # As editors do it, row by row in one order: an edit at the same moment waits, and then indexes its own text.
    Post.objects.filter(pk__in=pks).lock_in_order()
    posts = Post.objects.filter(pk__in=pks).select_related("present").only("present__text")
    index_texts([entry_of(post.pk, post.present) for post in posts if post.present is not None], had=pks)
    return len(pks)


def _take_out(posts: Sequence[int], entries: Sequence[Entry]) -> Sequence[Entry]:
    """Take `posts` out of the index, but for those that say what they said; gives what of `entries` is to be put in."""
    rows = list(SearchedText.objects.filter(post__in=posts).select_related("revision").defer("said"))
    old = {row.post_id: entry_of(row.post_id, row.revision) for row in rows}
    same = {each.post: each.revision for each in entries if each.post in old and each.says_as(old[each.post])}
    stay = [row for row in rows if row.post_id in same and row.version == VERSION]
    for row in stay:
        row.revision_id = same[row.post_id]
    update_rows(stay, only=["revision"])
    staying = {row.post_id for row in stay}
    gone = [entry for post, entry in old.items() if post not in staying]
    if connection.vendor == "sqlite" and gone:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO posts_words(posts_words, rowid, title, summary, body) VALUES('delete', %s, %s, %s, %s)",
                [(entry.post, *map(" ".join, entry.words)) for entry in gone],
            )
    SearchedText.objects.filter(post__in=[entry.post for entry in gone]).delete()
    return [entry for entry in entries if entry.post not in staying]


def _put_into_sqlite(entries: Sequence[Entry]) -> None:
    insert_rows([SearchedText(post_id=entry.post, revision_id=entry.revision, version=VERSION) for entry in entries])
    rows = [[entry.post, *map(" ".join, entry.words)] for entry in entries]
    insert_values("posts_words", ["rowid", "title", "summary", "body"], rows)


def _put_into_postgresql(entries: Sequence[Entry]) -> None:
    rows = []
    for entry in entries:
        said = [said_in(text) for text in (entry.title, entry.summary, entry.body)]
        rows.append([entry.post, entry.revision, VERSION, FIELDS_APART.join(said), _vector(said)])
    if not rows:
        return
    insert_values("posts_searchedtext", ["post_id", "revision_id", "version", "said", "words"], rows)
    with connection.cursor() as cursor:
        # New words wait in a list beside the index. As long as that is long, PostgreSQL takes the index for dear, and
        # reads all texts for every search.
        cursor.execute("SELECT gin_clean_pending_list('searched_words')")


def _vector(said: Sequence[str]) -> str:
    """The words of title, summary and body as the literal of a tsvector without places; each once.

    PostgreSQL takes no vector of more than a megabyte. A text with more words has `TOO_LONG` among its first ones:
    whoever searches looks into it.
    """
    title, summary, body = map(words_said, said)
    marked = [*(MARKS["title"] + word for word in title), *(MARKS["summary"] + word for word in summary)]
    words = dict.fromkeys(chain(marked, title, summary, body, *map(joints_in, said)))
    if not words:
        return ""
    vector = _literal(words)
    if len(vector) * _MOST_OF_A_SIGN <= _MOST_OF_A_VECTOR:
        return vector
    room, kept = _MOST_OF_A_VECTOR, []
    for word in words:
        room -= len(word.encode())
        if room < 0:
            kept.append(TOO_LONG)
            break
        kept.append(word)
    return _literal(kept)


def _literal(words: Iterable[str]) -> str:
    return "'" + "' '".join(words) + "'"
