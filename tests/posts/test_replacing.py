"""Find and replace over many posts as a bulk step, and known mishearings that are offered in what comes later."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from posts import checking
from posts.bulk import propose_undo, release, start
from posts.bulk_planning import What, plan, rows_of, whole_rows
from posts.bulk_proposing import BulkRefused, leave_out, propose_mending
from posts.checks.hits import PARTS, BadExchange, exchange_of
from posts.editing import edit
from posts.mending import dismiss, mend
from posts.mishearings import Known, MishearingRefused, forget, keep, remember
from posts.models import BulkStep, CheckedText, Finding, Mishearing, Outcome, Post, Sync
from posts.replacing import choose, choose_all, hits_of, propose_replacing
from tests.posts.worlds import World, post_text

A, B, C, D = (f"src/posts/{name}.md" for name in "abcd")
LIVE = {"draft": "false", "status": "published"}
OPENEYE: dict[str, object] = {
    "find": "OpenEye",
    "by": "OpenAI",
    "parts": PARTS,
    "match_case": True,
    "whole_words": True,
}


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post that say OpenEye, and a draft that says it in a link only; synced."""
    world.remote.commit(
        {
            A: post_text("OpenEye 暴跌", body="先说 OpenEye。\n\n再说 OpenEye。\n"),
            B: post_text("乙", body="一、OpenEye 与 `OpenEye`\r\n二、台积电\r\n"),
            C: post_text("在线", **LIVE, body="在线的 OpenEye。\n\n中间的话有很长很长的一句。还有 OpenEye 一处。\n"),
            D: post_text("丁", body="[见](https://x.org/OpenEye) 与 OpenEyes\n"),
        }
    )
    world.sync("done")
    return world


def proposed(by: User, asked: Mapping[str, object] = MappingProxyType({})) -> BulkStep:
    """A step over all posts."""
    return propose_replacing(Post.objects.all(), {**OPENEYE, **asked}, by=by)


def marked(step: BulkStep) -> dict[str, list[tuple[str, int | None, bool]]]:
    """The hits of each post: part, line and tick."""
    return {
        each.post.path: [(choice.hit.part, choice.hit.line, choice.ticked) for choice in each.choices]
        for each in hits_of(step, step.rows.order_by("pk"))
    }


def in_git(site: World) -> dict[str, bytes]:
    return site.remote.files()


def test_an_exchange_in_many_posts_is_released_as_a_whole_leaves_as_one_commit_and_comes_back_to_the_byte(
    site: World, curator: User, publisher: User
) -> None:
    before, commits = in_git(site), len(site.remote.log())
    step = proposed(curator)
    assert marked(step) == {
        A: [("title", 8, True), ("body", 19, True), ("body", 21, True)],
        B: [("body", 19, True)],
        C: [("body", 19, True), ("body", 21, True)],
    }
    choose(step, {site.post(A).pk: [1, 2]}, {site.post(A).pk: [2]}, by=curator)
    run = start(step, by=curator)
    assert run.state == Sync.State.TO_RELEASE and "OpenEye 一处" in site.post(C).present.text
    run = release(step, by=publisher)
    assert run.state == Sync.State.DONE
    site.sync("done")
    expected = {
        **before,
        A: before[A].replace(b"OpenEye", b"OpenAI").replace("先说 OpenAI".encode(), "先说 OpenEye".encode()),
        B: before[B].replace("、OpenEye".encode(), "、OpenAI".encode()),
        C: before[C].replace(b"OpenEye", b"OpenAI"),
    }
    assert in_git(site) == expected
    assert len(site.remote.log()) == commits + 1
    undo = start(propose_undo(BulkStep.objects.get(pk=step.pk), by=publisher), by=publisher)
    assert undo.state == Sync.State.DONE
    site.sync("done")
    assert in_git(site) == before and len(site.remote.log()) == commits + 2
    assert site.disagreements() == []


