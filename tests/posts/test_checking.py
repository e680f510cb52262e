"""Findings as rows: made with each edit and after an import, kept, dismissed, mended, and in the way of a review."""

import datetime
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts import checks, editing, mending
from posts.bulk_planning import plan, rows_of, whole_rows
from posts.bulk_proposing import propose_mending
from posts.checking import catch_up, fixes_for, left_unchecked
from posts.checks import links
from posts.checks.bodies import Body
from posts.checks.site import Row, address_key, compare, likeness, sketch_of, source_key, words_key
from posts.cross_checking import check_what_came, compare_posts, keep_posts_checked
from posts.editing import EditForbidden
from posts.errors import EvergreenError
from posts.heartbeats import keep_turn, take_turn
from posts.mending import dismiss, mend, recall_dismissal
from posts.models import CheckedText, Collection, Event, Finding, Heartbeat, Post
from posts.reviewing import TransitionRefused, approve_and_publish, perform
from posts.term_seeking import known_names
from taxonomy.models import Category
from tests.posts.worlds import World, person, post_text

LONG = "这是一段足够长的正文，谁也不会觉得它太短。" * 6
PATH = "src/posts/a.md"
WRONG = f"她说**真，**她走了。{LONG}\n\n见 https://example.org 。\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def writer(db: None) -> User:
    return person("wen", "Writer")


@pytest.fixture
def publisher(db: None) -> User:
    return person("ping", "Publisher")


def imported(world: World, **files: str) -> Post:
    """The post of the first file, imported and checked."""
    world.remote.commit({f"src/posts/{name}.md": text for name, text in files.items()})
    world.sync("done")
    checked(world)
    return world.post(f"src/posts/{next(iter(files))}.md")


def checked(world: World) -> int:
    """Check what waits in the collection of `world`."""
    return catch_up(Collection.objects.get(pk=world.collection.pk))


def codes(post: Post) -> list[str]:
    """What is found of `post` and not dismissed."""
    return sorted(Finding.objects.open().filter(post=post).values_list("code", flat=True))


def one(post: Post, code: str) -> Finding:
    """The one finding of this kind."""
    return Finding.objects.select_related("post").get(post=post, code=code)


# --- Kept up to date


@pytest.mark.django_db
def test_an_import_leaves_the_checks_to_later_and_catching_up_makes_them_once(world: World) -> None:
    world.remote.commit({PATH: post_text(body=WRONG)})
    world.sync("done")
    assert not Finding.objects.exists()
    assert checked(world) == 1
    assert codes(world.post(PATH)) == ["bare_address", "literal_asterisks"]
    assert checked(world) == 0
    assert not left_unchecked(world.collection)


@pytest.mark.django_db
def test_dates_at_the_edge_of_the_calendar_stop_no_check(world: World, writer: User) -> None:
    text = post_text(body=WRONG)
    files = {f"src/posts/2026/{day}.md": text.replace("2026-02-13", day) for day in ("0001-01-01", "9999-12-31")}
    world.remote.commit({**files, PATH: text})
    world.sync("done")
    while check_what_came(10):
        pass
    for path in (PATH, *files):
        assert "literal_asterisks" in codes(world.post(path)) and "checks_failed" not in codes(world.post(path))
    for path in files:
        editing.edit(world.post(path), {"title": "另一个"}, by=writer)


