"""Any order of edits, steps, pushes and syncs, in two collections: nothing is lost, and nothing leaves unreviewed.

Every edit and every push writes words that were never written before (`shuffles.py`). What became of each word is then
what became of the edit: it stands in the history for good; it goes from a present text only by somebody who had it
before them; and it is in a live file that we committed only if it was approved, or came from outside.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from pytest_django.fixtures import Settings

from posts import editing, reviewing
from posts.braking import BRAKES, let_go_on
from posts.document.document import Document
from posts.document.errors import EditRefused
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.models import Conflict, Event, Outcome, Post, Problem, Revision, Sync
from posts.reviewing import LookRefused, TransitionRefused
from posts.settling import OURS, THEIRS, Choice, Dispute, Written, dispute_of, settle
from posts.workflow import State, Transition
from tests.posts.shuffles import LISTS, broken, change, counted, new_text, pushed, readable, words
from tests.posts.worlds import World, person, save_form

STEPS = int(os.environ.get("SOAK_STEPS", "160"))
IN_SOAK = "SOAK_STEPS" in os.environ
STEPS_IN_A_ROW = 50 if IN_SOAK else 20
PATHS = tuple(f"src/posts/{name}.md" for name in ("a", "b", "c", "d", "新"))
ROLES = {"wen": "Writer", "wu": "Writer", "rui": "Reviewer", "pan": "Publisher", "pei": "Publisher"}
ADDRESSES = (("Somebody", "somebody@example.org"), ("Pan", "pan@example.org"), ("Wen", "wen@example.org"))
MARKERS = re.compile(r"(?m)^(<{7}|={7}|>{7})")
UPSETS = ("delete", "break", "rename", "rewrite", "copy", "link")
RELEASES = (Transition.PUBLISH, Transition.MAKE_EVERGREEN)
COUNTED = {Event: ("transition",), Outcome: ("result",), Conflict: ("kind",)}
SYMLINK, NO_TEXT = 0o120000, b"\xff"
BACK = (Transition.ROLL_BACK, Transition.DISCARD_CHANGES)

numbers = st.integers(0, 95)
which = st.integers(0, 1)
somebody = st.sampled_from(sorted(ROLES))


class Side:
    """One collection with its remote, and what the test itself knows of both."""

    def __init__(self, folder: Path, name: str, **how: object) -> None:
        self.world = World(folder, name, **how)
        self.remote = self.world.remote
        self.commits: list[str] = []
        self.good: dict[str, bytes] = {}
        self.seen_outside: set[str] = set()
        self.by_others: set[str] = set()
        self.released: set[str] = set()
        self.approved: set[str] = set()
        self.author_of: dict[str, str] = {}
        self.present: dict[int, tuple[int, frozenset[str], str]] = {}

    @property
    def collection_pk(self) -> int:
        """The key of the collection."""
        return self.world.collection.pk

    def posts(self) -> list[Post]:
        """The posts as they are now, in order."""
        found = Post.objects.filter(collection=self.collection_pk).order_by("pk")
        return list(found.select_related("collection", "present", "cleared", "git_text"))

    def alive(self) -> list[Post]:
        """Those that are not archived; all of them where there are no others."""
        found = self.posts()
        return [post for post in found if post.state != State.ARCHIVED] or found

    def files(self) -> dict[str, bytes]:
        """The posts' files as the remote has them."""
        if not self.remote.head():
            return {}
        modes = self.remote.modes()
        found = {path: data for path, data in self.remote.files().items() if path.startswith("src/posts/")}
        return {path: data if modes[path] != SYMLINK else NO_TEXT for path, data in found.items()}

    def link(self, path: str, target: str, number: int) -> None:
        """Somebody else puts a symbolic link in the place of a file."""
        self.commits.append(self.remote.commit({path: target}, author=ADDRESSES[number % 3], modes={path: SYMLINK}))

    def push(self, files: dict[str, bytes | str | None], number: int, *, onto: str | None = None) -> None:
        """Somebody else's commit."""
        for content in files.values():
            self.by_others |= words(content or "")
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            if data is not None and readable(data) is not None:
                self.good[path] = data
        self.commits.append(self.remote.commit(files, author=ADDRESSES[number % 3], onto=onto))