def test_a_push_between_looking_and_doing_is_kept_and_what_clashes_is_listed(site: World, curator: User) -> None:
    step = proposed(curator)
    choose(step, {site.post(A).pk: [0, 1, 2]}, {site.post(A).pk: [0, 2]}, by=curator)
    site.remote.push(A, site.text_in_git(A).replace("先说", "新的一段 OpenEye。\n\n先说").replace("market", "stock"))
    site.remote.push(B, site.text_in_git(B).replace("一、OpenEye 与", "一、OpenEyeTech 与"))
    site.sync("done")
    run = start(step, by=curator)
    held = Outcome.objects.get(sync=run, result="held")
    assert (held.path, held.code) == (B, "bulk_clash")
    text = site.post(A).present.text
    assert "title: OpenAI 暴跌" in text and "stock-volatility" in text
    # What nobody looked at, and what was left alone, stays.
    assert text.endswith("新的一段 OpenEye。\n\n先说 OpenEye。\n\n再说 OpenAI。\n")


def test_a_hit_that_only_the_site_has_is_shown_and_left_by_itself(site: World, curator: User, publisher: User) -> None:
    edit(
        site.post(C),
        {},
        body="改写了。\n\n中间的话有很长很长的一句。还有 OpenEye 一处。\n",
        onto=site.post(C).present,
        by=curator,
    )
    step = proposed(curator)
    choices = next(hits_of(step, step.rows.filter(post__path=C))).choices
    on_site = [choice.number for choice in choices if choice.on_site]
    assert [choices[number].hit.before for number in on_site] == ["在线的 "]
    pk = site.post(C).pk
    choose(step, {pk: on_site}, {}, by=curator)
    start(step, by=curator)
    release(step, by=publisher)
    post = site.post(C)
    assert post.cleared.text.endswith("在线的 OpenEye。\n\n中间的话有很长很长的一句。还有 OpenAI 一处。\n")
    assert post.present.text.endswith("改写了。\n\n中间的话有很长很长的一句。还有 OpenAI 一处。\n")


def test_where_a_passage_stands_more_often_in_one_of_the_two_texts_each_has_its_own_ticks(
    site: World, curator: User, publisher: User
) -> None:
    again = "同" * 20 + "这里说 OpenEye 是对的地方的名字啊哈哈哈"
    live = post_text("在线", **LIVE, body=f"乙段{again}乙\n")
    site.remote.push(C, live)
    site.sync("done")
    post = site.post(C)
    edit(post, {}, body=f"甲段{again}甲\n\n乙段{again}乙\n", onto=post.present, by=curator)
    step = propose_replacing(Post.objects.filter(path=C), OPENEYE, by=curator)
    choices = next(hits_of(step, step.rows.all())).choices
    assert [choice.on_site for choice in choices] == [False, False, True]
    choose(step, {post.pk: [0, 1, 2]}, {post.pk: [0]}, by=curator)
    assert [choice.ticked for choice in next(hits_of(step, step.rows.all())).choices] == [True, False, False]
    start(step, by=curator)
    release(step, by=publisher)
    after = site.post(C)
    assert after.cleared.text == live
    assert after.present.text.endswith(f"甲段{again}甲\n\n乙段{again}乙\n".replace("OpenEye", "OpenAI", 1))


def test_of_a_post_the_first_hits_are_told_and_all_are_counted(site: World, curator: User) -> None:
    step = proposed(curator)
    choose(step, {site.post(C).pk: [0]}, {}, by=curator)
    told = [(len(each.choices), each.total, each.ticked) for each in hits_of(step, step.rows.order_by("pk"), most=1)]
    assert told == [(1, 3, 3), (1, 1, 1), (1, 2, 1)]


def test_a_post_that_would_lose_its_title_is_left_alone(site: World, curator: User) -> None:
    site.remote.push(B, post_text("OpenEye", body="乙\n"))
    site.sync("done")
    step = proposed(curator, {"by": ""})
    planned = {each.post.path: (each.what, each.code) for each in plan(step, whole_rows(rows_of(step)), by=curator)}
    assert planned[B] == (What.REFUSED, "title_taken_out") and planned[A][0] is What.CHANGED
    remembered(site, curator, {"by": ""})
    checking.catch_up(site.collection)
    step = propose_mending(Post.objects.filter(path=B), "known_mishearing", by=curator)
    assert [each.code for each in plan(step, whole_rows(rows_of(step)), by=curator)] == ["title_taken_out"]


def test_whoever_lost_the_role_goes_on_with_nothing(site: World, curator: User, writer: User) -> None:
    step, pk = proposed(curator), site.post(A).pk
    curator.groups.set(writer.groups.all())
    demoted = User.objects.get(pk=curator.pk)
    for attempt in (
        lambda: choose(step, {pk: [0]}, {}, by=demoted),
        lambda: leave_out(step, [pk], by=demoted),
        lambda: start(step, by=demoted),
    ):
        with pytest.raises(BulkRefused, match="no_permission"):
            attempt()
    assert step.rows.count() == 3 and "OpenEye 暴跌" in site.post(A).present.text


