"""The review page: what it opens on, who may decide there, and on which text."""

import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from posts import editing, looks, reviewing
from posts.models import Collection, Event, Look, Post
from posts.requests import Request
from posts.saving import record
from posts.situations import situation_of
from posts.workflow import State, Transition
from posts.worklists import review_queue
from tests.posts.worlds import World, person, post_text

pytestmark = pytest.mark.django_db

PATH, NEW, SECOND, THIRD = "src/posts/a.md", "src/posts/new.md", "src/posts/b.md", "src/posts/c.md"
QUERIES = 30
DUE = "admin:posts_post_review_due"
LIVE = post_text("在线的", draft="false", status="published", body="第一段。\n\n股市今天大跌。\n\n第三段。\n")


class Desk:
    """A live post and two drafts, their writer Wen, the reviewer Rui and the publisher Pan."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.world.remote.commit({PATH: LIVE, NEW: post_text("新的"), SECOND: post_text("另一篇")})
        self.world.sync()
        self.wen, self.rui, self.pan = person("wen", "Writer"), person("rui", "Reviewer"), person("pan", "Publisher")

    def submit(self, path: str, **changes: object) -> Post:
        """Wen changes the post and submits it."""
        body = changes.pop("body", None)
        editing.edit(self.world.post(path), changes, body=body, by=self.wen)
        return reviewing.perform(self.world.post(path), Transition.SUBMIT, by=self.wen)

    def page(self, post: Post, who: User, **asked: str) -> str:
        """The review page as `who` sees it."""
        return signed_in(who).get(address(post), asked).content.decode()


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    """The desk of these tests."""
    return Desk(tmp_path)


def signed_in(who: User) -> Client:
    """A browser of `who`."""
    client = Client()
    client.force_login(who)
    return client


def address(post: Post) -> str:
    """Where `post` is reviewed."""
    return reverse("admin:posts_post_review", args=[post.pk])


def decide(post: Post, who: User, step: str, looked_at: object, note: str = "") -> tuple[int, str]:
    """What becomes of a decision on the page."""
    answer = signed_in(who).post(address(post), {"step": step, "looked_at": str(looked_at), "note": note})
    return answer.status_code, answer.content.decode()


# --- What it shows


def test_it_opens_on_all_that_changed_since_the_live_text(desk: Desk) -> None:
    post = desk.submit(
        PATH, body="第一段。\n\n股市今天大涨。\n\n第三段。\n", tags=["market-volatility", "gold"], title="改过的"
    )
    shown = desk.page(post, desk.rui)
    assert "股市今天大<del>跌</del><ins>涨</ins>。" in shown
    assert '<ins class="rv-chip"><span class="eg-unseen">added</span>gold</ins>' in shown
    assert '<del class="rv-chip"><span class="eg-unseen">removed</span>ai-disruption</del>' in shown
    assert '<span class="rv-chip">market-volatility</span>' in shown
    assert "<del>在线</del><ins>改过</ins>的" in shown
    assert "<code>companies_orgs" not in shown


def test_of_a_new_post_it_shows_the_whole(desk: Desk) -> None:
    post = desk.submit(NEW, body="全部正文。\n")
    shown = desk.page(post, desk.rui)
    assert "全部正文。" in shown and "台积电" in shown
    assert "<ins>" not in shown and "<del>" not in shown


def test_what_the_steps_wrote_is_said_in_words(desk: Desk) -> None:
    post = desk.submit(NEW, title="新的二")
    reviewing.approve_and_publish(post, by=desk.pan, looked_at=post.present)
    shown = desk.page(desk.world.post(NEW), desk.rui, **{"with": "delivered"})
    assert "<del>not on the site (a draft)</del><ins>on the site</ins>" in shown


def test_it_compares_with_the_text_as_it_was_delivered(desk: Desk) -> None:
    post = desk.submit(NEW, body="正文改了。\n")
    assert "正文<ins>改了</ins>。" in desk.page(post, desk.rui, **{"with": "delivered"})


def test_in_a_second_round_it_shows_what_changed_since_the_reviewer_looked(desk: Desk) -> None:
    post = desk.submit(PATH, body="第一段改过。\n\n股市今天大跌。\n\n第三段。\n")
    desk.page(post, desk.rui)
    reviewing.perform(post, Transition.REQUEST_CHANGES, by=desk.rui, note="第三段呢？")
    post = desk.submit(PATH, body="第一段改过。\n\n股市今天大跌。\n\n第三段也改。\n")
    shown = desk.page(post, desk.rui)
    assert "第三段<ins>也改</ins>。" in shown
    assert "第一段<ins>改过</ins>" not in shown
    assert "第三段呢？" not in shown, "the last step's note is that of the submission"
    again = desk.page(post, desk.rui)
    assert "第三段<ins>也改</ins>。" in again and "第一段<ins>改过</ins>" not in again, (
        "opening it twice changes nothing"
    )
    everything = desk.page(post, desk.rui, **{"with": "live"})
    assert "第一段<ins>改过</ins>" in everything and "第三段<ins>也改</ins>。" in everything
    assert "第一段<ins>改过</ins>" in desk.page(post, desk.pan), "somebody else has not looked yet"


def test_a_glance_between_two_saves_is_no_second_round(desk: Desk) -> None:
    post = desk.submit(PATH, body="第一段改过。\n\n股市今天大跌。\n\n第三段。\n")
    desk.page(post, desk.rui)
    editing.edit(post, {}, body="第一段改过。\n\n股市今天大跌。\n\n第三段也改。\n", by=desk.wen)
    assert "第一段<ins>改过</ins>" in desk.page(post, desk.rui)


def test_a_glance_before_the_first_submission_or_in_an_earlier_review_is_no_first_round(desk: Desk) -> None:
    post = desk.submit(PATH, body="第一段改过。\n\n股市今天大跌。\n\n第三段。\n")
    desk.page(post, desk.rui)
    reviewing.approve_and_publish(post, by=desk.pan, looked_at=post.present)
    desk.world.sync()
    editing.edit(desk.world.post(PATH), {}, body="第一段再改。\n\n股市今天大跌。\n\n第三段。\n", by=desk.wen)
    desk.page(desk.world.post(PATH), desk.rui)
    post = desk.submit(PATH, body="第一段再改。\n\n股市今天大跌。\n\n第三段也改。\n")
    shown = desk.page(post, desk.rui)
    assert "<ins>再</ins>" in shown and "第三段<ins>也改</ins>。" in shown


def test_what_is_asked_of_the_reviewer_stands_on_the_page(desk: Desk) -> None:
    day = timezone.localdate()
    asked = Request(desk.rui, day, "数字的出处")
    editing.edit(desk.world.post(PATH), {"title": "改过的"}, by=desk.wen)
    post = reviewing.perform(desk.world.post(PATH), Transition.SUBMIT, by=desk.wen, request=asked)
    shown = desk.page(post, desk.rui)
    assert "数字的出处" in shown and day.isoformat() in shown and reverse(DUE, args=[post.pk]) in shown


def test_looking_is_remembered_once_for_each_text(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    for _again in range(3):
        desk.page(post, desk.rui)
    assert list(Look.objects.values_list("person", "revision")) == [(desk.rui.pk, post.present_id)]


def test_side_by_side_and_as_on_the_site_are_remembered(desk: Desk) -> None:
    post = desk.submit(PATH, body="第一段。\n\n**股市**今天大涨。\n\n第三段。\n")
    client = signed_in(desk.rui)
    assert "rv-as-line" in client.get(address(post)).content.decode()
    client.get(address(post), {"layout": "side", "as": "rendered"})
    shown = client.get(address(post)).content.decode()
    assert "rv-as-side" in shown
    assert "<strong>股市</strong>今天大<ins>涨</ins>。" in shown
    assert "今天大<del>跌</del>。" in shown


def test_a_script_in_a_text_reaches_neither_view(desk: Desk) -> None:
    evil = "第一段。\n\n<script>alert(1)</script><img src=x onerror=alert(2)>\n\n第三段。\n"
    post = desk.submit(PATH, body=evil, title="<script>alert(3)</script>")
    for form in ("markdown", "rendered"):
        for base in ("live", "whole"):
            shown = desk.page(post, desk.rui, **{"with": base, "as": form})
            assert "<script>alert" not in shown and "<img src=x onerror" not in shown


def test_as_on_the_site_the_images_of_the_repository_are_seen(desk: Desk) -> None:
    collection = desk.world.collection
    collection.media_folder, collection.media_url = "src/assets/images", "/assets/images"
    collection.save(update_fields=["media_folder", "media_url"])
    post = desk.submit(PATH, body="第一段。\n\n![走势](/assets/images/trend.png)\n")
    for base in ("live", "whole"):
        shown = desk.page(post, desk.rui, **{"with": base, "as": "rendered"})
        assert '<img src="/assets/images/' not in shown
        assert f'<img src="{reverse("admin:posts_collection_images_file", args=[collection.pk])}?path=' in shown


# --- Who decides


def test_a_writer_sees_the_page_and_why_she_cannot_approve(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    shown = desk.page(post, desk.wen)
    assert 'aria-describedby="rv-why-approve"' in shown
    assert 'value="approve"' not in shown
    status, told = decide(post, desk.wen, "approve", post.present_id)
    assert status == 403 and "Nothing was changed." in told
    assert desk.world.post(PATH).state == State.IN_REVIEW


def test_a_step_that_the_role_never_takes_is_shown_neither_there_nor_beside_the_text(desk: Desk) -> None:
    post = desk.submit(NEW)
    decisions = desk.page(post, desk.rui).partition('class="eg-steps rv-steps"')[2].partition("</form>")[0]
    assert 'value="approve"' in decisions and "Withdraw" not in decisions and "disabled" not in decisions
    reviewing.perform(desk.world.post(NEW), Transition.APPROVE, by=desk.rui, looked_at=post.present)
    beside = signed_in(desk.wen).get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()
    assert "Not possible now" not in beside and 'aria-describedby="eg-why-publish"' not in beside


def test_a_publisher_who_wrote_it_is_told_why_not(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    editing.edit(post, {"summary": "我的"}, by=desk.pan)
    shown = desk.page(desk.world.post(PATH), desk.pan)
    assert 'aria-describedby="rv-why-approve_and_publish"' in shown
    assert 'value="request_changes"' in shown


def test_approve_and_publish_is_one_button_for_those_who_may_do_both(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    assert "approve_and_publish" not in desk.page(post, desk.rui)
    assert 'value="approve_and_publish"' in desk.page(post, desk.pan)
    assert decide(post, desk.pan, "approve_and_publish", post.present_id)[0] == 302
    assert desk.world.post(PATH).state == State.PUBLISHED


def test_changes_are_requested_with_a_note_and_not_without(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    status, told = decide(post, desk.rui, "request_changes", post.present_id)
    assert status == 403 and "Nothing was changed." in told
    assert decide(post, desk.rui, "request_changes", post.present_id, "标题太长")[0] == 302
    assert desk.world.post(PATH).state == State.CHANGES_REQUESTED
    assert "标题太长" in desk.page(post, desk.wen)


def test_a_note_is_not_lost_where_somebody_else_decided_first(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    reviewing.approve_and_publish(post, by=desk.pan, looked_at=post.present)
    status, told = decide(post, desk.rui, "request_changes", post.present_id, "写了很久")
    assert status == 403 and told.count("写了很久</textarea>") == 1


def test_what_changed_while_she_read_is_shown_alone_and_approved_with_it(desk: Desk) -> None:
    post = desk.submit(PATH, body="第一段改过。\n\n股市今天大跌。\n\n第三段。\n")
    seen = post.present_id
    editing.edit(post, {}, body="第一段改过。\n\n股市今天大跌。\n\n第三段也改。\n", by=desk.wen)
    status, told = decide(post, desk.rui, "approve", seen, "好")
    assert status == 409 and "changed while you read" in told
    assert "第三段<ins>也改</ins>。" in told and "第一段<ins>改过</ins>" not in told
    assert ">\n好</textarea>" in told, "what she typed is kept"
    moved = desk.world.post(PATH)
    assert moved.state == State.IN_REVIEW
    assert f'name="looked_at" value="{moved.present_id}"' in told
    assert decide(post, desk.rui, "approve", moved.present_id)[0] == 302
    assert Event.objects.filter(post=post).first().revision_id == moved.present_id


@pytest.mark.parametrize("looked_at", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_approval_that_names_no_text_approves_nothing(desk: Desk, looked_at: str) -> None:
    post = desk.submit(PATH, title="改过的")
    assert decide(post, desk.rui, "approve", looked_at)[0] == 409
    assert desk.world.post(PATH).state == State.IN_REVIEW


def test_only_the_steps_of_the_page_are_taken_there(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    assert decide(post, desk.pan, "archive", post.present_id)[0] == 400
    assert desk.world.post(PATH).state == State.IN_REVIEW


def test_before_a_direct_edit_a_reviewer_is_told_that_she_cannot_approve_then(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    warning = "you cannot approve it any more"
    assert warning in desk.page(post, desk.rui)
    assert warning not in desk.page(post, desk.wen), "she could not approve it anyway"
    assert not looks.would_lose_approval(situation_of(desk.world.post(PATH), desk.wen))
    desk.world.collection.second_eyes = "off"
    desk.world.collection.save()
    assert warning not in desk.page(post, desk.rui), "one pair of eyes will do there"


# --- The queue


def test_the_queue_goes_round_the_longest_waiting_first(desk: Desk) -> None:
    first, second, third = (desk.submit(path, title=f"标题 {path}") for path in (PATH, NEW, SECOND))
    place = looks.place_in_queue(second, desk.rui)
    assert (place.before, place.after, place.others) == (first.pk, third.pk, 2)
    assert looks.place_in_queue(third, desk.rui).after == first.pk
    assert looks.place_in_queue(first, desk.rui).before == third.pk
    assert looks.place_in_queue(first, desk.wen) == looks.Place(None, None, 0), "she cannot review"
    shown = desk.page(second, desk.rui)
    assert f'href="{address(third)}" data-key="n"' in shown


def test_what_is_asked_of_her_comes_first_then_what_is_due_and_never_what_is_asked_of_a_colleague(desk: Desk) -> None:
    today = timezone.localdate()
    desk.world.remote.push(THIRD, post_text("再一篇"))
    desk.world.sync()
    old, due, mine, theirs = (desk.submit(path, title=f"标题 {path}") for path in (PATH, NEW, SECOND, THIRD))
    record(desk.world.post(NEW), {"review_due": today})
    record(desk.world.post(SECOND), {"reviewer": desk.rui, "review_due": today})
    record(desk.world.post(THIRD), {"reviewer": desk.pan, "review_due": today})
    assert list(review_queue(desk.rui)) == [mine, due, old]
    assert list(review_queue(desk.pan)) == [theirs, due, old]
    assert looks.place_in_queue(mine, desk.rui) == looks.Place(old.pk, due.pk, 2)
    assert looks.place_in_queue(theirs, desk.rui).after == mine.pk, "from elsewhere to the first"
    listed = signed_in(desk.rui).get(reverse("admin:posts_post_changelist"), {"state__exact": "in_review"})
    assert [row.pk for row in listed.context["cl"].result_list] == [mine.pk, due.pk, theirs.pk, old.pk]
    by_title = {"state__exact": "in_review", "o": "1"}
    listed = signed_in(desk.rui).get(reverse("admin:posts_post_changelist"), by_title)
    assert [str(row) for row in listed.context["cl"].result_list] == sorted(map(str, (mine, theirs, due, old)))
    User.objects.filter(pk=desk.pan.pk).update(is_active=False)
    assert list(review_queue(desk.rui)) == [mine, due, theirs, old], "she has left, and it waits for anybody"


def test_after_a_decision_it_goes_on_where_it_was(desk: Desk) -> None:
    first, second, third = (desk.submit(path, title=f"标题 {path}") for path in (PATH, NEW, SECOND))
    client = signed_in(desk.rui)
    sent = {"step": "approve", "looked_at": second.present_id, "note": ""}
    shown = client.post(address(second), sent, follow=True).content.decode()
    assert desk.world.post(NEW).state == State.APPROVED
    assert f'href="{address(third)}" data-key="n"' in shown, "she went past the first one"
    assert f'href="{address(first)}" data-key="n"' in client.get(address(second)).content.decode()


def test_what_is_there_for_practice_is_a_queue_of_its_own(desk: Desk, tmp_path: Path) -> None:
    real, trial = desk.submit(PATH, title="真的"), World(tmp_path, "trial")
    trial.remote.commit({PATH: post_text("试一"), NEW: post_text("试二")})
    trial.sync("done")
    Collection.objects.filter(pk=trial.collection.pk).update(practice=True)
    tried, other = (reviewing.perform(trial.post(path), Transition.SUBMIT, by=desk.wen) for path in (PATH, NEW))
    assert list(review_queue(desk.rui)) == [real]
    assert looks.place_in_queue(real, desk.rui) == looks.Place(None, None, 0)
    assert looks.place_in_queue(tried, desk.rui) == looks.Place(other.pk, other.pk, 1)


def test_what_a_reviewer_submitted_herself_is_not_in_her_queue(desk: Desk) -> None:
    desk.submit(PATH, title="改过的")
    editing.edit(desk.world.post(NEW), {"title": "她的"}, by=desk.rui)
    reviewing.perform(desk.world.post(NEW), Transition.SUBMIT, by=desk.rui)
    assert [post.path for post in review_queue(desk.rui)] == [PATH]


def test_the_home_page_and_the_list_of_what_is_in_review_lead_there(desk: Desk) -> None:
    post = desk.submit(PATH, title="改过的")
    client = signed_in(desk.rui)
    assert address(post) in client.get(reverse("admin:index")).content.decode()
    listed = reverse("admin:posts_post_changelist")
    assert address(post) in client.get(listed, {"state__exact": "in_review"}).content.decode()
    assert address(post) not in client.get(listed).content.decode()
    assert address(post) not in signed_in(desk.wen).get(listed, {"state__exact": "in_review"}).content.decode()


def test_the_number_of_queries_does_not_grow_with_the_history(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post = desk.submit(PATH, title="改过的")
    client = signed_in(desk.pan)
    client.get(address(post))
    with django_assert_max_num_queries(QUERIES):
        client.get(address(post))
    for number in range(12):
        editing.edit(desk.world.post(PATH), {"title": f"改 {number}"}, by=desk.wen)
    for path in (NEW, SECOND):
        desk.submit(path, title="又一篇")
    client.get(address(post))
    with django_assert_max_num_queries(QUERIES):
        client.get(address(post))


def test_a_text_of_180_kb_opens_in_less_than_two_seconds_of_a_processor(desk: Desk) -> None:
    paragraphs = [
        f"第 {number} 段：" + "市场今天的走势与昨天不同，投资者在观望。" * 4 + "\n\n" for number in range(700)
    ]
    desk.world.remote.commit({PATH: post_text("长文", draft="false", body="".join(paragraphs))})
    desk.world.sync()
    for number in range(0, 700, 50):
        paragraphs[number] = paragraphs[number].replace("昨天", "前天")
    post = desk.submit(PATH, body="".join(paragraphs))
    assert len(post.present.text.encode()) > 170_000
    client = signed_in(desk.rui)
    client.get(address(post))
    for asked in (("live", "line", "markdown"), ("live", "side", "rendered"), ("whole", "side", "markdown")):
        start = time.process_time()
        shown = client.get(address(post), dict(zip(("with", "layout", "as"), asked, strict=True)))
        assert time.process_time() - start < 2, asked
        assert "第 650 段" in shown.content.decode()
