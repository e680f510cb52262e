"""Posts in the admin: the list, the form, the steps, the history."""

import datetime
import re
import subprocess
import sys
import uuid
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from posts import editing, reviewing
from posts.models import Conflict, Event, Post, Revision, StepOfMany
from posts.scheduling import set_schedule
from taxonomy.models import Tag
from tests.posts.worlds import World, person, post_text

LIST = "/admin/posts/post/"
ROOT = Path(__file__).resolve().parents[2]


class FormReader(HTMLParser):
    """The fields of the form with the id `post_form`, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self._inside = False
        self._select = ""
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._inside = told.get("id") == "post_form"
        if not self._inside or "disabled" in told:
            return
        name = told.get("name") or ""
        if tag == "input" and told.get("type") != "checkbox":
            self.data.setdefault(name, []).append((told.get("value") or "").replace("\n", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in told:
            self.data.setdefault(self._select, []).append(told.get("value") or "")
        elif tag == "textarea":
            self._area = name
            self.data[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.data[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = self.data[self._area][0].replace("\r\n", "\n").replace("\r", "\n")
            self.data[self._area] = [text.removeprefix("\n").replace("\n", "\r\n")]
            self._area = None
        elif tag == "form":
            self._inside = False


def form_of(client: Client, post: Post) -> dict[str, list[str]]:
    """What a browser would send if nothing was typed."""
    reader = FormReader()
    reader.feed(client.get(page(post)).content.decode())
    reader.data.pop("csrfmiddlewaretoken")
    return reader.data


def page(post: Post, *more: str) -> str:
    return "/".join([f"{LIST}{post.pk}", *more, ""]) if more else f"{LIST}{post.pk}/change/"


def save(client: Client, post: Post, data: dict[str, Any]) -> Any:
    return client.post(page(post), {**data, "_continue": "1"})


def step(client: Client, post: Post, name: str, **data: str) -> Any:
    looked_at = str(Post.objects.get(pk=post.pk).present_id)
    return client.post(page(post, "step", name), {"looked_at": looked_at, **data})


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def draft(world: World) -> Post:
    """A draft from the repository."""
    world.remote.push("src/posts/draft.md", post_text())
    world.sync()
    return world.post("src/posts/draft.md")


@pytest.fixture
def live(world: World) -> Post:
    """A post that the site shows."""
    world.remote.push("src/posts/live.md", post_text("上线", draft="false", status="published"))
    world.sync()
    return world.post("src/posts/live.md")


def fresh(post: Post) -> Post:
    return Post.objects.select_related("collection", "present", "cleared", "git_text").get(pk=post.pk)


# --- The list


def test_the_list_takes_the_same_queries_for_ten_posts_and_for_two_hundred(world: World, writer: User) -> None:
    def queries(count: int) -> int:
        files = {f"src/posts/{n}.md": post_text(f"题目 {n}", draft="true" if n % 2 else "false") for n in range(count)}
        world.remote.commit(files)
        world.sync()
        client = as_(writer)
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = client.get(LIST)
        assert answer.status_code == 200
        told = [query["sql"] for query in caught.captured_queries]
        assert not [sql for sql in told if '"posts_revision"."text"' in sql or ".summary" in sql.replace('"', "")]
        return len(told)

    assert queries(10) == queries(200)


def test_the_list_shows_what_is_to_be_known_of_each(world: World, live: Post, draft: Post, writer: User) -> None:
    editing.edit(live, {"title": "<b>改</b>"}, by=writer)
    html = as_(writer).get(LIST).content.decode()
    assert "&lt;b&gt;改&lt;/b&gt;" in html
    assert "<b>改" not in html
    assert "changed since live" in html
    assert "src/posts/" in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"上线", "美股暴跌"}),
        ("?q=上线", {"上线"}),
        ("?q=draft.md", {"美股暴跌"}),
        ("?state__exact=draft", {"美股暴跌"}),
        ("?live__exact=1", {"上线"}),
        ("?pending__exact=1", set()),
        ("?changed=1", set()),
        ("?changed=0", {"上线", "美股暴跌"}),
        ("?problem=1", set()),
        ("?conflict=1", set()),
        ("?outside=1", set()),
        ("?date__year=2026", {"上线", "美股暴跌"}),
        ("?date__year=2026&date__month=2", {"上线", "美股暴跌"}),
        ("?date__year=2025", set()),
        ("?q=nothing+at+all", set()),
    ],
)
def test_search_and_filters(world: World, live: Post, draft: Post, writer: User, query: str, found: set[str]) -> None:
    answer = as_(writer).get(LIST + query)
    assert answer.status_code == 200
    assert {post.title for post in answer.context["cl"].result_list} == found


def test_a_term_of_the_vocabularies_leads_to_its_posts(world: World, live: Post, writer: User) -> None:
    tag = Tag.objects.get(name="ai-disruption")
    answer = as_(writer).get(f"{LIST}?tags__id__exact={tag.pk}&collection__id__exact={world.collection.pk}")
    assert [post.pk for post in answer.context["cl"].result_list] == [live.pk]


def test_changed_since_live_is_seen_from_the_texts(world: World, live: Post, writer: User, publisher: User) -> None:
    client = as_(writer)

    def changed() -> list[int]:
        return [post.pk for post in client.get(f"{LIST}?changed=1").context["cl"].result_list]

    editing.edit(live, {"title": "新"}, by=writer)
    assert changed() == [live.pk]
    reviewing.perform(live, "submit", by=writer)
    reviewing.approve_and_publish(live, by=publisher)
    assert changed() == []  # it leaves with the next sync
    world.sync()
    assert changed() == []


def test_the_list_does_not_count_every_row(world: World, writer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posts.admin.paging.PAGES_AHEAD", 0)
    files = {f"src/posts/{n}.md": post_text(f"题目 {n}") for n in range(120)}
    world.remote.commit(files)
    world.sync()
    client = as_(writer)
    assert "more than 50 posts" in client.get(LIST).content.decode()
    third = client.get(f"{LIST}?p=3")
    assert len(third.context["cl"].result_list) == 20
    assert "120 posts" in third.content.decode()


def test_an_empty_list_says_what_to_do(world: World, writer: User) -> None:
    client = as_(writer)
    assert "There are no posts yet" in client.get(LIST).content.decode()
    assert "No post is like that" in client.get(f"{LIST}?q=x").content.decode()


def test_a_bulk_step_is_not_for_who_may_not_take_it(draft: Post, writer: User) -> None:
    as_(writer).post(LIST, {"action": "publish_posts", "_selected_action": [draft.pk]})
    assert not StepOfMany.objects.exists()
    as_(writer).post(LIST, {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"})
    assert fresh(draft).state == "draft"
    assert as_(writer).get(page(draft, "delete")).status_code == 403


# --- The form


def test_saving_what_was_not_changed_writes_nothing(draft: Post, writer: User) -> None:
    client = as_(writer)
    before = LogEntry.objects.count()
    answer = save(client, draft, form_of(client, draft))
    assert answer.status_code == 302
    assert fresh(draft).present_id == draft.present_id
    assert LogEntry.objects.count() == before


def test_no_unusual_file_is_changed_by_saving_its_form(world: World, writer: User, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    maker = ROOT / "tests/corpus/make_corpus.py"
    subprocess.run([sys.executable, str(maker), "40", str(corpus), "--traps", "0.9", "--seed", "3"], check=True)
    files = {str(path.relative_to(corpus)): path.read_bytes() for path in corpus.rglob("*.md")}
    odd = {
        "lines": b'---\ntitle: "one\\ntwo"\nspeaker: " blank "\n---\n\n\n lead\n',
        "names": b'---\ntags: ["a, b", "say \\"x\\"", " y", "z\\nw"]\nx: 1\n---\n',
        "cr": b'---\r\ntitle: "a\\rb"\r\nsummary: "c\\r\\nd"\r\narea: "q\\rr"\r\n---\r\n\r\nx\ry\r\nz\n',
        "plain": b"no front matter\n\n",
        "empty": b"---\n---\n",
        "mark": b"\xef\xbb\xbf---\ntitle: x\n---\nbody",
        "marks": b"---\ntitle: \"<b>&amp;'x\"\npeople: '[]'\nguest: ~\n---\nx\xe2\x80\xa8y\n",
        "moment": b"---\ndate: 2026-02-13T10:00:00+08:00\n---\n",
        "wrong": b"---\ntitle: [a]\narea: {b: 1}\ndate: yesterday\ntags: one\n---\n",
    }
    world.remote.commit({**files, **{f"src/posts/{name}.md": data for name, data in odd.items()}})
    world.sync()
    client = as_(writer)
    posts = list(Post.objects.select_related("present"))
    assert len(posts) > 40
    for post in posts:
        data = form_of(client, post)
        assert save(client, post, data).status_code == 302, post.path
        assert fresh(post).present_id == post.present_id, (post.path, fresh(post).present.text)


def test_one_field_changes_its_own_line_and_no_other(draft: Post, writer: User) -> None:
    client = as_(writer)
    data = form_of(client, draft)
    data["title"] = ["新的标题"]
    assert save(client, draft, data).status_code == 302
    assert fresh(draft).present.text == draft.present.text.replace("美股暴跌", "新的标题")
    entry = LogEntry.objects.latest("pk")
    assert (entry.user, entry.object_id) == (writer, str(draft.pk))
    assert "title" in entry.get_change_message()


def test_the_body_keeps_its_first_empty_line_and_its_line_ends(world: World, writer: User) -> None:
    world.remote.push("src/posts/a.md", post_text(body="\n\n 甲\n乙\n").replace("\n", "\r\n"))
    world.sync()
    post = world.post("src/posts/a.md")
    client = as_(writer)
    data = form_of(client, post)
    assert data["body"] == ["\r\n\r\n 甲\r\n乙\r\n"]
    data["body"] = ["\r\n\r\n 甲\r\n丙\r\n"]
    assert save(client, post, data).status_code == 302
    assert fresh(post).present.text == post.present.text.replace("乙", "丙")


def test_names_hold_whatever_they_hold(draft: Post, writer: User) -> None:
    client = as_(writer)
    data = form_of(client, draft)
    names = ["Johnson, Boris", 'say "x"', "a b", "AT&T", "美元指数", "it's: #1"]
    data["tags"] = ["", *names]
    data["area"] = ["", "a, b"]
    assert save(client, draft, data).status_code == 302
    after = fresh(draft)
    assert list(after.tags.names()) == names
    assert after.area.name == "a, b"
    assert form_of(client, draft)["tags"] == ["", *names]
    data = form_of(client, draft)
    data["tags"] = [""]
    save(client, draft, data)
    assert list(fresh(draft).tags.names()) == []


def test_what_the_form_does_not_hold_is_left_alone(draft: Post, writer: User) -> None:
    client = as_(writer)
    assert save(client, draft, {"onto": str(draft.present_id), "guest": "来宾"}).status_code == 302
    after = fresh(draft)
    assert after.guest == "来宾"
    assert after.title == draft.title
    assert after.body == draft.body
    assert list(after.tags.names()) == ["market-volatility", "ai-disruption"]


@pytest.mark.parametrize("value", ["2026-2-3", "13.02.2026", "2026-02-30", "2026-02-13garbage", "tomorrow"])
def test_a_date_is_one(draft: Post, writer: User, value: str) -> None:
    client = as_(writer)
    answer = save(client, draft, {**form_of(client, draft), "date": value, "guest": "来宾"})
    assert answer.status_code == 200
    assert "date" in answer.context["form"].errors
    assert value in answer.content.decode()
    assert "来宾" in answer.content.decode()
    assert fresh(draft).present_id == draft.present_id


def test_a_date_with_a_time_is_kept_to_the_letter(draft: Post, writer: User) -> None:
    client = as_(writer)
    save(client, draft, {**form_of(client, draft), "date": "2026-02-14T09:30:00+08:00"})
    assert "date: '2026-02-14T09:30:00+08:00'\n" in fresh(draft).present.text


def test_draft_and_status_cannot_be_typed(draft: Post, writer: User) -> None:
    client = as_(writer)
    save(client, draft, {**form_of(client, draft), "draft": "false", "status": "published"})
    assert fresh(draft).present_id == draft.present_id


def test_two_people_in_different_fields_are_both_kept(draft: Post, writer: User, reviewer: User) -> None:
    client = as_(writer)
    data = form_of(client, draft)
    editing.edit(draft, {"guest": "来宾"}, by=reviewer)
    assert save(client, draft, {**data, "title": ["新的标题"]}).status_code == 302
    assert (fresh(draft).title, fresh(draft).guest) == ("新的标题", "来宾")


def test_two_people_in_one_field_lose_nothing_and_the_later_one_chooses(
    draft: Post, writer: User, reviewer: User
) -> None:
    client = as_(writer)
    data = form_of(client, draft)
    editing.edit(draft, {"title": "别人的标题", "guest": "来宾"}, body="别人的正文。\n", by=reviewer)
    mine = {**data, "title": ["我的标题"], "summary": ["我的摘要"], "body": ["我的正文。\r\n"]}
    answer = save(client, draft, mine)
    kept = Conflict.objects.forms_of(writer.pk).get()
    assert answer["Location"] == reverse("admin:posts_conflict_change", args=[kept.pk])
    saved = fresh(draft)
    assert (saved.title, saved.guest, saved.summary, saved.body) == (
        "别人的标题",
        "来宾",
        "我的摘要",
        "别人的正文。\n",
    )
    html = re.sub(r"<[^>]+>", "", client.get(answer["Location"]).content.decode())
    for text in ("我的标题", "我的正文", "别人的标题", "别人的正文", "Somebody else saved meanwhile"):
        assert text in html
    assert as_(reviewer).get(answer["Location"]).status_code == 403


def test_a_form_that_names_no_text_of_the_post_is_given_back(draft: Post, live: Post, writer: User) -> None:
    client = as_(writer)
    for onto in ("", "nonsense", str(live.present_id)):
        answer = save(client, draft, {**form_of(client, draft), "onto": onto, "title": "我的标题"})
        assert answer.status_code == 400
        assert "我的标题" in answer.content.decode()
    assert fresh(draft).present_id == draft.present_id
    reader = FormReader()
    reader.feed(answer.content.decode())
    reader.data.pop("csrfmiddlewaretoken")
    assert save(client, draft, reader.data).status_code == 302
    assert fresh(draft).title == "我的标题"


def test_an_edit_that_cannot_be_vouched_for_comes_back(draft: Post, writer: User) -> None:
    client = as_(writer)
    answer = save(client, draft, {**form_of(client, draft), "body": "x\0y", "title": "我的标题"})
    assert answer.status_code == 200
    assert "我的标题" in answer.content.decode()
    assert fresh(draft).present_id == draft.present_id


def test_who_may_not_change_it_reads_it(draft: Post) -> None:
    client = as_(person("ada", "Administrator"))
    answer = client.get(page(draft))
    assert answer.status_code == 200
    assert "This text can only be read." in answer.content.decode()
    assert 'name="_save"' not in answer.content.decode()
    assert save(client, draft, {"onto": str(draft.present_id), "title": "x"}).status_code == 403
    assert as_(person("nobody")).get(page(draft)).status_code == 403
    assert Client().get(page(draft)).status_code == 302


def test_an_archived_post_is_read_and_says_why(draft: Post, writer: User, publisher: User) -> None:
    client = as_(writer)
    data = form_of(client, draft)
    reviewing.perform(draft, "archive", by=publisher)
    assert "The post is archived. Restore it first." in client.get(page(draft)).content.decode()
    answer = save(client, draft, {**data, "title": ["我的标题"]})
    assert answer.status_code == 403
    assert "我的标题" in answer.content.decode()
    assert fresh(draft).title == "美股暴跌"


def test_unknown_keys_and_problems_are_shown(world: World, writer: User) -> None:
    text = post_text().replace("people: []", "people: '[]'\nrating: {stars: '<5>'}")
    world.remote.push("src/posts/a.md", text)
    world.sync()
    html = as_(writer).get(page(world.post("src/posts/a.md"))).content.decode()
    assert "rating: {stars: &#x27;&lt;5&gt;&#x27;}" in html
    assert html.count("This list is written as text") == 2  # on top, and at its field


def test_what_saving_does_is_said(draft: Post, live: Post, writer: User, reviewer: User) -> None:
    client = as_(writer)
    assert "goes on showing what it shows" in client.get(page(live)).content.decode()
    reviewing.perform(draft, "submit", by=writer)
    reviewing.perform(draft, "approve", by=reviewer)
    assert "Saving takes the approval back" in client.get(page(draft)).content.decode()


def test_one_that_was_taken_off_the_site_does_not_say_that_it_stays_there(
    live: Post, writer: User, publisher: User
) -> None:
    reviewing.perform(live, "unpublish", by=publisher)
    shown = as_(writer).get(page(live)).content.decode()
    assert "until the next sync" in shown and "The draft goes to the repository" in shown
    assert "goes on showing what it shows" not in shown and "changed since live" not in shown


def test_the_first_key_stroke_says_so_where_saving_does_more_than_to_save(
    draft: Post, live: Post, writer: User, reviewer: User, publisher: User
) -> None:
    def said(post: Post) -> str:
        return re.search(r'data-line="saving" data-words="([^"]*)"', as_(writer).get(page(post)).content.decode())[1]

    assert said(draft) == "" and "goes on showing what it shows" in said(live)
    set_schedule(live, "unpublish", timezone.now() + datetime.timedelta(days=1), by=publisher)
    assert "goes on showing" in said(live) and "What is scheduled stays so" in said(live)
    reviewing.perform(draft, "submit", by=writer)
    assert said(draft) == "The post stays in review; the reviewer sees your change."
    reviewing.perform(draft, "approve", by=reviewer)
    assert "Saving takes the approval back" in said(draft)


# --- A new post


def test_a_new_post(world: World, writer: User) -> None:
    client = as_(writer)
    assert client.get(f"{LIST}add/").status_code == 200
    new = {
        "collection": world.collection.pk,
        "path": "",
        "title": "新的 文章!",
        "date": "2026-03-01",
        "tags": ["", "a, b"],
    }
    answer = client.post(f"{LIST}add/", {**new, "body": "正文\r\n", "_continue": "1"})
    post = Post.objects.get()
    assert answer["Location"] == page(post)
    assert post.path == "src/posts/2026-03-01-xin-de-wen-zhang.md"
    assert (post.state, post.draft, post.body, list(post.tags.names())) == ("draft", True, "正文\n", ["a, b"])
    again = client.post(f"{LIST}add/", {**new, "path": post.path, "body": "另一篇"})
    assert "path" in again.context["form"].errors
    assert "另一篇" in again.content.decode()
    for path in ("../x.md", "elsewhere/x.md", "src/posts/x.txt"):
        assert "path" in client.post(f"{LIST}add/", {**new, "path": path}).context["form"].errors
    assert Post.objects.count() == 1
    assert as_(person("cu", "Curator")).get(f"{LIST}add/").status_code == 403


# --- The steps of the review


def test_a_text_goes_through_the_review(
    world: World, draft: Post, writer: User, reviewer: User, publisher: User
) -> None:
    assert step(as_(writer), draft, "submit", note="请看").status_code == 302
    assert step(as_(reviewer), draft, "request_changes").status_code == 403
    assert step(as_(reviewer), draft, "request_changes", note="改一改").status_code == 302
    assert "改一改" in as_(writer).get(page(draft)).content.decode()
    step(as_(writer), draft, "submit")
    assert step(as_(reviewer), draft, "approve").status_code == 302
    assert step(as_(reviewer), draft, "publish").status_code == 403
    assert step(as_(publisher), draft, "publish").status_code == 302
    assert fresh(draft).state == "evergreen"
    assert [event.transition for event in Event.objects.filter(post=draft).order_by("pk")] == [
        "submit",
        "request_changes",
        "submit",
        "approve",
        "publish",
    ]
    assert LogEntry.objects.filter(object_id=str(draft.pk), user=publisher).exists()


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("Writer", "approve"),
        ("Writer", "publish"),
        ("Writer", "archive"),
        ("Writer", "unpublish"),
        ("Reviewer", "publish"),
        ("Curator", "submit"),
        ("Administrator", "archive"),
    ],
)
def test_a_step_without_the_right_to_it_changes_nothing(draft: Post, role: str, name: str) -> None:
    client = as_(person("somebody", role))
    for answer in (client.get(page(draft, "step", name)), step(client, draft, name, sure="on", note="x")):
        assert answer.status_code == 403
        assert "Nothing was changed." in answer.content.decode()
    assert fresh(draft).state == "draft"
    assert not Event.objects.filter(post=draft).exists()


def test_what_was_typed_for_a_step_is_not_lost_where_it_is_refused(draft: Post, writer: User) -> None:
    reviewing.perform(draft, "submit", by=writer)
    sent = {"note": "核对过 <三> 遍", "look_at": "看数字", "reviewer": "", "due": ""}
    answer = step(as_(writer), draft, "submit", **sent).content.decode()
    assert (
        "not possible now" in answer and "核对过 &lt;三&gt; 遍</textarea>" in answer and "看数字</textarea>" in answer
    )


def test_an_approval_is_of_the_text_that_was_looked_at(draft: Post, writer: User, reviewer: User) -> None:
    reviewing.perform(draft, "submit", by=writer)
    client = as_(reviewer)
    seen = str(draft.present_id)
    editing.edit(draft, {"title": "变了"}, by=writer)
    for looked_at in (seen, "", "nonsense"):
        answer = client.post(page(draft, "step", "approve"), {"looked_at": looked_at})
        assert answer.status_code == 403
        assert "The text changed since you opened it." in answer.content.decode()
    assert fresh(draft).state == "in_review"


def test_who_wrote_it_sees_why_not(draft: Post, publisher: User) -> None:
    client = as_(publisher)
    editing.edit(draft, {"title": "我的"}, by=publisher)
    step(client, draft, "submit")
    html = client.get(page(draft)).content.decode()
    assert "You wrote a part of this text, so somebody else must approve it." in html
    assert 'aria-describedby="eg-why-approve"' in html
    assert "approve_and_publish" not in html
    assert step(client, draft, "approve_and_publish").status_code == 403


def test_approve_and_publish_is_one_button(draft: Post, writer: User, publisher: User) -> None:
    reviewing.perform(draft, "submit", by=writer)
    client = as_(publisher)
    assert "step/approve_and_publish/" in client.get(page(draft)).content.decode()
    assert step(client, draft, "approve_and_publish").status_code == 302
    assert fresh(draft).state == "evergreen"


def test_removing_is_asked_twice(draft: Post, publisher: User) -> None:
    client = as_(publisher)
    reviewing.perform(draft, "archive", by=publisher)
    assert "I am sure" in client.get(page(draft, "step", "remove")).content.decode()
    assert step(client, draft, "remove").status_code == 400
    assert not fresh(draft).removed
    assert step(client, draft, "remove", sure="on").status_code == 302
    assert fresh(draft).removed


def test_what_is_not_there_is_not_found(draft: Post, publisher: User) -> None:
    client = as_(publisher)
    assert client.get(page(draft, "step", "delete")).status_code == 404
    assert client.post(page(draft, "step", "import")).status_code == 404
    for path in ("999999/change/", "x/change/", "999999/step/submit/", "999999/history/", "999999/file/"):
        assert client.get(LIST + path).status_code == 404
    assert client.get(page(draft, "difference") + "?from=7").status_code == 404
    assert client.get(page(draft, "difference") + "?to=x").status_code == 404
    assert client.get(page(draft, "revision", "7", "file")).status_code == 404


def test_a_get_changes_nothing(draft: Post, writer: User) -> None:
    assert as_(writer).get(page(draft, "step", "submit")).status_code == 200
    assert as_(writer).get(page(draft, "revision", "1", "restore")).status_code == 200
    assert fresh(draft).state == "draft"


# --- The history


@pytest.fixture
def eventful(draft: Post, writer: User, reviewer: User) -> Post:
    """A post with two texts and two steps, full of what must not become HTML."""
    post = editing.edit(draft, {"title": "<script>alert(1)</script>"}, body="<img src=x onerror=alert(2)>\n", by=writer)
    reviewing.perform(post, "submit", by=writer, note="<i>note</i>")
    reviewing.perform(post, "request_changes", by=reviewer, note="</blockquote><script>alert(3)</script>")
    return post


@pytest.mark.parametrize("name", ["history", "difference", "file", "change", "step/submit", "revision/1/restore"])
def test_nothing_that_somebody_wrote_becomes_html(eventful: Post, writer: User, name: str) -> None:
    html = as_(writer).get(f"{LIST}{eventful.pk}/{name}/").content.decode()
    for raw in ("<script>alert", "<img src=x", "<i>note"):
        assert raw not in html
    assert "&lt;" in html


def test_the_history_tells_who_did_what(eventful: Post, writer: User) -> None:
    html = as_(writer).get(page(eventful, "history")).content.decode()
    for told in ("Wen", "Rui", "Somebody", "changes requested", "submitted for review", "came from the repository"):
        assert told in html
    assert html.index("changes requested") < html.index("submitted for review") < html.index("edited here")


def test_the_history_takes_the_same_queries_however_long(eventful: Post, writer: User) -> None:
    client = as_(writer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(page(eventful, "history"))
        return len(caught.captured_queries)

    before = queries()
    for number in range(8):
        editing.edit(eventful, {"guest": str(number)}, by=writer)
    assert queries() == before


def test_any_two_texts_are_compared(eventful: Post, writer: User) -> None:
    html = as_(writer).get(page(eventful, "difference") + "?from=1&to=2").content.decode()
    assert "<mark>&lt;script&gt;alert(1)&lt;/script&gt;</mark>" in html
    backwards = as_(writer).get(page(eventful, "difference") + "?from=2&to=1").content.decode()
    assert "<mark>美股暴跌</mark>" in backwards
    same = as_(writer).get(page(eventful, "difference") + "?from=1&to=1").content.decode()
    assert "These two texts are the same." in same
    assert as_(writer).get(page(eventful, "difference") + "?from=0&to=1").status_code == 200


def test_of_a_long_history_the_milestones_and_any_number_can_be_chosen(eventful: Post, writer: User) -> None:
    last = eventful.revisions.order_by("number").last()
    assert last is not None and last.number == 2
    for number in range(3, 1003):
        last.pk, last.number, last.whence = uuid.uuid4(), number, "edit"
        eventful.revisions.bulk_create([last])
    for name in ("history", "difference"):
        html = as_(writer).get(page(eventful, name)).content.decode()
        offered = re.findall(r'<option value="(\d+)"', html.partition('name="to"')[2].partition("</select>")[0])
        assert len(offered) < 410 and offered[:200] == [str(number) for number in range(1002, 802, -1)]
        assert offered[-2:] == ["2", "1"], "the text that the steps were taken with, and what was imported"
        assert "1 · came from the repository</option>" in html
        assert 'type="number" name="from" min="0" max="1002"' in html
    html = as_(writer).get(page(eventful, "difference") + "?from=77&to=500").content.decode()
    assert '<option value="77" selected>' in html and '<option value="500" selected>' in html


def test_a_revision_comes_as_a_file_to_the_byte(world: World, writer: User) -> None:
    data = b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\nx\ry"
    world.remote.push("src/posts/标题 1.md", data)
    world.sync()
    post = world.post("src/posts/标题 1.md")
    answer = as_(writer).get(page(post, "revision", "1", "file"))
    assert answer.content == data
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"


def test_a_text_of_the_past_is_brought_back(draft: Post, writer: User) -> None:
    client = as_(writer)
    editing.edit(draft, {"title": "新的标题"}, by=writer)
    answer = client.post(page(draft, "revision", "1", "restore"))
    assert answer.status_code == 302
    assert fresh(draft).title == "美股暴跌"
    assert fresh(draft).present.whence == "restore"
    assert Revision.objects.filter(post=draft).count() == 3
    viewer = as_(person("ada", "Administrator"))
    assert viewer.post(page(draft, "revision", "2", "restore")).status_code == 403
    assert fresh(draft).title == "美股暴跌"


def test_the_file_and_what_the_next_commit_changes(live: Post, draft: Post, writer: User) -> None:
    client = as_(writer)
    assert "no text of this post waits to be sent" in client.get(page(draft, "file")).content.decode()
    editing.edit(draft, {"title": "会送出去"}, by=writer)
    sent = client.get(page(draft, "file"))
    assert "<mark>会送出去</mark>" in sent.content.decode()
    assert sent.context["present"] is not None
    editing.edit(live, {"title": "还没批"}, by=writer)
    held = client.get(page(live, "file")).content.decode()
    assert "no text of this post waits to be sent" in held
    assert "<mark>还没批</mark>" in held


# --- Suggestions


def test_names_are_suggested_from_their_vocabulary(draft: Post, writer: User) -> None:
    client = as_(writer)
    address = reverse("admin:posts_post_suggest", args=["tag"])
    assert client.get(address, {"q": "MARKET"}).json() == {
        "results": [{"id": "market-volatility", "text": "market-volatility"}],
        "pagination": {"more": False},
    }
    Tag.objects.create(name="波动", slug="x", alias_of=Tag.objects.get(name="market-volatility"))
    assert [each["id"] for each in client.get(address, {"q": "波"}).json()["results"]] == ["market-volatility"]
    assert client.get(reverse("admin:posts_post_suggest", args=["person"]), {"q": "market"}).json()["results"] == []
    assert client.get(reverse("admin:posts_post_suggest", args=["nothing"])).status_code == 404
    assert as_(person("nobody")).get(address).status_code == 403


def test_many_names_come_page_by_page(writer: User) -> None:
    Tag.objects.bulk_create(Tag(name=f"t{n:03}", slug=f"t{n:03}", key=f"t{n:03}") for n in range(45))
    client = as_(writer)
    address = reverse("admin:posts_post_suggest", args=["tag"])
    pages = [client.get(address, {"page": page}).json() for page in (1, 2, 3, "x", 0)]
    assert [len(each["results"]) for each in pages] == [20, 20, 5, 20, 20]
    assert [each["pagination"]["more"] for each in pages] == [True, True, False, True, True]
