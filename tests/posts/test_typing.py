"""The front matter as text beside the fields: what it says is saved, and what it may not say is refused at its line."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from posts import editing
from posts.document.document import Document
from posts.editing import EditForbidden, foreseen, save_typed
from posts.models import Conflict, Post, Revision
from tests.posts.worlds import World, post_text

PATH = "src/posts/a.md"
TEXT = post_text().replace("area: finance", "# eigens\nown: {a: 1}\narea: finance")


@pytest.fixture
def post(world: World) -> Post:
    world.remote.commit({PATH: TEXT})
    world.sync()
    return world.post(PATH)


@pytest.fixture
def desk(client: Client, writer: User) -> Client:
    client.force_login(writer)
    return client


def front(text: str = TEXT) -> str:
    return text.split("---\n")[1]


def sent(post: Post, **others: Any) -> dict[str, Any]:
    """The form as a browser sends it, with some of it typed anew."""
    fields = {
        "title": "美股暴跌",
        "date": "2026-02-13",
        "author": "小翠時政財經",
        "layout": "post.njk",
        "summary": "本期节目深入分析股市动向。",
        "tags": ["", "market-volatility", "ai-disruption"],
        "companies_orgs": ["", "OpenAI", "台积电"],
        "people": [""],
        "category": ["", "investment-assets"],
        "area": ["", "finance-wealth"],
        "body": "正文。\n",
    }
    return {"onto": str(post.present_id), **fields, "_continue": "1", **others}


def address(post: Post, name: str) -> str:
    return reverse(f"admin:posts_post_{name}", args=[post.pk])


def test_fields_become_text_and_text_becomes_fields(desk: Client, post: Post) -> None:
    told = desk.post(address(post, "front_matter"), sent(post, title="新标题")).json()
    assert told["text"] == front().replace("美股暴跌", "新标题")
    assert told["wrong"] == []
    typed = told["text"].replace("- OpenAI", "- OpenAI\n  - 华为").replace("{a: 1}", "2")
    both = sent(post, title="旧的栏", front_matter=typed, front_matter_shown="text")
    told = desk.post(address(post, "front_matter"), both).json()
    assert told["values"]["title"] == "新标题", "as text it has the say, and not the fields behind it"
    assert told["values"]["companies_orgs"] == ["OpenAI", "华为", "台积电"]
    assert told["others"] == [["own", "own: 2"]]
    assert post.revisions.count() == 1, "nothing was saved"


def test_what_no_field_holds_is_saved_with_the_fields(desk: Client, post: Post, world: World) -> None:
    typed = front().replace("{a: 1}", "2 # zwei")
    desk.post(address(post, "change"), sent(post, title="栏", front_matter=typed, front_matter_shown="fields"))
    expected = TEXT.replace("美股暴跌", "栏").replace("{a: 1}", "2 # zwei")
    assert world.post(PATH).present.text == expected


def test_the_text_alone_is_saved_to_the_letter(desk: Client, post: Post, world: World) -> None:
    typed = "# oben\n" + front().replace("title: 美股暴跌", 'title:   "美股暴跌"  # so') + "neu: [1,  2]\n"
    desk.post(
        address(post, "change"),
        sent(post, body="新。\n", front_matter=typed.replace("\n", "\r\n"), front_matter_shown="text"),
    )
    saved = world.post(PATH).present
    assert saved.text == f"---\n{typed}---\n新。\n"
    assert saved.by is not None and saved.by.username == "wen"


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("draft: true", "draft: false", "draft: false", "steps of the review"),
        ("draft: true\n", "", None, "steps of the review"),
        ("status: evergreen", "status: published", "status: published", "steps of the review"),
        ("title: 美股暴跌", "title: a: b", "title: a: b", "cannot be read"),
        ("title: 美股暴跌", "author: x", "author: x", "stands twice"),
        ("title: 美股暴跌", "---", "---", "ends the front matter"),
    ],
)
def test_what_is_wrong_is_said_at_its_line_and_nothing_is_saved(
    desk: Client, post: Post, world: World, old: str, new: str, at: str | None, words: str
) -> None:
    typed = front().replace(old, new)
    assert typed != front()
    told = desk.post(address(post, "front_matter"), sent(post, front_matter=typed, front_matter_shown="text")).json()
    assert "text" not in told
    [remark] = told["wrong"]
    assert (None if remark["line"] is None else typed.split("\n")[remark["line"] - 1]) == at
    assert words in remark["words"]
    answer = desk.post(address(post, "change"), sent(post, front_matter=typed, front_matter_shown="text"))
    page = answer.content.decode()
    assert "Not saved." in page
    assert words in page
    assert world.post(PATH).present_id == post.present_id


def test_what_is_wrong_comes_back_with_all_that_was_typed(desk: Client, post: Post) -> None:
    typed = sent(post, body="打了很多字", front_matter="title: [\nmine: <b>\n", front_matter_shown="text")
    page = desk.post(address(post, "change"), typed).content.decode()
    assert "title: [\nmine: &lt;b&gt;\n</textarea>" in page
    assert "打了很多字" in page


def test_a_doubtful_value_is_told_with_its_line(desk: Client, post: Post) -> None:
    typed = front().replace("date: '2026-02-13'", "date: gestern")
    told = desk.post(address(post, "front_matter"), sent(post, front_matter=typed, front_matter_shown="text")).json()
    assert [(each["line"], "no date" in each["words"]) for each in told["doubtful"]] == [(2, True)]


def test_a_wrong_field_must_be_corrected_before_it_becomes_text(desk: Client, post: Post) -> None:
    told = desk.post(address(post, "front_matter"), sent(post, date="gestern")).json()
    assert "text" not in told
    assert list(told["fields"]) == ["date"]


def test_it_is_merged_with_what_others_saved_meanwhile(world: World, post: Post, writer: User, reviewer: User) -> None:
    onto = post.present
    assert isinstance(onto, Revision)
    editing.edit(post, {"summary": "别人的摘要"}, by=reviewer)
    typed = Document.from_text(onto.text.replace("{a: 1}", "2"))
    assert "别人的摘要" in foreseen(world.post(PATH), typed, onto=onto).text
    saved, kept = save_typed(world.post(PATH), typed, onto=onto, by=writer)
    assert kept is None
    assert saved.present.text == foreseen(saved, typed, onto=onto).text
    again = Document.from_text(onto.text.replace("本期节目深入分析股市动向。", "我的摘要"))
    _saved, kept = save_typed(world.post(PATH), again, onto=onto, by=writer)
    assert kept is not None and kept.kind == Conflict.Kind.FORM and kept.owner == writer


def test_no_text_changes_what_the_steps_write(post: Post, writer: User) -> None:
    onto = post.present
    assert isinstance(onto, Revision)
    for old, new in (("draft: true", "draft: yes"), ("draft: true", "Draft: true"), ("status: evergreen", "status:")):
        with pytest.raises(EditForbidden):
            save_typed(post, Document.from_text(onto.text.replace(old, new)), onto=onto, by=writer)


# --- What will change


def test_what_save_would_change_is_shown_to_the_line_before_it_is_pressed(desk: Client, post: Post) -> None:
    page = desk.post(address(post, "changes"), sent(post, title="新<标题>")).content.decode()
    assert "What Save changes" in page
    assert "新&lt;标题&gt;" in page
    assert "The commit will change the same lines" in page
    assert "正文" not in page, "the body is as it was"
    assert post.revisions.count() == 1
    page = desk.post(address(post, "changes"), sent(post)).content.decode()
    assert "Nothing: the text is as it was saved last." in page


def test_what_the_commit_would_change_besides_is_shown_apart(
    desk: Client, post: Post, world: World, writer: User
) -> None:
    editing.edit(post, {"speaker": "讲者"}, by=writer)
    now = world.post(PATH)
    page = desk.post(address(post, "changes"), sent(now, title="新标题", speaker="讲者")).content.decode()
    save, commit = page.split("What the commit changes")
    assert "讲者" not in save.split("What Save changes")[1].split("eg-diff-added")[1]
    assert "讲者" in commit and "新标题" in commit


def test_the_part_for_the_dialog_has_no_page_around_it(desk: Client, post: Post) -> None:
    part = desk.post(address(post, "changes"), sent(post, title="新"), headers={"X-Requested-With": "fetch"})
    assert "<html" not in part.content.decode()
    assert "What Save changes" in part.content.decode()


def test_what_cannot_be_saved_is_said_there_too(desk: Client, post: Post) -> None:
    page = desk.post(address(post, "changes"), sent(post, date="gestern")).content.decode()
    assert "Write the date as" in page
    assert "What Save changes" not in page


def test_both_doors_are_for_those_who_may_write(client: Client, post: Post) -> None:
    for name in ("front_matter", "changes"):
        assert client.post(address(post, name), sent(post)).status_code == 302
    looker = User.objects.create_user("looker", is_staff=True)
    client.force_login(looker)
    for name in ("front_matter", "changes"):
        assert client.post(address(post, name), sent(post)).status_code == 403