class AnyOrder(RuleBasedStateMachine):
    """Two collections, five people, and the others."""

    people: dict[str, User]
    happened: Counter[tuple[str, ...]]
    var_dir: Callable[[Path], None]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="any-order-"))
        type(self).var_dir(self.folder)
        self.rows = transaction.atomic()
        self.rows.__enter__()
        self.word = counted()
        self.sides = (Side(self.folder, "one"), Side(self.folder, "two", push_drafts=False))
        for side in self.sides:
            live = new_text(self.word, draft="false", status="published")
            side.push({PATHS[0]: new_text(self.word), PATHS[1]: live, PATHS[2]: new_text(self.word)}, 0)
            self._sync(side)

    def teardown(self) -> None:
        """Bring everything to rest once more; then nothing of it is left."""
        try:
            for side in self.sides:
                self._rest(side)
                side.remote.check()
            for model, facts in COUNTED.items():
                self.happened.update(model.objects.values_list(*facts))
        finally:
            transaction.set_rollback(True)
            self.rows.__exit__(None, None, None)
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- Editors

    @rule(at=which, post=numbers, who=somebody, kind=numbers, place=numbers, age=st.sampled_from([0, 0, 0, 1, 2, 5]))
    def edit(self, at: int, post: int, who: str, kind: int, place: int, age: int) -> None:
        """Somebody saves a form, sometimes one that was opened before others saved."""
        chosen = _one(self.sides[at].alive(), post)
        if chosen is not None:
            self._edit(self.sides[at], chosen, who, kind, place, age)

    def _edit(self, side: Side, chosen: Post, who: str, kind: int, place: int, age: int) -> None:
        texts = list(Revision.objects.filter(post=chosen, beside=False).order_by("-number")[: age + 1])
        opened = chosen.present if age == 0 else texts[-1]
        was = Document.from_text(opened.text)
        changes, body = change(was, kind, place, self.word)
        try:
            asked = was.replace(changes, body=body)
        except EditRefused:
            return
        new, gone = words(asked.text) - words(was.text), words(was.text) - words(asked.text)
        side.author_of.update(dict.fromkeys(new, who))
        with self._watched(side, lambda _: gone, only=chosen):
            try:
                now, kept = save_form(chosen, changes, body=body, onto=opened, by=self.people[who])
            except EditForbidden as refused:
                assert refused.code == "restore_first"
                return
        assert kept is None or age
        assert new <= words(now.present.text) | words(kept.ours.text if kept else "")

    @rule(at=which, path=st.sampled_from(PATHS), who=somebody, same=st.booleans())
    def create(self, at: int, path: str, who: str, same: bool) -> None:
        """Somebody writes a new post, where perhaps the others have one as well."""
        side = self.sides[at]
        title, body = next(self.word), next(self.word)
        side.author_of |= {title: who, body: who}
        with self._watched(side):
            try:
                post = editing.create(
                    side.world.collection, path, {"title": f"新{title}"}, body=f"新的{body}。\n", by=self.people[who]
                )
            except EvergreenError as refused:
                assert refused.code in ("path_taken", "place_not_left")
                return
        if same:
            side.push({path: post.present.text}, 0)
            # It is ours as much as theirs: what an editor here makes of it later takes nothing from anybody.
            side.seen_outside |= words(post.present.text)

    @rule(at=which, post=numbers, who=somebody, step=st.sampled_from(Transition))
    def take_a_step(self, at: int, post: int, who: str, step: Transition) -> None:
        """Somebody takes a step, or may not."""
        chosen = _one(self.sides[at].posts(), post)
        if chosen is not None:
            self._step(self.sides[at], chosen, who, step)

    @rule(at=which, post=numbers, evergreen=st.booleans())
    def review(self, at: int, post: int, evergreen: bool) -> None:
        """A post goes through the review, as far as it gets."""
        chosen = _one(self.sides[at].alive(), post)
        if chosen is not None:
            self._review(self.sides[at], chosen, Transition.MAKE_EVERGREEN if evergreen else Transition.PUBLISH)

    def _review(self, side: Side, chosen: Post, release: Transition) -> None:
        self._step(side, chosen, "wen", Transition.SUBMIT)
        if not self._step(side, chosen, "pan", Transition.APPROVE):
            self._step(side, chosen, "rui", Transition.APPROVE)
        self._step(side, chosen, "pei", release)

    @rule(at=which, conflict=numbers, who=somebody, choices=st.lists(st.integers(0, 5), min_size=4, max_size=4))
    def settle(self, at: int, conflict: int, who: str, choices: list[int]) -> None:
        """Somebody settles a conflict, or their own form: mine, the other's or something third, part by part."""
        side = self.sides[at]
        unsettled = Conflict.objects.unsettled().filter(post__collection=side.collection_pk).order_by("pk")
        chosen = _one(list(unsettled.select_related("base", "ours", "theirs", "owner")), conflict)
        if chosen is None:
            return
        chosen.post = next(post for post in side.posts() if post.pk == chosen.post_id)
        dispute = dispute_of(chosen)
        asked = zip(dispute.asks, choices * 9, strict=False)
        answers = {name: self._answer(dispute, name, number, who, side) for name, number in asked}
        by = self.people[who] if chosen.owner is None or choices[0] == 0 else chosen.owner
        may_go = self._may_go_by(dispute, answers, side)
        with self._watched(side, lambda _: may_go, only=chosen.post):
            try:
                settle(chosen, answers, pair=dispute.pair, by=by)
            except EditForbidden as refused:
                assert refused.code in ("no_permission", "not_your_form", "written_by_transitions", "restore_first")
            except EditRefused:
                return
            except EvergreenError as refused:
                assert chosen.kind == Conflict.Kind.UNREADABLE, refused.code

    @rule(at=which, post=numbers, who=somebody, to=st.sampled_from(PATHS))
    def move(self, at: int, post: int, who: str, to: str) -> None:
        """Somebody gives a post another place."""
        side = self.sides[at]
        chosen = _one(side.posts(), post)
        if chosen is None:
            return
        with self._watched(side):
            try:
                editing.move(chosen, to, by=self.people[who])
            except EvergreenError as refused:
                assert refused.code in ("path_taken", "place_not_left", "restore_first", "no_permission")

    @rule(at=which, post=numbers, who=somebody, stale=st.booleans())
    def look(self, at: int, post: int, who: str, stale: bool) -> None:
        """Somebody says that they looked at what changed outside, or may not, or saw an earlier text."""
        side = self.sides[at]
        waiting = [each for each in side.posts() if each.changed_outside_at or each.unchecked_since]
        chosen = _one(waiting or side.posts(), post)
        if chosen is None:
            return
        texts = Revision.objects.filter(post=chosen, beside=False).order_by("number" if stale else "-number")
        seen = texts.first()
        with self._watched(side):
            try:
                now = reviewing.mark_looked_at(chosen, by=self.people[who], looked_at=seen)
            except LookRefused as refused:
                assert {each.code for each in refused.refusals} <= {
                    "not_changed_outside",
                    "you_wrote",
                    "no_permission",
                    "text_moved",
                }
                return
        assert waiting and ROLES[who] != "Writer"
        assert seen is not None and seen.pk == chosen.present_id
        assert now.changed_outside_at is None and now.unchecked_since is None

    @rule(at=which, post=numbers, who=somebody, back=numbers)
    def restore(self, at: int, post: int, who: str, back: int) -> None:
        """Somebody brings an earlier text back, which they compared with the present one."""
        side = self.sides[at]
        chosen = _one(side.alive(), post)
        if chosen is None:
            return
        texts = list(Revision.objects.filter(post=chosen).order_by("number"))
        wanted = _one(texts, back)
        with self._watched(side, lambda _: words(chosen.present.text) - words(wanted.text), only=chosen):
            try:
                now, kept = editing.restore_revision(chosen, wanted, by=self.people[who], onto=chosen.present)
            except EditForbidden as refused:
                assert refused.code == "restore_first"
                return
            except EditRefused:
                return
        assert kept is None
        assert words(wanted.text) <= words(now.present.text)
        for key in ("draft", "status"):
            was, is_now = Document.from_text(chosen.present.text), Document.from_text(now.present.text)
            assert was.values.get(key) == is_now.values.get(key), "a restore changes what steps alone may change"

    # --- Others

    @rule(at=which, file=numbers, kind=numbers, place=numbers)
    def push(self, at: int, file: int, kind: int, place: int) -> None:
        """Somebody else changes a file; one that was broken they repair first."""
        side = self.sides[at]
        files = side.files()
        path = _one(sorted(files), file)
        if path is None:
            return
        text = _text(files[path]) or _text(side.good.get(path, b""))
        if text:
            side.push({path: pushed(text, kind, place, self.word)}, place)

    @rule(at=which, file=numbers, to=st.sampled_from(PATHS), how=st.sampled_from(UPSETS), kind=numbers)
    def upset(self, at: int, file: int, to: str, how: str, kind: int) -> None:
        """Somebody else does more to a file than to change it."""
        side = self.sides[at]
        files = side.files()
        path = _one(sorted(files), file)
        if path is None:
            return
        text = _text(files[path])
        if how == "delete":
            side.push({path: None}, kind)
        elif how == "break" and text:
            side.push({path: broken(text, kind, self.word)}, kind)
        elif how == "rename" and path != to:
            kept = files[path] if text is None or kind % 2 else pushed(text, kind, kind, self.word)
            side.push({path: None, to: kept}, kind)
        elif how == "link" and path != to:
            side.link(path, Path(to).name, kind)
        elif how == "rewrite":
            live = kind % 2 == 0
            told = new_text(self.word, draft="false", status="evergreen") if live else new_text(self.word)
            side.push({to: told}, kind)
        elif how == "copy":
            # What they saw here they put into the repository themselves.
            post = next((post for post in side.posts() if post.git_path == path), None)
            if post is not None:
                side.push({path: post.present.text}, kind)

    @rule(
        at=which, post=numbers, who=somebody, kinds=st.tuples(numbers, numbers), place=numbers, reviewed=st.booleans()
    )
    def both(self, at: int, post: int, who: str, kinds: tuple[int, int], place: int, reviewed: bool) -> None:
        """An editor and somebody else change the same post at the same time, perhaps the same part of it."""
        side = self.sides[at]
        chosen = _one([each for each in side.posts() if each.git_path and each.state != State.ARCHIVED], post)
        if chosen is None:
            return
        self._edit(side, chosen, who, kinds[0], place, 0)
        if reviewed:
            self._review(side, chosen, Transition.PUBLISH)
        text = _text(side.files().get(chosen.git_path, b""))
        if text:
            side.push({chosen.git_path: pushed(text, kinds[1], place, self.word)}, place)

    @rule(at=which, back=st.integers(1, 6), place=numbers, on=st.booleans())
    def force(self, at: int, back: int, place: int, on: bool) -> None:
        """Somebody else sets the branch back to an earlier commit, and goes on from there perhaps."""
        side = self.sides[at]
        history = side.remote.log("%H")
        earlier = history[min(back, len(history) - 1)]
        side.remote.force_push(earlier)
        if on:
            self.push(at, place, place, place)

    # --- Syncs

    @rule(at=which)
    def sync(self, at: int) -> None:
        """One sync of one collection."""
        self._sync(self.sides[at])

    @rule(at=which)
    def rest(self, at: int) -> None:
        """Everything is brought to rest, and compared."""
        self._rest(self.sides[at])

    # --- What must hold

    def _step(self, side: Side, post: Post, who: str, step: Transition) -> bool:
        """Take one step; whether it was allowed."""
        wrote = {word for word in words(post.present.text) if side.author_of.get(word) == who} - side.approved
        goes_back = step in BACK
        with self._watched(side, lambda _: words(post.present.text) if goes_back else frozenset(), only=post):
            try:
                after = reviewing.perform(post, step, by=self.people[who], note="改一改")
            except TransitionRefused:
                return False
        told = words(after.present.text)
        if step is Transition.APPROVE:
            assert not wrote, "whoever wrote it approved it"
            side.approved |= told
        if step in RELEASES:
            assert told <= side.approved | side.by_others, "published without an approval"
        if goes_back:
            assert told <= side.released | side.by_others, "a text that was never on the site is brought back"
        if step in RELEASES or goes_back:
            side.released |= told
        return True

    def _answer(self, dispute: Dispute, name: str, number: int, who: str, side: Side) -> Choice:
        if number < 2 or name in ("draft", "status"):
            return (OURS, THEIRS)[number % 2]
        if number < 4 or dispute.conflict.kind == Conflict.Kind.DELETED:
            return OURS if number % 2 else THEIRS if dispute.conflict.kind != Conflict.Kind.UNREADABLE else OURS
        new = next(self.word)
        side.author_of[new] = who if dispute.conflict.owner is None else dispute.conflict.owner.username
        if name == "file":
            return Written(new_text(self.word))
        return Written([new] if name in LISTS else f"第三{new}。")

    def _may_go_by(self, dispute: Dispute, answers: dict[str, Choice], side: Side) -> set[str]:
        """The words that a settlement may take from the present text: of what was not chosen, or taken out there."""
        theirs = words(dispute.theirs.text) if dispute.theirs is not None else frozenset()
        if "file" in answers:
            return set(words(dispute.ours.text)) if answers["file"] != OURS or dispute.conflict.post.removed else set()
        if dispute.conflict.kind == Conflict.Kind.FORM:
            may_go = set(words(dispute.base.text) - words(dispute.ours.text))
        else:
            may_go = side.seen_outside - theirs
        passages = dispute.body.passages if dispute.body is not None else ()
        open_there = {key.field: (key.ours, key.theirs) for key in dispute.keys}
        open_there |= {f"body:{number}": each.sides[1:] for number, each in enumerate(passages)}
        for name, (ours, theirs_there) in open_there.items():
            present = theirs_there if dispute.conflict.kind == Conflict.Kind.FORM else ours
            keeps = answers[name] == (THEIRS if dispute.conflict.kind == Conflict.Kind.FORM else OURS)
            may_go |= set() if keeps else words(str(present))
        return may_go

    def _sync(self, side: Side) -> Sync:
        before = side.remote.head()
        files = side.files()
        outside = words(b"\n".join(files.values()))
        new_outside = outside - side.seen_outside
        side.seen_outside |= outside
        held = self._held(side)
        places = {post.pk: post for post in side.posts()}

        def gone(post: Post) -> frozenset[str] | set[str]:
            was = places[post.pk]
            if was.state == State.ARCHIVED and not was.git_blob and not was.pending:
                return words(was.present.text)  # it gave way to a new delivery
            return side.seen_outside - words(files.get(post.git_path) or files.get(was.git_path, b""))

        with self._watched(side, gone):
            run = side.world.sync()
            if run.error_code in BRAKES:
                let_go_on(run, by=self.people["pan"])
                run = side.world.sync()
        assert run.state in (Sync.State.DONE, Sync.State.PARTLY, Sync.State.NOTHING_NEW), run.error_code
        self._check_commits(side, before)
        now_held = self._held(side)
        for post in side.posts():
            if post.pk in held and post.pk in now_held:
                assert post.present_id == places[post.pk].present_id, "a text changed though it is held"
            theirs = readable(files.get(post.git_path, b""))
            if theirs is not None and post.pk not in now_held and not post.removed:
                assert words(theirs.text) & new_outside <= words(post.present.text), "what was pushed is not here"
        for path, data in files.items():
            if readable(data) is not None and not Problem.objects.filter(path=path, blocks=True).exists():
                found = Revision.objects.filter(post__collection=side.collection_pk, blob=Document.parse(data).blob_id)
                assert found.exists(), f"the text that was pushed to {path} is in no history"
        side.seen_outside |= words(b"\n".join(side.files().values()))
        return run

    def _rest(self, side: Side) -> None:
        self._sync(side)
        run = self._sync(side)
        assert run.state == Sync.State.NOTHING_NEW, side.world.outcomes(run)
        assert side.world.disagreements() == []
        files, held = side.files(), self._held(side)
        blocking = Problem.objects.filter(collection=side.collection_pk, blocks=True)
        problems = set(blocking.values_list("path", flat=True))
        for post in side.posts():
            told = (post.path, post.state, post.live, post.git_path)
            if post.pk in held:
                continue
            assert not post.pending, told
            assert (post.git_path in files) == bool(post.git_blob), told
            if post.git_blob and post.git_path not in problems:
                assert files.pop(post.git_path) == post.git_text.text.encode(), told
                assert post.live is not Document.from_text(post.git_text.text).truthy("draft"), told
            if post.state in (State.PUBLISHED, State.EVERGREEN):
                assert post.live, told
                assert post.present.text == post.git_text.text, told
            elif post.live:
                assert post.state != State.ARCHIVED, told
                assert post.present.text != post.git_text.text, told
            if post.state == State.APPROVED:
                assert post.approved_id == post.present_id, told
        ours = {post.git_path for post in side.posts()}
        assert {path for path in files if path not in ours} <= problems

    @contextmanager
    def _watched(
        self,
        side: Side,
        may_go: Callable[[Post], frozenset[str] | set[str]] = lambda _: frozenset(),
        *,
        only: Post | None = None,
    ) -> Iterator[None]:
        """Around whatever writes: from each present text only the words go that `may_go`, and no other text changes."""
        before = {post.pk: post.present for post in side.posts()}
        other = self.sides[1 - self.sides.index(side)]
        elsewhere = {post.pk: post.present_id for post in other.posts()}
        yield
        for post in side.posts():
            had = before.get(post.pk)
            if had is None or had.pk == post.present_id:
                continue
            assert only is None or only.pk == post.pk, "another post was changed"
            lost = words(had.text) - words(post.present.text) - may_go(post)
            assert not lost, f"{post.path} lost {sorted(lost)}: {had.text}\n-> {post.present.text}"
        assert {post.pk: post.present_id for post in other.posts()} == elsewhere

    def _check_commits(self, side: Side, before: str | None) -> None:
        """What we committed since `before`: on top of it, in a line, and live only with what was approved."""
        head = side.remote.head()
        if head == before or head is None:
            return
        span = f"{before}..{head}" if before else head
        told = side.remote.git("log", "--format=%H %P", span).decode().split("\n")[:-1]
        parents = [line.split(" ")[1:] for line in told]
        assert [each for each in parents if len(each) > 1] == []
        assert parents[-1] == ([before] if before else []), "our commits are not on top of what was there"
        trailers = side.remote.git("log", "--format=%(trailers:key=Post-Revision,valueonly)", span).decode().split()
        assert len(trailers) == len(set(trailers)), "a revision was committed twice"
        allowed = side.by_others | side.released
        for line in told:
            commit = line.split(" ")[0]
            changed = side.remote.git("diff-tree", "-r", "-z", "--no-commit-id", "--name-status", commit).decode()
            names = changed.split("\0")[:-1]
            assert names, "a commit that changes nothing"
            for status, path in zip(names[::2], names[1::2], strict=True):
                if status == "D":
                    continue
                text = side.remote.git("cat-file", "blob", f"{commit}:{path}").decode()
                assert not MARKERS.search(text)
                if not Document.from_text(text).truthy("draft") or not side.world.collection.push_drafts:
                    assert words(text) <= allowed, f"{path} leaves with {sorted(words(text) - allowed)}"

    def _held(self, side: Side) -> set[int]:
        holding = Conflict.objects.holding().filter(post__collection=side.collection_pk)
        return set(holding.values_list("post_id", flat=True))


def _one(found: list, number: int):  # type: ignore[no-untyped-def, type-arg]
    return found[number % len(found)] if found else None


def _text(data: bytes) -> str | None:
    document = readable(data) if data else None
    return document.text if document is not None else None


def test_nothing_is_lost_and_nothing_leaves_unreviewed(db: None, settings: Settings) -> None:
    def move(folder: Path) -> None:
        settings.VAR_DIR = folder

    AnyOrder.people = {name: person(name, role) for name, role in ROLES.items()}
    AnyOrder.happened = Counter()
    AnyOrder.var_dir = staticmethod(move)
    run_state_machine_as_test(AnyOrder, settings=_hypothesis_settings())
    # A walk on which nothing ever met would prove nothing.
    assert {("sent",), ("merged",), ("held",), ("publish",)} <= set(AnyOrder.happened), AnyOrder.happened


def _hypothesis_settings() -> settings:
    return settings(
        max_examples=max(1, STEPS // STEPS_IN_A_ROW),
        stateful_step_count=STEPS_IN_A_ROW,
        # The same few walks each time, or luck alone decides whether anything ever meets; `make soak` does others.
        derandomize=not IN_SOAK,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
