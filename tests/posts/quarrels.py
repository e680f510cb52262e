"""Every kind of conflict, each brought about as it comes about: an editor here, a push there, a sync."""

from collections.abc import Callable, Mapping
from pathlib import Path

from django.contrib.auth.models import User

from posts import editing, reviewing
from posts.document import Document
from posts.models import Conflict, Post
from tests.posts.worlds import World, save_form

SAMPLE = (Path(__file__).parent.parent / "samples" / "2026-02-13-market-selloff.md").read_text("utf-8")
PATH = "src/posts/2026/2026-02-13-market-selloff.md"
PIPELINE = ("翻译管道", "pipeline@example.org")

OURS = {
    "全球经济与地缘政治的多维透视\n": "全球经济的三条主线\n",
    "category: investment-assets\n": "category: markets\n",
    "欢迎回到": "欢迎各位回到",
}
THEIRS = {
    "全球经济与地缘政治的多维透视\n": "地缘政治的新棋局\n",
    "category: investment-assets\n": "category: investments\n",
    "欢迎回到": "欢迎大家再次回到",
}


def with_changes(text: str, changes: Mapping[str, str]) -> str:
    """`text` with each of `changes` made once; one that finds nothing fails."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def saved(world: World, by: User, changes: Mapping[str, str]) -> Post:
    """The post after somebody saved these changes of its text here."""
    post = world.post(PATH)
    was = Document.from_text(post.present.text)
    now = Document.from_text(with_changes(post.present.text, changes))
    keys = {key: value for key, value in now.values.items() if value != was.values.get(key)}
    return editing.edit(post, keys, body=now.body, by=by)


def pushed(world: World, changes: Mapping[str, str]) -> None:
    """Somebody else's push of these changes of the file as the remote has it."""
    world.remote.push(PATH, with_changes(world.text_in_git(PATH), changes), author=PIPELINE)


def text(world: World, by: User, ours: Mapping[str, str] = OURS, theirs: Mapping[str, str] = THEIRS) -> Conflict:
    """Both changed the same parts of the text."""
    world.remote.push(PATH, SAMPLE, author=PIPELINE)
    world.sync("done")
    saved(world, by, ours)
    pushed(world, theirs)
    world.sync("partly")
    return _open()


def deleted(world: World, by: User) -> Conflict:
    """Deleted there, changed here."""
    world.remote.push(PATH, SAMPLE, author=PIPELINE)
    world.sync("done")
    saved(world, by, OURS)
    world.remote.delete(PATH, author=PIPELINE)
    world.sync()
    return _open()


def removed_here(world: World, by: User) -> Conflict:
    """Removed here by `by`, who must be allowed to, and changed there."""
    world.remote.push(PATH, SAMPLE, author=PIPELINE)
    world.sync("done")
    reviewing.perform(world.post(PATH), "archive", by=by)
    world.sync("done")
    reviewing.perform(world.post(PATH), "remove", by=by)
    pushed(world, {"欢迎回到": "欢迎大家再次回到"})
    world.sync()
    return _open()


def unreadable(world: World, by: User) -> Conflict:
    """Changed there into something that is no post any more."""
    world.remote.push(PATH, SAMPLE, author=PIPELINE)
    world.sync("done")
    saved(world, by, OURS)
    pushed(world, {"guest: ''\n": "guest: 'O'Neill'\n"})
    world.sync()
    return _open()


def unmergeable(world: World, by: User) -> Conflict:
    """Both changed a front matter that stands in braces."""
    braces = "---\n{title: 一行, summary: 之前, draft: true}\n---\n正文。\n"
    world.remote.push(PATH, braces, author=PIPELINE)
    world.sync("done")
    saved(world, by, {"summary: 之前": "summary: 这里"})
    pushed(world, {"summary: 之前": "summary: 那里"})
    world.sync()
    return _open()


def created_twice(world: World, by: User) -> Conflict:
    """Made here and there at the same place."""
    world.remote.push("src/posts/other.md", SAMPLE, author=PIPELINE)
    world.sync("done")
    editing.create(
        world.collection,
        PATH,
        {"title": "这里写的", "tags": ["ai", "markets"]},
        body="第一段。\n\n这里的第二段。\n",
        by=by,
    )
    there = "---\ntitle: 那里写的\ntags:\n  - ai\ndraft: true\n---\n第一段。\n\n那里的第二段，长一些。\n"
    world.remote.push(PATH, there, author=PIPELINE)
    world.sync()
    return _open()


def form(world: World, by: User, other: User) -> Conflict:
    """What `by` typed onto a text that `other` had changed meanwhile."""
    world.remote.push(PATH, SAMPLE, author=PIPELINE)
    world.sync("done")
    post = world.post(PATH)
    opened = post.present
    saved(world, other, THEIRS)
    typed = Document.from_text(with_changes(SAMPLE, OURS))
    changes = {"title": typed.values["title"], "category": typed.values["category"]}
    _post, kept = save_form(world.post(PATH), changes, body=typed.body, onto=opened, by=by)
    assert kept is not None
    return kept


def _open() -> Conflict:
    return Conflict.objects.holding().get()


KINDS: Mapping[str, Callable[[World, User], Conflict]] = {
    "text": text,
    "deleted": deleted,
    "removed_here": removed_here,
    "unreadable": unreadable,
    "unmergeable": unmergeable,
    "created_twice": created_twice,
}
