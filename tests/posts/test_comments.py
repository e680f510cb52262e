"""Remarks, suggestions, and the link for people without an account."""

import datetime
import html
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from posts import editing, outside_links, reviewing
from posts.assigning import assign
from posts.commenting import About, CommentRefused, comment, may_comment, passage_now, reopen, reply, resolve
from posts.editing import EditForbidden
from posts.illustrating import add_image, replace_image
from posts.models import Comment, Event, Notice, OutsideLink, OutsideVisit, Post, Profile
from posts.notice_words import address_of, heading_of, quote_of
from posts.outside_links import LinkRefused, make_link, withdraw_link
from posts.situations import situation_of
from posts.suggesting import apply_suggestion
from posts.workflow import State, Transition
from tests.posts.pictures import png
from tests.posts.worlds import World, group_of, person, post_text

pytestmark = pytest.mark.django_db

PATH, OTHER = "src/posts/a.md", "src/posts/b.md"
BODY = "第一段。\n\n股市今天**大跌**。\n\n第三段 < 四 & 五。\n"


class Desk:
    """A draft, its writer Wen, the reviewer Rui and the publisher Pan."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.world.remote.commit({PATH: post_text("新的", body=BODY), OTHER: post_text("另一篇")})
        self.world.sync()
        self.wen, self.rui, self.pan = person("wen", "Writer"), person("rui", "Reviewer"), person("pan", "Publisher")

    @property
    def post(self) -> Post:
        """The post, fresh."""
        return self.world.post(PATH)

    def edit(self, old: str, new: str) -> Post:
        """Wen replaces a part of the body."""
        assert self.post.present is not None
        return editing.edit(self.post, {}, body=self.post.body.replace(old, new), by=self.wen)

    def suggest(self, quote: str, replacement: str, **about: object) -> Comment:
        """Rui suggests a change."""
        return comment(self.post, "", About(quote=quote, replacement=replacement, **about), by=self.rui)  # type: ignore[arg-type]

    def link(self, *, may_suggest: bool = True, days: int = 7) -> tuple[OutsideLink, str]:
        """Wen makes a link for the Guest."""
        day = timezone.localdate() + datetime.timedelta(days=days)
        return make_link(self.post, "Guest", day, may_suggest=may_suggest, by=self.wen)


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    """The desk of these tests."""
    return Desk(tmp_path)


def signed_in(who: User) -> Client:
    """A browser of `who`."""
    client = Client()
    client.force_login(who)
    return client


def page_of(name: str, *keys: object) -> str:
    """The address of a page."""
    return reverse(f"admin:posts_post_{name}", args=keys)


# --- Remarks


def test_a_remark_stays_with_its_passage_through_edits_elsewhere(desk: Desk) -> None:
    made = comment(desk.post, "请核对", About(quote="**大跌**"), by=desk.rui)
    desk.edit("第一段。", "全新的开头，长得多。\n\n还有一段。")
    remark, body = Comment.objects.get(pk=made.pk), desk.post.body
    now = passage_now(remark, body)
    assert now is not None and body[now.start : now.end] == "**大跌**"


def test_a_remark_whose_passage_was_changed_stays_on_the_post_and_says_so(desk: Desk) -> None:
    comment(desk.post, "请核对数字", About(quote="**大跌**"), by=desk.rui)
    desk.edit("**大跌**", "小跌")
    shown = signed_in(desk.wen).get(page_of("comments", desk.post.pk)).content.decode()
    assert "请核对数字" in shown and "its passage was changed" in shown and "<mark" not in shown


def test_a_passage_that_stands_several_times_or_nowhere_is_refused_and_its_place_tells_which(desk: Desk) -> None:
    with pytest.raises(CommentRefused) as refused:
        comment(desk.post, "哪里？", About(quote="段"), by=desk.rui)
    assert refused.value.code == "passage_several"
    with pytest.raises(CommentRefused) as refused:
        comment(desk.post, "哪里？", About(quote="没有的话"), by=desk.rui)
    assert refused.value.code == "passage_missing"
    second = BODY.rindex("段")
    assert comment(desk.post, "这里", About(quote="段", start=second), by=desk.rui).start == second


def test_a_field_and_a_passage_at_once_are_refused_and_not_one_of_them_dropped(desk: Desk) -> None:
    with pytest.raises(CommentRefused) as refused:
        comment(desk.post, "哪一个？", About(field="title", quote="没有的话"), by=desk.rui)
    assert refused.value.code == "field_and_passage"
    assert comment(desk.post, "题", About(field="title", quote=" \n"), by=desk.rui).field == "title"


def test_a_remark_is_answered_settled_and_opened_again(desk: Desk) -> None:
    made = comment(desk.post, "请核对", by=desk.rui)
    answer = reply(made, "核对了", by=desk.wen)
    assert answer.parent == made
    assert told("remarked", "replied") == ["wen→rui"]
    reply(made, "还差一处", by=desk.pan)
    assert told("replied") == ["pan→rui", "pan→wen"]
    reply(made, "@wen 补上吧", by=desk.rui)
    assert told("replied") == ["rui→pan"] and told("mention") == ["rui→wen"]
    resolve(made, by=desk.wen)
    assert not Comment.objects.open().exists()
    with pytest.raises(CommentRefused):
        resolve(made, by=desk.wen)
    reopen(made, by=desk.rui)
    assert list(Comment.objects.open()) == [made]
    with pytest.raises(CommentRefused):
        resolve(answer, by=desk.wen)


def test_a_remark_and_a_suggestion_tell_whom_the_post_concerns_once_and_lead_to_it(desk: Desk) -> None:
    reviewing.perform(desk.edit("今天", "昨天"), "submit", by=desk.wen)
    assign([desk.post], desk.pan, by=desk.rui)
    made = comment(desk.post, "出处？", by=desk.rui)
    notice = Notice.objects.get(person=desk.wen)
    assert told("remarked") == ["rui→pan", "rui→wen"]
    assert address_of(notice, notice.person) == page_of("comments", desk.post.pk) + f"#remark-{made.pk}"
    assert (heading_of(notice), quote_of(notice)) == ("Remark", "出处？") and notice.mail_at is not None
    told("assigned")
    desk.suggest("大跌", "大涨")
    assert told("suggested") == ["rui→pan", "rui→wen"]
    comment(desk.post, "@pan 请看", by=desk.rui)
    assert told("mention", "remarked") == ["rui→pan", "rui→wen"]
    comment(desk.post, "我自己看看", by=desk.wen)
    assert told("remarked") == ["wen→pan"]


def test_who_may_not_see_the_post_any_more_or_wants_no_remarks_is_not_told(desk: Desk) -> None:
    reviewing.perform(desk.edit("今天", "昨天"), "submit", by=desk.wen)
    assign([desk.post], desk.pan, by=desk.rui)
    Profile.objects.update_or_create(person=desk.pan, defaults={"limited": True})
    Profile.objects.update_or_create(
        person=desk.wen, defaults={"wishes": {"remarks": "off"}, "hidden": {"remarks": True}}
    )
    told("assigned")
    comment(desk.post, "出处？", by=desk.rui)
    assert not Notice.objects.exists()


def test_whoever_is_named_is_told_once_and_only_who_may_see_posts(desk: Desk) -> None:
    person("wendy", "Writer")
    person("nobody")
    said = "@wen请看，@WEN，@nobody，写给 pan@rui.org，@rui"
    comment(desk.post, said, by=desk.rui)
    notice = Notice.objects.select_related("person").get(code="mention")
    assert (notice.person.username, notice.facts["text"]) == ("wen", said)


def test_behind_an_at_whoever_may_see_the_post_is_offered_by_name_username_and_sound(desk: Desk) -> None:
    for username, first, last in (("xm7", "小明", "王"), ("lee", "Li", "Wen Ďurica"), ("rooms", "Wendell", "")):
        User.objects.filter(pk=person(username, "Writer").pk).update(first_name=first, last_name=last)
    Profile.objects.update_or_create(person=User.objects.get(username="rooms"), defaults={"limited": True})
    person("wenona")
    browser, address = signed_in(desk.rui), page_of("people", desk.post.pk)

    def offered(typed: str) -> list[str]:
        people = browser.get(address, {"q": typed}).json()["people"]
        return [each["username"] for each in people]

    assert offered("wen") == ["wen", "lee"]
    assert offered("WANGXIAO") == offered("xiaomingw") == offered("wxm") == offered("王小") == offered("明") == ["xm7"]
    assert offered("durica") == offered("lee") == ["lee"] and offered("e") == offered("rui") == []
    assert offered("") == ["lee", "pan", "wen", "xm7"]
    assign([desk.post], desk.pan, by=desk.rui)
    assert offered("")[0] == "pan"
    assert browser.post(address).status_code == 405
    assert signed_in(person("curious")).get(address).status_code == 403


def test_only_who_may_change_or_review_posts_may_remark(desk: Desk) -> None:
    assert [may_comment(desk.post, who) for who in (desk.wen, desk.rui, desk.pan, person("nobody"))] == [
        True,
        True,
        True,
        False,
    ]
    with pytest.raises(CommentRefused) as refused:
        comment(desk.post, "我也说", by=person("outsider"))
    assert refused.value.code == "no_permission"
    for empty in ("", " \n", "\0"):
        with pytest.raises(CommentRefused):
            comment(desk.post, empty, by=desk.rui)
    with pytest.raises(CommentRefused):
        comment(desk.post, "长" * 5001, by=desk.rui)


def told(*codes: str) -> list[str]:
    """Who told whom with these codes since this was asked last."""
    rows = Notice.objects.filter(code__in=codes).select_related("person")
    found = sorted(f"{notice.facts['by'].lower()}→{notice.person.username}" for notice in rows)
    rows.delete()
    return found


# --- Suggestions


def test_a_suggestion_becomes_the_edit_of_who_applies_it_and_names_who_made_it(desk: Desk) -> None:
    made = desk.suggest("**大跌**", "大跌 3%")
    desk.edit("第一段。", "开头。")
    post = apply_suggestion(made, by=desk.wen)
    assert "股市今天大跌 3%。" in post.body and "开头。" in post.body
    assert post.present is not None and post.present.by == desk.wen
    event = Event.objects.get(post=post, transition="apply_suggestion")
    assert (event.by, event.facts["by"]) == (desk.wen, "Rui")
    made.refresh_from_db()
    assert made.resolved_by == desk.wen and made.applied == post.present
    with pytest.raises(CommentRefused):
        apply_suggestion(made, by=desk.wen)


def test_who_suggested_may_approve_and_who_applied_may_not(desk: Desk) -> None:
    apply_suggestion(desk.suggest("**大跌**", "大涨"), by=desk.pan)
    reviewing.perform(desk.post, Transition.SUBMIT, by=desk.wen)
    assert situation_of(desk.post, desk.pan).is_writer
    assert not situation_of(desk.post, desk.rui).is_writer
    assert (
        reviewing.perform(desk.post, Transition.APPROVE, by=desk.rui, looked_at=desk.post.present).state
        == State.APPROVED
    )


def test_a_suggestion_that_cannot_be_placed_is_refused_and_stays_open(desk: Desk) -> None:
    made = desk.suggest("**大跌**", "大涨")
    before = desk.edit("**大跌**", "小跌").present_id
    with pytest.raises(CommentRefused) as refused:
        apply_suggestion(made, by=desk.wen)
    assert refused.value.code == "passage_moved"
    assert desk.post.present_id == before and Comment.objects.open().count() == 1


def test_a_suggested_value_replaces_a_field_unless_it_was_changed_since(desk: Desk) -> None:
    title = comment(desk.post, "短些", About(field="title", replacement="短题"), by=desk.rui)
    tags = comment(desk.post, "", About(field="tags", replacement="gold\n\n oil "), by=desk.rui)
    late = comment(desk.post, "", About(field="title", replacement="更短"), by=desk.rui)
    assert apply_suggestion(title, by=desk.wen).title == "短题"
    apply_suggestion(tags, by=desk.wen)
    assert "- gold\n  - oil\n" in desk.post.present.text  # type: ignore[union-attr]
    with pytest.raises(CommentRefused):
        apply_suggestion(late, by=desk.wen)


def test_nobody_suggests_what_only_steps_of_the_review_write(desk: Desk) -> None:
    for key in ("draft", "status"):
        with pytest.raises(CommentRefused) as refused:
            comment(desk.post, "", About(field=key, replacement="false"), by=desk.rui)
        assert refused.value.code == "written_by_transitions"


def test_who_may_not_change_the_post_cannot_apply(desk: Desk) -> None:
    made = desk.suggest("**大跌**", "大涨")
    with pytest.raises(EditForbidden):
        apply_suggestion(made, by=person("nobody"))
    with pytest.raises(CommentRefused):
        apply_suggestion(comment(desk.post, "只是说说", by=desk.rui), by=desk.wen)


def test_the_checklist_can_demand_that_no_remark_is_open(desk: Desk) -> None:
    desk.world.collection.checklist = {"no_remark": "blocking"}
    desk.world.collection.save()
    made = comment(desk.post, "请核对", by=desk.rui)
    assert situation_of(desk.post, desk.wen).missing == ("no_remark",)
    resolve(made, by=desk.wen)
    assert situation_of(desk.post, desk.wen).missing == ()


# --- Links for people without an account


def test_a_link_shows_one_post_and_takes_a_remark_under_the_name_that_is_given(desk: Desk) -> None:
    link, token = desk.link()
    address = reverse("outside", args=[token])
    answer = Client().get(address)
    shown = answer.content.decode()
    assert "<strong>大跌</strong>" in shown and "新的" in shown and ".njk" not in shown
    assert answer["X-Robots-Tag"].startswith("noindex") and "no-store" in answer["Cache-Control"]
    assert (
        "script-src" not in answer["Content-Security-Policy"]
        and "default-src 'none'" in answer["Content-Security-Policy"]
    )
    sent = {"name": "Li <b>Lei</b>", "text": "<script>alert(1)</script>", "block": "2", "onto": desk.post.present_id}
    assert Client().post(address, sent).status_code == 302
    made = Comment.objects.get()
    assert (made.link, made.outside_name, made.quote) == (link, "Li <b>Lei</b>", "股市今天**大跌**。")
    notice = Notice.objects.get()
    assert (notice.code, notice.person, heading_of(notice)) == ("outside_remark", desk.wen, "Remark from outside")
    for browser, page in ((Client(), address), (signed_in(desk.rui), page_of("comments", desk.post.pk))):
        seen = browser.get(page).content.decode()
        assert "&lt;script&gt;alert(1)" in seen and "<script>alert" not in seen and "<b>Lei" not in seen


def test_what_an_outsider_suggests_an_editor_applies_if_the_link_may_suggest(desk: Desk) -> None:
    _link, token = desk.link()
    sent = {
        "name": "Guest",
        "block": "2",
        "suggests": "on",
        "replacement": "股市今天大涨。\r\n",
        "onto": desk.post.present_id,
    }
    Client().post(reverse("outside", args=[token]), sent)
    post = apply_suggestion(Comment.objects.get(), by=desk.wen)
    assert "股市今天大涨。" in post.body
    assert Event.objects.get(transition="apply_suggestion").facts["by"] == "Guest"

    _link, reading = desk.link(may_suggest=False)
    answer = Client().post(reverse("outside", args=[reading]), sent)
    assert answer.status_code == 400 and Comment.objects.count() == 1


def test_a_link_that_ended_was_withdrawn_or_is_wrong_opens_nothing(desk: Desk) -> None:
    link, token = desk.link()
    address = reverse("outside", args=[token])
    assert Client().get(address).status_code == 200
    assert Client().get(reverse("outside", args=[token[:-1] + ("a" if token[-1] != "a" else "b")])).status_code == 404
    OutsideLink.objects.update(ends_at=timezone.now())
    assert Client().get(address).status_code == 404
    OutsideLink.objects.update(ends_at=timezone.now() + datetime.timedelta(days=1))
    withdraw_link(link, by=desk.pan)
    for answer in (Client().get(address), Client().post(address, {"name": "Guest", "text": "还在？"})):
        assert answer.status_code == 404 and "新的" not in answer.content.decode()
    assert not Comment.objects.exists()
    with pytest.raises(LinkRefused):
        withdraw_link(link, by=desk.pan)
    assert [event.transition for event in Event.objects.order_by("pk")] == ["make_link", "withdraw_link"]


def test_a_link_opens_its_post_for_as_long_as_whoever_made_it_could_make_it(desk: Desk) -> None:
    _link, token = desk.link()
    address, remarks = reverse("outside", args=[token]), page_of("comments", desk.post.pk)
    desk.wen.groups.set([group_of("Curator")])
    assert Client().get(address).status_code == Client().post(address, {"name": "Li", "text": "好"}).status_code == 404
    assert not Comment.objects.exists()
    shown = signed_in(desk.pan).get(remarks).content.decode()
    assert "whoever made it may make no links any more" in shown and "Withdraw the link" in shown
    desk.wen.groups.set([group_of("Writer")])
    assert Client().get(address).status_code == 200


def test_a_link_to_an_archived_post_opens_nothing_until_it_is_restored_and_says_so(desk: Desk) -> None:
    _link, token = desk.link()
    address, remarks = reverse("outside", args=[token]), page_of("comments", desk.post.pk)
    reviewing.perform(desk.post, "discard", by=desk.wen)
    for answer in (Client().get(address), Client().post(address, {"name": "Li", "text": "好"})):
        assert answer.status_code == 404 and "新的" not in answer.content.decode()
        assert "This post was put away, so the link does not open it now." in answer.content.decode()
    wen = signed_in(desk.wen)
    shown = wen.get(remarks).content.decode()
    assert "the post is archived" in shown and "Withdraw the link" in shown
    day = timezone.localdate().isoformat()
    answer = wen.post(page_of("make_link", desk.post.pk), {"for": "Li", "last_day": day})
    assert answer.status_code == 400 and "The post is archived. Restore it first." in answer.content.decode()
    reviewing.perform(desk.post, "restore", by=desk.wen)
    assert Client().get(address).status_code == 200
    OutsideLink.objects.update(ends_at=timezone.now())
    shown = wen.get(remarks).content.decode()
    assert "ended" in shown and "Withdraw the link" not in shown


def test_links_of_one_maker_cost_no_query_each(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk.link()
    wen, address = signed_in(desk.wen), page_of("comments", desk.post.pk)
    with CaptureQueriesContext(connection) as few:
        wen.get(address)
    for _each in range(5):
        desk.link()
    with django_assert_max_num_queries(len(few)):
        wen.get(address)


def test_the_secret_of_a_link_is_kept_nowhere_and_its_uses_are_noted(desk: Desk) -> None:
    link, token = desk.link()
    assert token not in str(list(OutsideLink.objects.values())) + str(list(Event.objects.values()))
    Client().get(reverse("outside", args=[token]))
    Client().post(reverse("outside", args=[token]), {"name": "Li", "text": "好"})
    assert list(OutsideVisit.objects.filter(link=link, remark=True).values_list("name", flat=True)) == ["Li"]
    assert "127.0.0.1" not in str(list(OutsideVisit.objects.values()))


def test_a_link_that_is_used_too_often_waits_an_hour(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside_links, "MOST_REMARKS", 1)
    monkeypatch.setattr(outside_links, "MOST_VISITS", 3)
    _link, token = desk.link()
    address = reverse("outside", args=[token])
    sent = {"name": "Li", "text": "好"}
    assert [Client().post(address, sent).status_code for _ in range(3)] == [302, 429, 429]
    assert Client().get(address).status_code == 429
    OutsideVisit.objects.update(at=timezone.now() - datetime.timedelta(hours=1))
    assert Client().get(address).status_code == 200


def test_a_link_opens_no_page_of_the_desk_and_no_other_post(desk: Desk) -> None:
    _link, token = desk.link()
    browser = Client()
    shown = browser.get(reverse("outside", args=[token])).content.decode()
    assert "/admin/" not in shown and "<script" not in shown
    assert browser.get(page_of("comments", desk.post.pk)).status_code == 302
    other = desk.world.post(OTHER)
    sent = {"name": "Li", "text": "看", "block": "1", "onto": other.present_id}
    browser.post(reverse("outside", args=[token]), sent)
    made = Comment.objects.get()
    assert made.post == desk.post and made.revision == desk.post.present


# --- Its images


@pytest.fixture
def illustrated(desk: Desk) -> Desk:
    """The same desk, with a text that names images: of the repository, one that waits, some that stay hidden."""
    desk.world.collection.media_folder, desk.world.collection.media_url = "media", "/media"
    desk.world.collection.save()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    hidden = {"media/b.png": png("blue"), "media/notes.txt": b"secret", "src/posts/beside.png": png("grey")}
    desk.world.remote.commit({"media/图.png": png("green"), "media/a.svg": svg, **hidden})
    desk.world.sync()
    waiting = add_image(desk.world.collection, png("red"), "new.png", by=desk.wen)
    named = f"![一](/media/图.png) ![二](../../media/a.svg) ![三](/{waiting.path}) ![四](beside.png) /media/notes.txt"
    desk.edit("第一段。", f"第一段。{named} ![五](https://elsewhere.example/x.png)")
    return desk


def images_shown(desk: Desk, token: str) -> list[str]:
    """Where the images of the page come from."""
    shown = Client().get(reverse("outside", args=[token])).content.decode()
    return [html.unescape(src) for src in re.findall(r'<img src="([^"]*)"', shown)]


def test_a_link_shows_the_images_that_its_text_names_also_those_that_wait(illustrated: Desk) -> None:
    _link, token = illustrated.link()
    shown = images_shown(illustrated, token)
    at = reverse("outside_image", args=[token])
    assert [src.partition("?")[0] for src in shown] == [at, at, at, "beside.png", "https://elsewhere.example/x.png"]
    answers = [Client().get(src) for src in shown[:3]]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer["Content-Type"] for answer in answers] == ["image/png", "image/svg+xml", "image/png"]
    assert answers[0].content == png("green") and answers[2].content == png("red")
    for answer in answers:
        assert answer["X-Content-Type-Options"] == "nosniff" and answer["X-Robots-Tag"].startswith("noindex")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "sandbox" in answer["Content-Security-Policy"]
    assert Client().get(shown[0], headers={"If-None-Match": answers[0]["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "media/b.png",
        "media/notes.txt",
        "src/posts/beside.png",
        PATH,
        "../media/图.png",
        "media/none.png",
        "",
        "a\0.png",
    ],
)
def test_a_link_gives_no_image_that_its_text_does_not_name(illustrated: Desk, path: str) -> None:
    _link, token = illustrated.link()
    assert Client().get(reverse("outside_image", args=[token]), {"path": path}).status_code == 404


def test_a_replacement_that_waits_for_another_post_is_not_shown(illustrated: Desk) -> None:
    _link, token = illustrated.link()
    replace_image(illustrated.world.post(OTHER), "media/图.png", png("black"), by=illustrated.wen)
    assert Client().get(images_shown(illustrated, token)[0]).content == png("green")


def test_a_link_that_is_over_gives_no_images_and_a_text_names_its_own_only(illustrated: Desk) -> None:
    link, token = illustrated.link()
    first, *_others = images_shown(illustrated, token)
    assert Client().get(first.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))).status_code == 404
    OutsideLink.objects.update(ends_at=timezone.now())
    assert Client().get(first).status_code == 404
    OutsideLink.objects.update(ends_at=timezone.now() + datetime.timedelta(days=1))
    assert Client().get(first).status_code == 200
    illustrated.edit("![一](/media/图.png)", "")
    assert Client().get(first).status_code == 404, "the text of now does not name it"
    other = images_shown(illustrated, token)[0]
    withdraw_link(link, by=illustrated.pan)
    assert Client().get(other).status_code == 404


# --- Who makes them


def test_only_who_may_submit_makes_links_and_not_for_ever(desk: Desk) -> None:
    today = timezone.localdate()
    for days, name in ((-1, "Guest"), (outside_links.MOST_DAYS + 1, "Guest"), (3, " ")):
        with pytest.raises(LinkRefused):
            make_link(desk.post, name, today + datetime.timedelta(days=days), may_suggest=False, by=desk.wen)
    with pytest.raises(LinkRefused) as refused:
        make_link(desk.post, "Guest", today, may_suggest=False, by=person("nobody"))
    assert refused.value.code == "no_permission"


# --- Pages


def test_the_page_marks_passages_and_takes_remarks_answers_and_suggestions(desk: Desk) -> None:
    rui, address = signed_in(desk.rui), page_of("comments", desk.post.pk)
    sent = {"text": "核对", "quote": "**大跌**", "suggests": "on", "replacement": "大涨", "onto": desk.post.present_id}
    assert rui.post(address, sent).status_code == 302
    made = Comment.objects.get()
    wen = signed_in(desk.wen)
    shown = wen.get(address).content.decode()
    assert re.search(rf'<mark data-remarks="{made.pk}">\*\*大跌\*\*</mark>', shown)
    assert "第三段 &lt; 四 &amp; 五。" in shown
    wen.post(page_of("remark", desk.post.pk, made.pk, "answer"), {"text": "好的"})
    assert wen.post(page_of("remark", desk.post.pk, made.pk, "apply")).status_code == 302
    assert "大涨" in desk.post.body
    shown = wen.get(address).content.decode()
    assert "Applied by Wen" in shown and "好的" in shown
    assert "suggested by Rui" in wen.get(page_of("history", desk.post.pk)).content.decode()


def test_a_remark_that_is_refused_keeps_what_was_typed(desk: Desk) -> None:
    answer = signed_in(desk.rui).post(page_of("comments", desk.post.pk), {"text": "写了很久", "quote": "段"})
    assert answer.status_code == 400 and "写了很久" in answer.content.decode()


def test_an_answer_that_is_refused_is_given_back_where_it_was_typed(desk: Desk) -> None:
    first, second = (comment(desk.post, text, by=desk.rui) for text in ("数字？", "日期？"))
    resolve(second, by=desk.rui)
    review = page_of("review", desk.post.pk)
    for remark in (first, second):
        typed = "写了很久" + "长" * 5000
        sent = {"text": typed, "next": review}
        answer = signed_in(desk.wen).post(page_of("remark", desk.post.pk, remark.pk, "answer"), sent)
        assert answer.status_code == 400
        thread = re.search(rf'<article[^>]*id="remark-{remark.pk}".*?</article>', answer.content.decode(), re.S)
        assert thread is not None and f"{typed}</textarea>" in thread[0] and 'role="alert"' in thread[0]
        assert answer.content.decode().count("写了很久") == 1
        assert f'name="next" value="{review}"' in thread[0]
    assert not Comment.objects.exclude(parent=None).exists()


def test_the_number_of_open_remarks_stands_on_the_post_in_the_list_and_on_the_review(desk: Desk) -> None:
    for words in ("一", "二"):
        comment(desk.post, words, by=desk.rui)
    resolve(comment(desk.post, "三", by=desk.rui), by=desk.rui)
    wen = signed_in(desk.wen)
    for address in (page_of("change", desk.post.pk), reverse("admin:posts_post_changelist")):
        assert "2 open remarks" in wen.get(address).content.decode()
    review = wen.get(page_of("review", desk.post.pk)).content.decode()
    assert "2 open" in review and f'name="next" value="{page_of("review", desk.post.pk)}"' in review


def test_the_page_asks_as_often_for_many_remarks_as_for_few(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    wen, address = signed_in(desk.wen), page_of("comments", desk.post.pk)
    comment(desk.post, "一", About(quote="**大跌**"), by=desk.rui)
    with CaptureQueriesContext(connection) as few:
        wen.get(address)
    for each in range(10):
        reply(comment(desk.post, str(each), About(quote="第一段"), by=desk.rui), "好", by=desk.pan)
    with django_assert_max_num_queries(len(few) + 1):
        wen.get(address)


def test_a_link_is_made_on_the_page_shown_once_and_withdrawn(desk: Desk) -> None:
    wen = signed_in(desk.wen)
    day = (timezone.localdate() + datetime.timedelta(days=3)).isoformat()
    made = wen.post(page_of("make_link", desk.post.pk), {"for": "Guest", "last_day": day}).content.decode()
    found = re.search(r"/outside/([\w-]+)/", made)
    assert found is not None and Client().get(found.group()).status_code == 200
    shown = wen.get(page_of("comments", desk.post.pk)).content.decode()
    assert found.group(1) not in shown and "opened 1 time" in shown
    wen.post(page_of("withdraw_link", desk.post.pk, OutsideLink.objects.get().pk))
    assert Client().get(found.group()).status_code == 404
    assert wen.post(page_of("make_link", desk.post.pk), {"for": "Guest", "last_day": "soon"}).status_code == 400