def test_all_hits_of_a_post_are_left_or_taken_again(site: World, curator: User) -> None:
    step, pk = proposed(curator), site.post(A).pk
    choose_all(step, pk, ticked=False, by=curator)
    assert {tick for _part, _line, tick in marked(step)[A]} == {False}
    planned = {each.post.path: each.what for each in plan(step, whole_rows(rows_of(step)), by=curator)}
    assert planned == {A: What.SAME, B: What.CHANGED, C: What.CHANGED}
    choose_all(step, pk, ticked=True, by=curator)
    assert step.rows.get(post=pk).choice == {}


def test_who_may_not_and_what_is_not_there_is_refused(
    site: World, curator: User, publisher: User, writer: User
) -> None:
    for person_, asked, code in (
        (writer, {}, "no_permission"),
        (curator, {"find": "没有的"}, "words_not_found"),
        (curator, {"find": "x.org"}, "words_not_found"),
        (curator, {"find": "OpenEye", "by": "OpenEye"}, "words_same"),
    ):
        with pytest.raises((BulkRefused, BadExchange)) as refused:
            proposed(person_, asked)
        assert refused.value.code == code
    assert not BulkStep.objects.exists()
    step, pk = proposed(curator), site.post(A).pk
    with pytest.raises(BulkRefused, match="not_your_step"):
        choose(step, {pk: [0]}, {}, by=publisher)
    start(step, by=curator)
    with pytest.raises(BulkRefused, match="begun_already"):
        choose_all(step, pk, ticked=False, by=curator)


def test_case_is_levelled_also_where_the_database_cannot(site: World, curator: User) -> None:
    site.remote.push(D, post_text("丁", body="见 öffne台 与 é 。\n"))
    site.sync("done")
    for find in ("ÖFFNE台", "É"):
        assert list(marked(proposed(curator, {"find": find, "match_case": False}))) == [D]


# --- Known mishearings


def remembered(site: World, by: User, asked: Mapping[str, object] = MappingProxyType({})) -> Mishearing:
    """What the form saves."""
    return remember(exchange_of({**OPENEYE, **asked}), site.collection, by=by)


def found(code: str = "known_mishearing") -> dict[str, list[tuple[str, int | None]]]:
    """Where it is found."""
    told: dict[str, list[tuple[str, int | None]]] = {}
    for path, key, line in Finding.objects.filter(code=code, dismissal=None).values_list("post__path", "key", "line"):
        told.setdefault(path, []).append((key, line))
    return {path: sorted(places) for path, places in told.items()}


def test_what_was_saved_is_found_in_new_texts_and_mended_one_by_one_or_all_at_once(
    site: World, curator: User, publisher: User
) -> None:
    checking.catch_up(site.collection)
    remembered(site, curator)
    # Only what may have the words is checked anew.
    assert checking.catch_up(site.collection) == 4
    new = post_text("新的 OpenEye", body="流水线送来 OpenEye，又是 OpenEye 了。\n")
    site.remote.push("src/posts/new.md", new)
    site.sync("done")
    checking.catch_up(site.collection)
    assert found()["src/posts/new.md"] == [("", 19), ("", 19), ("title", 8)] and D not in found()
    post = site.post("src/posts/new.md")
    assert Finding.objects.filter(post=post, has_fix=True).count() >= 3
    first = Finding.objects.filter(post=post, code="known_mishearing", key="").order_by("pk")[0]
    mend(post, "known_mishearing", onto=post.present, only=first, by=curator)
    assert site.post(post.path).present.text.endswith("流水线送来 OpenAI，又是 OpenEye 了。\n")
    second = Finding.objects.get(post=post, code="known_mishearing", key="")
    dismiss(second, reason="此处确是 OpenEye", by=curator)
    step = propose_mending(Post.objects.filter(findings__code="known_mishearing").distinct(), second.code, by=curator)
    forget([Mishearing.objects.get()], by=curator)
    start(step, by=curator)
    release(step, by=publisher)
    assert site.post(post.path).present.text == new.replace("新的 OpenEye", "新的 OpenAI").replace(
        "送来 OpenEye", "送来 OpenAI"
    )
    assert site.post(C).cleared.text.count("OpenAI") == 3
    checking.catch_up(site.collection)
    assert found() == {}


