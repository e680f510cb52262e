"""Every state × step × role × (writer, submitter, other) × (live or not, pending or not), at the service itself.

The expectation is DESIGN §3 as `test_workflow` transcribes it; here real rows, people and texts stand behind the facts.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from posts import editing, reviewing
from posts.models import Event, Post
from posts.reviewing import TransitionRefused
from posts.saving import GitText, record
from posts.workflow import Situation, State, Transition
from tests.posts.test_workflow import ROWS, sources
from tests.posts.worlds import World, person, post_text

HOLDS = {
    "Writer": {"change", "submit"},
    "Reviewer": {"change", "submit", "review"},
    "Publisher": {"change", "submit", "review", "publish"},
    "Curator": {"change"},
    "Administrator": set(),
}
PARTS = ("writer", "submitter", "other")


def expected(name: str, role: str, part: str, state: str, *, live: bool, pending: bool) -> bool:
    """Whether DESIGN §3 allows the step, with the collection's setting at "before"."""
    where, _, permission = ROWS[name]
    lower = permission.split(" ")[0]
    own = part == "submitter" and name == "withdraw"
    permitted = lower in HOLDS[role]
    if "(own)" in permission:
        permitted = (permitted and own) or "publish" in HOLDS[role]
    fits = state in sources(name)
    fits = fits and not (where.startswith("live") and not live) and not (where.startswith("never live") and live)
    guarded = {
        "approve": part == "other",
        "roll_back": False,  # nothing was published here before
        "discard_changes": not pending,
        # its one approval is of the text that the approved state has
        "make_evergreen": state in ("approved", "published"),
    }
    return permitted and fits and guarded.get(name, True)


@pytest.fixture
def people(db: None) -> dict[tuple[str, str], User]:
    """One person for each role and part."""
    return {(role, part): person(f"{role}-{part}", role) for role in HOLDS for part in PARTS}


def arranged(world: World, path: str, writer: User, submitter: User, *, live: bool, pending: bool) -> Post:
    """A post from git that `writer` changed and `submitter` submitted."""
    helper = User.objects.get(username="helper")
    post = world.post(path)
    editor = writer if writer.has_perm("posts.change_post") else helper
    post = editing.edit(post, {"title": "改过"}, by=editor)
    if not live and not pending:
        present = post.present
        record(post, {"cleared": present}, git=GitText(present.blob, post.path, True), git_text=present)
    if live and pending:
        record(post, {"path": path.replace(".md", "-moved.md")})
    assert (post.live, post.pending) == (live, pending)
    return record(post, {"submitted_by": submitter})


@pytest.mark.parametrize("role", HOLDS)
def test_the_service_allows_exactly_what_the_design_says(
    world: World, people: dict[tuple[str, str], User], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("helper", "Writer")
    files = {
        f"src/posts/{live}-{pending}.md": post_text(draft="false" if live else "true", status="published")
        for live, pending in itertools.product((False, True), repeat=2)
    }
    world.remote.commit(files)
    world.sync()
    wrong = []
    for live, pending in itertools.product((False, True), repeat=2):
        path = f"src/posts/{live}-{pending}.md"
        post = arranged(world, path, people[role, "writer"], people[role, "submitter"], live=live, pending=pending)
        for state in State:
            approved = post.present if state is State.APPROVED else None
            with transaction.atomic():
                record(post, {"state": state, "approved": approved})
                events = Event.objects.count()
                # Who has no right to write is no writer, and so one of the others.
                parts = PARTS if "change" in HOLDS[role] else PARTS[1:]
                with _facts_gathered_once(monkeypatch):
                    for name in Transition:
                        should = {part: expected(name, role, part, state, live=live, pending=pending) for part in parts}
                        # What nobody of a role may do is tried by one of them.
                        for part in parts if any(should.values()) else parts[-1:]:
                            does = _try(post, name, people[role, part], events)
                            if does is not should[part]:
                                told = "live" * live, "pending" * pending
                                wrong.append((role, part, str(state), str(name), *told, does))
    assert wrong == []


@contextmanager
def _facts_gathered_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is refused or taken back changes no fact: those about one person are gathered for all steps at once."""
    gather, known = reviewing.situation_of, dict[User, Situation]()

    def situation_of(post: Post, by: User, **seen: object) -> Situation:
        if by not in known:
            known[by] = gather(post, by, **seen)
        return known[by]

    with monkeypatch.context() as patch:
        patch.setattr(reviewing, "situation_of", situation_of)
        yield


def _try(post: Post, name: Transition, by: User, events: int) -> bool:
    """Take the step and take it back; whether it was allowed. A refused one must have changed nothing."""
    with transaction.atomic():
        try:
            after = reviewing.perform(post, name, by=by, note="请改第二段")
        except TransitionRefused as refused:
            assert refused.refusals
            assert Event.objects.count() == events
            return False
        assert after.state == Post.objects.get(pk=post.pk).state
        assert Event.objects.count() == events + 1
        transaction.set_rollback(True)
        return True