@pytest.mark.django_db
def test_a_text_on_which_the_checks_fail_is_said_and_left_and_the_others_are_checked(
    world: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = links.bare_addresses

    def failing(body: Body) -> Iterator[checks.Finding]:
        if "毒" in body.text:
            raise OverflowError
        return rule(body)

    monkeypatch.setattr(links, "bare_addresses", failing)
    bad = imported(world, bad=post_text(body=f"毒{WRONG}"), a=post_text(body=WRONG))
    good = world.post(PATH)
    assert codes(bad) == ["checks_failed"] and codes(good) == ["bare_address", "literal_asterisks"]
    assert checked(world) == 0 and not left_unchecked(world.collection)
    keep_posts_checked(10)
    # Nor does an edit fail, and once the text is another one it is looked at again.
    editing.edit(bad, {"title": "另一个"}, by=writer)
    assert codes(bad) == ["checks_failed"]
    editing.edit(world.post("src/posts/bad.md"), {}, body=WRONG, by=writer)
    assert codes(bad) == ["bare_address", "literal_asterisks"]


@pytest.mark.django_db
def test_a_post_that_is_never_built_shares_no_address(world: World) -> None:
    Collection.objects.filter(pk=world.collection.pk).update(site_url="https://site.org", post_url="/{slug}/")
    hidden = post_text(body=LONG).replace("title:", "permalink: false\ntitle:")
    text = post_text(body=LONG[::-1])
    posts = {"src/posts/a/x.md": text, "src/posts/b/x.md": text, "src/posts/c/x.md": hidden, "src/posts/d/x.md": hidden}
    world.remote.commit(posts)
    world.sync("done")
    keep_posts_checked(10)
    clash = Finding.objects.filter(code="address_twice").values_list("post__path", flat=True)
    assert sorted(clash) == ["src/posts/a/x.md", "src/posts/b/x.md"]


@pytest.mark.django_db
def test_an_edit_is_checked_at_once_and_what_is_still_found_keeps_its_row(world: World, writer: User) -> None:
    post = imported(world, a=post_text(body=WRONG))
    row = one(post, "bare_address")
    editing.edit(post, {}, body="新的一段。\n\n" + WRONG.replace("**真，**她", "**真**，她"), by=writer)
    assert codes(post) == ["bare_address"]
    again = one(post, "bare_address")
    assert again.pk == row.pk
    assert again.line == (row.line or 0) + 2


@pytest.mark.django_db
def test_settings_and_approved_terms_check_everything_anew(world: World) -> None:
    post = imported(world, a=post_text(title="题" * 30, body=LONG))
    assert codes(post) == []
    Collection.objects.filter(pk=world.collection.pk).update(longest_title=20, required_keys="guest")
    Category.objects.create(name="另一个", slug="other", is_new=False)
    assert checked(world) == 1
    assert codes(post) == ["category_unknown", "key_empty", "title_long"]
    Category.objects.filter(name="investment-assets").update(is_new=False)
    Collection.objects.filter(pk=world.collection.pk).update(codes_off=["title_long"])
    checked(world)
    assert codes(post) == ["key_empty"]


@pytest.mark.django_db
def test_a_picture_is_missing_until_the_repository_has_it(world: World) -> None:
    post = imported(world, a=post_text(body=f"![图](../images/a.png)\n\n{LONG}"))
    assert codes(post) == ["image_missing"]
    world.remote.commit({"src/images/a.png": "png"})
    world.sync()
    checked(world)
    assert codes(post) == []


@pytest.mark.django_db
def test_new_is_what_a_new_text_brings_and_not_the_old_stock(world: World, writer: User) -> None:
    post = imported(world, a=post_text(body=WRONG))
    assert one(post, "bare_address").found_at is None
    compare_posts([world.collection])
    Collection.objects.filter(pk=world.collection.pk).update(required_keys="guest")
    checked(world)
    assert one(post, "key_empty").found_at is None
    editing.edit(post, {}, body=WRONG + "\n没有收尾的**粗体\n\n没读完》\n", by=writer)
    assert one(post, "bracket_not_opened").found_at is not None
    assert one(post, "bare_address").found_at is None
    assert Finding.objects.new(timezone.now() - datetime.timedelta(days=7)).count() == 2


@pytest.mark.django_db
def test_catching_up_takes_the_same_queries_for_two_posts_and_for_forty(world: World) -> None:
    def queries(count: int) -> int:
        world.remote.commit({f"src/posts/{count}-{each}.md": post_text(body=WRONG) for each in range(count)})
        world.sync()
        known_names()  # Made ready once in a process, and not for each batch.
        with CaptureQueriesContext(
            connection,
        ) as caught:
            checked(world)
        return len(caught.captured_queries)

    assert queries(2) == queries(40)


# --- Dismissed


@pytest.mark.django_db
def test_what_is_dismissed_stays_so_until_its_passage_changes(world: World, writer: User) -> None:
    post = imported(world, a=post_text(body=WRONG))
    dismiss(one(post, "bare_address"), reason="就该这样", by=writer)
    assert codes(post) == ["literal_asterisks"]
    editing.edit(post, {}, body=WRONG + "\n又一段。\n", by=writer)
    assert codes(post) == ["literal_asterisks"]
    CheckedText.objects.all().delete()
    checked(world)
    assert codes(post) == ["literal_asterisks"]
    editing.edit(world.post(PATH), {}, body=WRONG.replace("example.org", "example.com"), by=writer)
    assert codes(post) == ["bare_address", "literal_asterisks"]
    assert list(Event.objects.filter(post=post).values_list("transition", "note")) == [
        ("dismiss_finding", "bare_address: 就该这样")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("between", ["\n\n中间一段。\n\n", ""])
def test_of_two_passages_that_are_the_same_one_is_dismissed(world: World, writer: User, between: str) -> None:
    same = "他说的是**真，**她信了。"
    first, second = f"甲一早就来到了这里。{same}", f"乙到很晚很晚的时候才终于过来。{same}"
    post = imported(world, a=post_text(body=f"{first}{between}{second}\n" + "够长的正文。" * 20))

    def state() -> list[bool]:
        rows = Finding.objects.filter(post=post, code="literal_asterisks").order_by("line", "pk")
        return [row.dismissal_id is not None for row in rows]

    def saved(body: str) -> list[bool]:
        editing.edit(world.post(PATH), {}, body=body + "够长的正文。" * 20, by=writer)
        return state()

    both = list(Finding.objects.filter(post=post, code="literal_asterisks").order_by("line", "pk"))
    assert len(both) == 2 and both[0].passage == both[1].passage
    dismiss(both[1], reason="就该这样", by=writer)
    assert state() == [False, True]
    assert saved(f"前面又一段。\n\n{first}{between}{second}\n后面又一段。\n") == [False, True], "edits elsewhere"
    mended = mending.mended(world.post(PATH), "literal_asterisks").body
    assert second in mended and first not in mended
    step = propose_mending(Post.objects.filter(pk=post.pk), "literal_asterisks", by=person("cu", "Curator"))
    (planned,) = plan(step, whole_rows(rows_of(step)), by=step.made_by)
    assert planned.present is not None and planned.present.body == mended
    assert saved(f"{second}\n") == [True], "the other one went"
    assert saved(f"{second}{between}{first}\n") == [True, False], "the other one came back"
    assert saved(f"{first}\n") == [False], "what was dismissed went"
    assert sorted(saved(f"{second}{between}{first}\n")) == [False, True], "and came back where it was"


@pytest.mark.django_db
def test_a_dismissal_needs_a_reason_and_is_taken_back(world: World, writer: User) -> None:
    post = imported(world, a=post_text(body=WRONG))
    with pytest.raises(EvergreenError) as refused:
        dismiss(one(post, "bare_address"), reason="  ", by=writer)
    assert refused.value.code == "reason_missing"
    dismiss(one(post, "bare_address"), reason="好", by=writer)
    recall_dismissal(one(post, "bare_address"), by=writer)
    assert codes(post) == ["bare_address", "literal_asterisks"]


@pytest.mark.django_db
def test_what_stands_in_the_way_is_not_for_everybody_to_dismiss(world: World, writer: User, publisher: User) -> None:
    Collection.objects.filter(pk=world.collection.pk).update(blocks_from="wrong")
    post = imported(world, a=post_text(body=f"{WRONG}\n\n{{{{ page.url }}}}\n"))
    with pytest.raises(EditForbidden):
        dismiss(one(post, "literal_asterisks"), reason="好", by=writer)
    dismiss(one(post, "literal_asterisks"), reason="好", by=publisher)
    with pytest.raises(EditForbidden) as refused:
        dismiss(one(post, "template_syntax"), reason="好", by=publisher)
    assert refused.value.code == "finding_breaks"


# --- Mended


@pytest.mark.django_db
def test_mending_changes_the_passage_and_nothing_else(world: World, writer: User) -> None:
    text = post_text(body=WRONG + "\n又说**真，**她走了。\n").replace("\n", "\r\n")
    post = imported(world, a=text)
    first = Finding.objects.filter(post=post, code="literal_asterisks").order_by("line").first()
    mend(post, "literal_asterisks", only=first, onto=post.present, by=writer)
    after = world.post(PATH)
    assert after.present.text == text.replace("**真，**她", "**真**，她", 1)
    assert after.present.by == writer
    mend(after, "literal_asterisks", onto=after.present, by=writer)
    assert world.post(PATH).present.text == text.replace("**真，**她", "**真**，她")
    with pytest.raises(EvergreenError) as refused:
        mend(world.post(PATH), "literal_asterisks", onto=world.post(PATH).present, by=writer)
    assert refused.value.code == "nothing_to_mend"


@pytest.mark.django_db
def test_mending_the_text_that_was_seen_goes_together_with_what_others_wrote(world: World, writer: User) -> None:
    post = imported(world, a=post_text(body=WRONG))
    seen = post.present
    editing.edit(post, {"title": "别的题目"}, by=person("an", "Writer"))
    mend(post, "literal_asterisks", onto=seen, by=writer)
    after = world.post(PATH)
    assert (after.title, "**真**，她" in after.body) == ("别的题目", True)


@pytest.mark.django_db
def test_fixes_leave_out_what_was_dismissed_and_know_lists_written_as_text(world: World, writer: User) -> None:
    text = post_text(body=WRONG + "\n见 https://example.com 。\n").replace("people: []", "people: '[\"马斯克\"]'")
    post = imported(world, a=text)
    assert codes(post).count("list_as_text") == 0
    assert fixes_for(post, "list_as_text") == ({"people": ["马斯克"]}, None)
    dismiss(Finding.objects.get(post=post, passage="https://example.org"), reason="好", by=writer)
    _changes, body = fixes_for(post, "bare_address")
    assert body is not None
    assert ("<https://example.org>" in body, "<https://example.com>" in body) == (False, True)


# --- In the way of a review


@pytest.mark.django_db
@pytest.mark.parametrize("said", [("正文。", f"{LONG}\n\n{{{{ page.url }}}}"), ("'2026-02-13'", "2026-02-13 10:00")])
def test_nobody_passes_what_breaks_the_build(
    world: World, writer: User, publisher: User, said: tuple[str, str]
) -> None:
    post = imported(world, a=post_text().replace(*said))
    for by in (writer, publisher):
        with pytest.raises(TransitionRefused) as refused:
            perform(post, "submit", by=by, note="我知道")
        assert [each.code for each in refused.value.refusals] == ["finding_breaks"]
    editing.edit(post, {"date": "2026-02-13"}, body=LONG + "\n", by=writer)
    assert perform(post, "submit", by=writer).state == "in_review"


@pytest.mark.django_db
def test_a_publisher_passes_another_block_with_a_reason_that_is_recorded(
    world: World, writer: User, publisher: User
) -> None:
    Collection.objects.filter(pk=world.collection.pk).update(blocking_codes=["bare_address"])
    post = imported(world, a=post_text(body=WRONG))
    with pytest.raises(TransitionRefused) as refused:
        perform(post, "submit", by=writer, note="我要")
    assert [each.code for each in refused.value.refusals] == ["finding_blocks"]
    with pytest.raises(TransitionRefused) as refused:
        perform(post, "submit", by=publisher)
    assert [each.code for each in refused.value.refusals] == ["reason_missing"]
    perform(post, "submit", by=publisher, note="读者会看懂")
    assert ("pass_findings", "bare_address: 读者会看懂") in Event.objects.values_list("transition", "note")
    other = person("other", "Publisher")
    with pytest.raises(TransitionRefused):
        approve_and_publish(post, by=other, looked_at=world.post(PATH).present)
    done = approve_and_publish(post, by=other, looked_at=world.post(PATH).present, note="同意")
    assert done.live or done.pending


@pytest.mark.django_db
def test_a_text_that_was_not_checked_yet_is_checked_before_the_step(world: World, writer: User) -> None:
    world.remote.commit({PATH: post_text(body=f"{LONG}\n\n{{{{ page.url }}}}\n")})
    world.sync("done")
    with pytest.raises(TransitionRefused):
        perform(world.post(PATH), "submit", by=writer)


# --- Posts compared with one another


def found(*rows: Row) -> list[tuple[int, str]]:
    """What comparing `rows` finds."""
    return sorted((post, finding.code) for post, finding in compare(rows))


def test_the_same_source_title_summary_or_address_is_found_and_others_are_not() -> None:
    assert found(Row(1, "a", source="v"), Row(2, "b", source="v"), Row(3, "c", source="w"), Row(4, "d")) == [
        (1, "source_twice"),
        (2, "source_twice"),
    ]
    assert found(Row(1, "a", title="t", summary="s"), Row(2, "b", title="t", summary="s")) == [
        (1, "summary_twice"),
        (1, "title_twice"),
        (2, "summary_twice"),
        (2, "title_twice"),
    ]
    assert found(Row(1, "a", address="/x"), Row(2, "b", address="/x"), Row(3, "c", address="/y")) == [
        (1, "address_twice"),
        (2, "address_twice"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.youtube.com/watch?v=FWX-Lq8_k60", "https://youtu.be/FWX-Lq8_k60?t=3", True),
        ("https://www.youtube.com/watch?v=FWX-Lq8_k60", "https://www.youtube.com/watch?v=FWX-Lq8_k61", False),
        ("https://example.org/a/", "http://www.example.org/a", True),
        ("https://example.org/a?p=1", "https://example.org/a?p=2", False),
        ("https://example.org/a?utm_source=x&p=1&fbclid=y", "https://example.org/a?p=1", True),
        ("https://example.org/a?spm=x&utm_medium=y", "https://example.org/a", True),
        ("https://example.org/a?site=x", "https://example.org/a", False),
        ("https://example.org/a?feature=budget", "https://example.org/a?feature=election", False),
        ("https://example.org/a?si=1", "https://example.org/a?si=2", False),
        ("https://youtu.be/FWX-Lq8_k60?si=x", "https://youtube.com/watch?list=y&v=FWX-Lq8_k60&si=z", True),
        ("youtu.be/FWX-Lq8_k60", "https://www.youtube.com/watch?v=FWX-Lq8_k60&feature=share", True),
        ("https://www.youtube-nocookie.com/embed/FWX-Lq8_k60", "https://youtu.be/FWX-Lq8_k60", True),
        ("example.org/a", "https://example.org/a", True),
        ("example.org", "example.com", False),
        ("一本书", "一本书 ", True),
        ("http://[", "http://]", False),
    ],
)
def test_a_source_is_known_by_what_it_names(one: str, other: str, same: bool) -> None:
    assert (source_key(one) == source_key(other)) is same


def test_words_and_addresses_are_compared_by_what_readers_and_browsers_make_of_them() -> None:
    assert words_key("台積電，ＡＩ！") == words_key("台积电 ai")
    assert words_key("台积电") != words_key("台积")
    assert words_key("……") == ""
    assert {address_key("/a/"), address_key("/a"), address_key("/a/index.html")} == {"/a"}
    assert address_key("/") == address_key("/index.html")


CHANCE = random.Random(7)
SIGNS = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
SENTENCES = ["".join(CHANCE.choices(SIGNS, k=24)) + "。" for _ in range(80)]


def test_nearly_the_same_texts_are_found_and_texts_on_the_same_matter_are_not() -> None:
    text = "\n\n".join(SENTENCES)
    retold = "\n\n".join([*SENTENCES[:38], "中间换了一句话。", *SENTENCES[39:]])
    other = "\n\n".join(each[::-1] for each in SENTENCES)
    half = "\n\n".join(SENTENCES[:40])
    rows = [Row(at, str(at), sketch=sketch_of(each)) for at, each in enumerate([text, retold, other, half, "短。"])]
    assert found(*rows) == [(0, "text_alike"), (1, "text_alike")]
    assert likeness(rows[0].sketch, rows[0].sketch) == 1
    assert rows[4].sketch == b""


@pytest.mark.django_db
def test_posts_are_compared_once_all_are_checked_and_again_when_something_changed(world: World, writer: User) -> None:
    Collection.objects.filter(pk=world.collection.pk).update(post_url="/{stem}/", site_url="https://example.org")
    body = "\n\n".join(SENTENCES)
    files = {
        "a": post_text("同题", body=body),
        "b": post_text("同题", body=body + "\n\n尾巴。\n"),
        "c/a": post_text("异题", body=LONG),
    }
    post = imported(world, **files)
    assert compare_posts([world.collection])
    assert codes(post) == ["address_twice", "summary_twice", "text_alike", "title_twice"]
    assert codes(world.post("src/posts/c/a.md")) == ["address_twice", "summary_twice"]
    assert not compare_posts([world.collection])
    perform(world.post("src/posts/b.md"), "discard", by=writer)
    editing.edit(world.post("src/posts/c/a.md"), {"summary": "另一个摘要"}, by=writer)
    assert keep_posts_checked(100) == 0
    assert codes(post) == ["address_twice"]


# --- In turns, and what is said until then


@pytest.mark.django_db
def test_one_worker_at_a_time_checks_and_gives_the_turn_back(world: World) -> None:
    world.remote.commit({PATH: post_text(body=WRONG)})
    world.sync("done")
    turn = take_turn("checks")
    assert turn is not None and take_turn("checks") is None
    assert not check_what_came(100) and not CheckedText.objects.exists()
    turn = keep_turn("checks", turn)
    assert turn is not None
    Heartbeat.objects.filter(name="checks").update(at=turn - datetime.timedelta(minutes=5))
    assert keep_turn("checks", turn) is None
    assert not check_what_came(100) and CheckedText.objects.count() == 1 and take_turn("checks") is not None


@pytest.mark.django_db
def test_what_the_checks_have_still_to_look_at_is_said(world: World, client: Client, writer: User) -> None:
    client.force_login(writer)
    world.remote.commit({PATH: post_text(body=WRONG), "src/posts/b.md": post_text("乙")})
    world.sync("done")
    posts, findings = "/admin/posts/post/", "/admin/posts/finding/"
    form, said = f"{posts}{world.post(PATH).pk}/change/", "have not looked at"
    for address in (f"{posts}?suggested=missing", f"{posts}?found=bare_address", findings):
        assert f"{said} 2 posts" in client.get(address).content.decode()
    assert f"{said} this text yet" in client.get(form).content.decode()
    assert said not in client.get(posts).content.decode()
    checked(world)
    assert "still being compared" in client.get(findings).content.decode()
    keep_posts_checked(10)
    for address in (f"{posts}?suggested=missing", findings, form):
        page = client.get(address).content.decode()
        assert said not in page and "still being compared" not in page