def test_an_undo_looks_for_its_mishearing_no_more_and_doing_it_again_does(site: World, curator: User) -> None:
    step = propose_replacing(Post.objects.filter(path=A), OPENEYE, by=curator, known=Known.IN_THE_COLLECTION)
    start(step, by=curator)
    undo = propose_undo(BulkStep.objects.get(pk=step.pk), by=curator)
    assert Mishearing.objects.get().active
    start(undo, by=curator)
    assert not Mishearing.objects.get().active
    start(propose_undo(BulkStep.objects.get(pk=undo.pk), by=curator), by=curator)
    assert Mishearing.objects.get().active


def test_of_two_places_in_one_line_the_one_that_was_meant_is_mended_and_dismissed(site: World, curator: User) -> None:
    site.remote.push(A, post_text("OpenEye 与台积", body="OpenEye 和 台积 都来了。\n"))
    site.sync("done")
    remembered(site, curator)
    remembered(site, curator, {"find": "台积", "by": "台积电"})
    checking.catch_up(site.collection)

    def place(key: str, heard: str) -> Finding:
        return Finding.objects.get(post__path=A, code="known_mishearing", key=key, facts__heard=heard)

    post = site.post(A)
    for key in ("title", ""):
        mend(site.post(A), "known_mishearing", onto=site.post(A).present, only=place(key, "台积"), by=curator)
    assert "title: OpenEye 与台积电\n" in site.post(A).present.text
    assert site.post(A).present.text.endswith("OpenEye 和 台积电 都来了。\n")
    edit(post, {"title": "OpenEye 与台积"}, body="OpenEye 和 台积\n", onto=site.post(A).present, by=curator)
    for key in ("title", ""):
        dismiss(place(key, "台积"), reason="原话如此", by=curator)
    start(propose_mending(Post.objects.filter(path=A), "known_mishearing", by=curator), by=curator)
    assert "title: OpenAI 与台积\n" in site.post(A).present.text
    assert site.post(A).present.text.endswith("OpenAI 和 台积\n")


def test_only_the_texts_that_may_have_the_words_are_checked_anew(site: World, curator: User) -> None:
    checking.catch_up(site.collection)
    row = remembered(site, curator, {"find": "台积", "by": "台积电"})
    assert checking.catch_up(site.collection) == 4  # All four list 台积电.
    row = remembered(site, curator, {"find": "再说", "by": "又说"})
    assert checking.catch_up(site.collection) == 1 and found() == {A: [("", 21)]}
    row.active = False
    keep(row, by=curator)
    assert checking.catch_up(site.collection) == 1 and found() == {}
    assert CheckedText.objects.values("stamp").distinct().count() == 1


def test_many_are_forgotten_in_as_many_queries_as_few(site: World, curator: User) -> None:
    counted = []
    for number in (1, 3, 60):
        rows = [remembered(site, curator, {"find": f"词{each}"}) for each in range(number if number < 60 else 3)]
        rows += [Mishearing(pk=0, find=f"无{each}", by="x") for each in range(number - len(rows))]
        with CaptureQueriesContext(connection) as caught:
            forget(rows, by=curator)
        counted.append(len(caught))
    assert counted[0] == counted[1] >= counted[2] and not Mishearing.objects.exists()


def test_one_collection_has_one_meaning_and_its_own_comes_before_that_of_all(
    site: World, curator: User, writer: User
) -> None:
    remember(exchange_of({**OPENEYE, "by": "别的"}), None, by=curator)
    row = remembered(site, curator)
    assert remembered(site, curator, {"by": "OpenAI "}) == row
    assert [each.by for each in checking.mishearings_of(site.collection)] == ["OpenAI "]
    with pytest.raises(MishearingRefused, match="mishearing_twice"):
        keep(Mishearing(find="OpenEye", by="第三", collection=site.collection), by=curator)
    with pytest.raises(MishearingRefused, match="no_permission"):
        forget([row], by=writer)
    with pytest.raises(BadExchange, match="words_missing"):
        keep(Mishearing(find=" ", by="第三"), by=curator)
    assert Mishearing.objects.count() == 2
