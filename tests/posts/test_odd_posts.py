"""Files as odd as anybody may push: none stops a sync or the checks of the others, and every page of each opens."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from posts.cross_checking import check_what_came
from posts.fields import KEY_ORDER
from posts.models import CheckedText, Post, Problem, Sync
from tests.posts.worlds import World, person

VALUES = (
    *(
        "",
        "~",
        "''",
        "0",
        "-5",
        "1.5",
        "1e400",
        ".nan",
        ".inf",
        "true",
        "no",
        "[]",
        "{}",
        "[[]]",
        "=",
        "<<",
        "'%s %(x)s {x}'",
    ),
    *(
        "[{a: b}, ~, 3, true, 1.5, '']",
        "{a: [b, {c: d}]}",
        "!!binary aGVsbG8=",
        "!!set {a, b}",
        "!tag x",
        "'a|b,c;d\"e'",
    ),
    *("0001-01-01", "0001-01-01T00:00:00Z", "9999-06-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "99999-01-01"),
    *("0000-01-01", "2026-02-30", "2026-02-13T10:00:00Z", "10:20:30", "0x1F", "017", "1_000", "9" * 25),
    *("'[]'", '\'["a", "b"]\'', '"a\\u0000b"', '"\\ud83d"', '"\\U0001F600"', "'<script>alert(1)</script>'"),
    *("|\n  a\n  b", ">-\n  a\n\n  b", "\n  - a\n  -\n  - b # c\n  - {x: y}", "\n  a: 1\n  b: 2"),
    *(
        "长" * 3000,
        f"[{', '.join(f'n{number}' for number in range(500))}]",
        "'{{ 7*7 }} {% raw %}'",
        "'../../etc/passwd'",
    ),
)
BODIES = (
    *("", "\n", "\f", "---\n", "```\n", "<!--", "<details>", "{{ x }}", "\u202e反", "\ufeff", "a\rb\r", "#" * 50),
    *("[" * 500, "> " * 300 + "a", "*" * 2000, "|" * 500 + "\n" + "|-" * 300, "- " * 500, "![](" * 200, "<a " * 500),
)
KEYS = (
    *(
        '"a\\0b"',
        "1",
        "~",
        '""',
        "? [a, b]\n",
        "? {a: b}\n",
        "2026-02-13",
        "true",
        "!!binary aGVsbG8=",
        "k" * 3000,
        "'<b>'",
    ),
    *("'{{ x }}'", "Titel", "TITLE", '"permalink"', '"\\u202etitle"', "'a: b'", "- a", "__proto__", "constructor"),
)
PAGES = ("change", "review", "history", "findings", "file", "lines")


def odd_files() -> Iterator[tuple[str, str]]:
    """So many files that each key has each of the values once, of drafts and of what is on the site; and odd bodies."""
    for number in range(len(VALUES)):
        keys = {key: VALUES[(number + place) % len(VALUES)] for place, key in enumerate(KEY_ORDER)}
        keys["draft"] = ("true", "false", keys["draft"])[number % 3]
        written = "".join(f"{key}: {value}\n" for key, value in keys.items())
        yield f"src/posts/odd-{number:02}.md", f"---\n{written}---\n正文 {number}\n"
        status = f"title: 题 {number}\ndate: {VALUES[number]}\ndraft: false\nstatus: evergreen\n"
        yield f"src/posts/day-{number:02}.md", f"---\n{status}---\n正文。\n"
    for number, key in enumerate(KEYS):
        yield f"src/posts/key-{number:02}.md", f"---\ntitle: 题 {number}\n{key}: 1\ndraft: true\n---\n正文。\n"
    for number, body in enumerate(BODIES):
        yield f"src/posts/body-{number:02}.md", f"---\ntitle: 题\ndraft: true\n---\n{body}"


@pytest.fixture
def odd(world: World) -> World:
    """All of them in a remote, synced and checked."""
    world.remote.commit(dict(odd_files()))
    assert world.sync().state in (Sync.State.DONE, Sync.State.PARTLY)
    while check_what_came(1000):
        pass
    return world


def test_each_comes_in_and_is_checked_or_is_named_as_a_problem(odd: World) -> None:
    came = set(Post.objects.exclude(present=None).values_list("path", flat=True))
    named = set(Problem.objects.values_list("path", flat=True))
    assert set(dict(odd_files())) == came | named
    assert CheckedText.objects.count() == len(came)
    assert odd.sync().state == Sync.State.NOTHING_NEW


def test_every_page_of_each_opens(odd: World, client: Client) -> None:
    client.force_login(person("pan", "Publisher"))
    for post in Post.objects.order_by("path"):
        for page in PAGES:
            asked = {"as": "rendered"} if page == "review" else {}
            answer = client.get(reverse(f"admin:posts_post_{page}", args=[post.pk]), asked)
            assert answer.status_code == 200, (post.path, page)
    for page in ("index", "posts_post_changelist", "posts_finding_changelist", "posts_problem_changelist"):
        assert client.get(reverse(f"admin:{page}")).status_code == 200
