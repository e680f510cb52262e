"""Settling conflicts in the admin: what the page shows of each kind, what it saves, and how it refuses."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override

from posts import editing, reviewing
from posts.admin.conflict_form import SettlingForm
from posts.admin.conflict_questions import questions_of
from posts.disputes import Written, dispute_of
from posts.document import Document
from posts.merging import merged
from posts.models import Conflict, Post
from posts.settling import settle
from tests.posts import quarrels
from tests.posts.quarrels import PATH
from tests.posts.worlds import World, person

GIT_WORDS = re.compile(r"\b(commit|branch|blob|merge[ds]?|push(ed|es)?|theirs|ours|git|HEAD|revision)\b", re.IGNORECASE)


def browser(somebody: User) -> Client:
    """A browser in which `somebody` is logged in."""
    client = Client()
    client.force_login(somebody)
    return client


def address(conflict: Conflict) -> str:
    return reverse("admin:posts_conflict_change", args=[conflict.pk])


def shown(client: Client, conflict: Conflict) -> str:
    response = client.get(address(conflict))
    assert response.status_code == 200
    return response.content.decode()


def form_in(page: str) -> str:
    return page[page.index('<form method="post" id="cf-form"') : page.index("</main>") if "</main>" in page else None]


def words_in(page: str) -> str:
    """What somebody reads on the page, without the tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", form_in(page))))


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page, which a browser sends back."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form_in(page))
    return {unescape(name): unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def answer(client: Client, conflict: Conflict, answers: Mapping[str, str], page: str | None = None) -> HttpResponse:
    """Send the page back with these choices: a side's name, or "third" with the text under text:<name>."""
    return client.post(address(conflict), {**hidden(page or shown(client, conflict)), **answers})


def told(response: HttpResponse) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def now(world: World) -> Post:
    return world.post(PATH)


# --- What is shown


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("text", ("You and 翻译管道 changed the same part", "All mine", "Everything from 翻译管道", "Passage 1 of 1")),
        ("deleted", ("翻译管道 deleted this post", "Keep the post", "Let it go", "What was changed here since")),
        ("removed_here", ("This post was removed here", "Remove it all the same", "Keep it as 翻译管道 has it")),
        ("unreadable", ("cannot be read any more", "Line 4:", "guest: 'O'Neill'", "Repair the text")),
        ("unmergeable", ("cannot be brought together", "Take my whole text", "Write the whole text", "The difference")),
        ("created_twice", ("You made this post here", "not there", "Passage 1 of 1")),
    ],
)
def test_every_kind_says_what_happened_and_what_can_be_chosen_without_a_word_of_git(
    kind: str, says: tuple[str, ...], world: World, publisher: User
) -> None:
    conflict = quarrels.KINDS[kind](world, publisher)
    words = words_in(shown(browser(publisher), conflict))
    for each in says:
        assert each in words
    assert GIT_WORDS.search(words) is None, GIT_WORDS.search(words)


def test_the_three_texts_stand_side_by_side_with_what_differs_marked_by_character(
    world: World, publisher: User
) -> None:
    page = shown(browser(publisher), quarrels.text(world, publisher))
    for marked in ("<mark>三条主线</mark>", "<mark>新棋局</mark>", "<mark>各位</mark>", "<mark>大家再次</mark>"):
        assert marked in page
    assert "大家好，欢迎<mark>各位</mark>回到小翠时政财经。" in page
    assert re.search(r"<legend>\s*Title", page) and re.search(r"<legend>\s*Category", page)
    assert page.index('data-name="title"') < page.index('data-name="category"') < page.index('data-name="body:0"')
    assert "settled lines</summary>" in page, "what is far from the passage is folded"


def test_whose_text_it_is_depends_on_who_looks(world: World, publisher: User, writer: User) -> None:
    conflict = quarrels.text(world, publisher)
    words = words_in(shown(browser(writer), conflict))
    assert "Pan and 翻译管道 changed" in words and "Everything from Pan" in words and "All mine" not in words


def test_what_is_missing_and_what_is_empty_is_said(world: World, publisher: User) -> None:
    conflict = quarrels.text(
        world,
        publisher,
        {"speaker: 小翠時政財經\n": "speaker: ''\n"},
        {"speaker: 小翠時政財經\n": ""},
    )
    words = words_in(shown(browser(publisher), conflict))
    assert re.search(r"Speaker .*Yours empty 翻译管道 not there", words)


HOSTILE = "</textarea><script>alert(1)</script><b>粗</b>"


def test_hostile_text_is_shown_as_text_everywhere(world: World, publisher: User) -> None:
    conflict = quarrels.text(
        world,
        publisher,
        {"欢迎回到": HOSTILE, "media_books: []\n": f"media_books: []\n'x\"<i>': {HOSTILE}1\n"},
        {"欢迎回到": HOSTILE * 2, "media_books: []\n": f"media_books: []\n'x\"<i>': {HOSTILE}2\n"},
    )
    Conflict.objects.update(theirs_author=HOSTILE)
    client = browser(publisher)
    page = shown(client, conflict)
    assert "<script>alert" not in page and "<b>粗" not in page and "<i>" not in form_in(page)
    name = 'x"<i>'
    assert f"seen:{name}" in hidden(page)
    done = answer(
        client, conflict, {f"choice:{name}": "third", f"text:{name}": HOSTILE, "choice:body:0": "theirs"}, page
    )
    assert done.status_code == 302
    assert f"{HOSTILE * 2}小翠时政财经" in now(world).body
    assert Document.from_text(now(world).present.text).values[name] == HOSTILE


def test_in_chinese_the_fields_have_their_chinese_names(world: World, publisher: User) -> None:
    conflict = quarrels.text(world, publisher)
    with override("zh-hans"):
        labels = [question.label for question in questions_of(dispute_of(Conflict.objects.get(pk=conflict.pk)))]
    assert labels[:2] == ["标题", "类别"]


def test_whether_a_post_is_on_the_site_is_asked_in_words(world: World, publisher: User) -> None:
    dispute = dispute_of(quarrels.text(world, publisher))
    draft = Document.from_text(quarrels.SAMPLE)
    live = draft.replace({"draft": False, "status": "published"})
    gone = draft.replace({"draft": None, "status": "archived"})
    asked = replace(dispute, base=draft, ours=gone, theirs=live, merged=merged(draft, gone, live))
    questions = {question.name: question for question in questions_of(asked)}
    draft_question, status = questions["draft"], questions["status"]
    assert draft_question.label == "On the site"
    assert (draft_question.before.words, draft_question.theirs.words) == ("not on the site (a draft)", "on the site")
    assert (status.before.words, status.ours.words, status.theirs.words) == ("evergreen", "archived", "published")
    assert not draft_question.has_third and not status.has_third


def test_it_is_decided_by_who_may_publish(world: World, publisher: User, writer: User) -> None:
    world.remote.push(PATH, quarrels.SAMPLE, author=quarrels.PIPELINE)
    world.sync("done")
    reviewing.perform(now(world), "archive", by=publisher)
    quarrels.pushed(world, {"status: evergreen": "status: published"})
    world.sync("partly")
    conflict = Conflict.objects.holding().get()
    page = shown(browser(writer), conflict)
    assert "Ask a Publisher" in page and "archived" in page and 'type="radio"' not in page
    assert answer(browser(writer), conflict, {"choice:status": "theirs"}, page).status_code == 403
    assert answer(browser(publisher), conflict, {"choice:status": "theirs"}).status_code == 302
    assert now(world).status == "published"


# --- What is saved


def test_each_field_and_passage_is_saved_as_it_was_chosen(world: World, publisher: User, writer: User) -> None:
    conflict = quarrels.text(world, publisher)
    done = answer(
        browser(writer),
        conflict,
        {
            "choice:title": "theirs",
            "choice:category": "third",
            "text:category": "money",
            "choice:body:0": "third",
            "text:body:0": "大家好！\r\n\r\n新的一段。",
        },
    )
    assert done.status_code == 302 and done["Location"] == reverse("admin:posts_post_change", args=[conflict.post_id])
    assert "is settled and saved" in told(done)
    post = now(world)
    assert (post.title, post.category.name) == ("美股暴跌与AI产业震荡：地缘政治的新棋局", "money")
    assert post.body.startswith("大家好！\n\n新的一段。今天是美东时间")
    assert "\r" not in post.present.text
    conflict.refresh_from_db()
    assert conflict.settled_at is not None and conflict.settled_by == writer
    world.sync("done")
    assert world.disagreements() == [] and world.text_in_git(PATH) == now(world).present.text


def test_terms_are_chosen_as_names(world: World, publisher: User) -> None:
    conflict = quarrels.created_twice(world, publisher)
    client = browser(publisher)
    page = shown(client, conflict)
    assert 'class="cf-chip cf-changed"><mark>markets</mark>' in page
    answers = {"choice:title": "ours", "choice:body:0": "theirs", "choice:tags": "third"}
    sent = {**hidden(page), **answers, "text:tags": ["", "a, b", "新的"]}
    assert client.post(address(conflict), sent).status_code == 302
    assert [each.name for each in now(world).tags.all()] == ["a, b", "新的"]


@pytest.mark.parametrize(
    ("kind", "side"),
    [
        (kind, side)
        for kind in quarrels.KINDS
        for side in ("ours", "theirs")
        if (kind, side) != ("unreadable", "theirs")
    ],
)
def test_either_side_of_every_kind_can_be_taken_and_the_next_sync_goes_through(
    kind: str, side: str, world: World, publisher: User
) -> None:
    conflict = quarrels.KINDS[kind](world, publisher)
    client = browser(publisher)
    page = shown(client, conflict)
    names = [unescape(each) for each in re.findall(r'data-name="([^"]*)"', page)]
    assert names
    done = answer(client, conflict, {f"choice:{name}": side for name in names}, page)
    assert done.status_code == 302, words_in(done.content.decode())
    assert not Conflict.objects.holding().exists()
    world.sync()
    assert world.disagreements() == []
    gone = (kind, side) in {("deleted", "theirs"), ("removed_here", "ours")}
    assert (PATH in world.remote.files()) is not gone


def test_an_unreadable_file_is_repaired_in_place(world: World, publisher: User) -> None:
    conflict = quarrels.unreadable(world, publisher)
    client = browser(publisher)
    still = answer(client, conflict, {"choice:file": "third", "text:file": "---\ntitle: [\n---\n"})
    assert still.status_code == 400 and "Line" in words_in(still.content.decode())
    assert "title: [" in still.content.decode(), "what was typed is still there"
    repaired = quarrels.SAMPLE.replace("guest: ''", "guest: 'O''Neill'")
    assert answer(client, conflict, {"choice:file": "third", "text:file": repaired}).status_code == 302
    assert now(world).guest == "O'Neill"
    world.sync()
    assert "O''Neill" in world.text_in_git(PATH)


def test_after_one_conflict_the_next_is_offered(world: World, publisher: User) -> None:
    first = quarrels.deleted(world, publisher)
    another = editing.create(world.collection, "src/posts/another.md", {"title": "另一篇"}, by=publisher)
    second = Conflict.objects.create(post=another, kind="deleted", opened_at=another.changed_at)
    done = answer(browser(publisher), first, {"choice:file": "ours"})
    assert address(second) in told(done)


# --- Buttons that fill in a side, without any script


def test_all_mine_fills_in_every_choice_and_saves_nothing_yet(world: World, publisher: User) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(publisher)
    filled = answer(client, conflict, {"fill": "ours", "choice:title": "theirs", "text:category": "kept"})
    assert filled.status_code == 200
    page = filled.content.decode()
    assert len(re.findall(r'value="ours" checked', page)) == 3 and 'value="theirs" checked' not in page
    assert "Nothing is saved yet" in page and "3 of 3 chosen" in page
    assert '<option value="kept" selected>' in page, "what was typed stays, though it is not chosen"
    conflict.refresh_from_db()
    assert conflict.settled_at is None


def test_the_rest_of_the_body_leaves_what_is_chosen_alone(world: World, publisher: User) -> None:
    conflict = quarrels.text(
        world,
        publisher,
        {**quarrels.OURS, "在宏观经济数据方面，": "宏观数据方面，"},
        {**quarrels.THEIRS, "在宏观经济数据方面，": "在宏观经济的数据上，"},
    )
    filled = answer(browser(publisher), conflict, {"fill": "theirs:rest", "choice:body:0": "ours"}).content.decode()
    assert re.findall(r'name="choice:([^"]*)" value="(\w+)" checked', filled) == [
        ("body:0", "ours"),
        ("body:1", "theirs"),
    ]


# --- What is refused, and how it is said


def test_what_was_not_chosen_is_marked_and_has_the_focus(world: World, publisher: User) -> None:
    conflict = quarrels.text(world, publisher)
    refused = answer(browser(publisher), conflict, {"choice:title": "ours"})
    assert refused.status_code == 400
    page = refused.content.decode()
    assert page.count("Choose one of these, or write another.") == 2 and page.count("autofocus") == 1
    assert re.search(r'name="choice:category" value="ours"[^>]*autofocus', page)
    assert re.search(r'name="choice:title" value="ours" checked', page)


def test_a_third_value_is_looked_at_as_on_the_edit_form(world: World, publisher: User) -> None:
    conflict = quarrels.text(
        world, publisher, {"date: '2026-02-13'": "date: '2026-02-14'"}, {"date: '2026-02-13'": "date: '2026-02-15'"}
    )
    client = browser(publisher)
    refused = answer(client, conflict, {"choice:date": "third", "text:date": "tomorrow"})
    assert refused.status_code == 400 and "Write the date as 2026-02-13" in words_in(refused.content.decode())
    assert answer(client, conflict, {"choice:date": "ours", "text:date": "tomorrow"}).status_code == 302


def test_a_side_that_moved_meanwhile_is_named_and_the_other_choices_are_kept(
    world: World, publisher: User, writer: User
) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(publisher)
    page = shown(client, conflict)
    quarrels.pushed(world, {"地缘政治的新棋局": "地缘政治的又一棋局"})
    world.sync()
    answers = {"choice:title": "theirs", "choice:category": "theirs", "choice:body:0": "third", "text:body:0": "第三种"}
    moved = answer(client, conflict, answers, page)
    assert moved.status_code == 409
    again = moved.content.decode()
    assert "翻译管道: changed outside, while you were choosing." in words_in(again)
    assert re.search(r'name="choice:category" value="theirs" checked', again)
    assert re.search(r'name="choice:body:0" value="third" checked', again) and "第三种" in again
    assert not re.search(r'name="choice:title" value="theirs" checked', again), "nobody saw that text yet"
    assert "又一棋局" in again and again.count("changed while you were choosing") == 1
    assert answer(client, conflict, {**answers, "choice:title": "theirs"}, again).status_code == 302
    assert now(world).title.endswith("又一棋局") and "第三种" in now(world).body


def test_an_edit_here_meanwhile_is_a_side_that_moved_too(world: World, publisher: User, writer: User) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(publisher)
    page = shown(client, conflict)
    quarrels.saved(world, writer, {"欢迎各位回到": "各位好，回到"})
    choices = {"choice:title": "ours", "choice:category": "ours", "choice:body:0": "theirs"}
    moved = answer(client, conflict, choices, page)
    assert moved.status_code == 409 and "Wen: saved here, while you were choosing." in words_in(moved.content.decode())
    assert re.search(r'name="choice:body:0" value="theirs" checked', moved.content.decode())


def test_passages_keep_their_choices_though_their_numbers_change(world: World, publisher: User) -> None:
    conflict = quarrels.text(
        world,
        publisher,
        {"欢迎回到": "欢迎各位回到", "在宏观经济数据方面，": "宏观数据方面，"},
        {"欢迎回到": "欢迎大家再次回到", "在宏观经济数据方面，": "在宏观经济的数据上，"},
    )
    page = shown(browser(publisher), conflict)
    quarrels.saved(world, publisher, {"欢迎各位回到": "欢迎大家再次回到"})
    fresh = Conflict.objects.get(pk=conflict.pk)
    form = SettlingForm(
        questions_of(dispute_of(fresh)),
        MultiValueDict(
            {name: [value] for name, value in hidden(page).items()}
            | {"choice:body:0": ["ours"], "choice:body:1": ["third"], "text:body:1": ["第三种"]}
        ),
    )
    assert form.is_valid() and form.moved == set()
    assert form.choices() == {"body:0": Written("第三种")}


def test_what_somebody_settled_already_is_said_and_stays_readable(world: World, publisher: User, writer: User) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(writer)
    page = shown(client, conflict)
    dispute = dispute_of(Conflict.objects.get(pk=conflict.pk))
    settle(conflict, dict.fromkeys(dispute.asks, "theirs"), pair=dispute.pair, by=publisher)
    late = answer(client, conflict, dict.fromkeys((f"choice:{name}" for name in dispute.asks), "ours"), page)
    assert late.status_code == 302 and "settled this already" in told(late)
    after = client.get(address(conflict)).content.decode()
    for there in ("多维透视", "三条主线", "新棋局", "Pan settled this", "lines alike"):
        assert there in after
    assert now(world).title.endswith("新棋局")


# --- Who may


def test_who_may_not_change_posts_reads_it_with_the_reason(world: World, publisher: User) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(person("ada", "Administrator"))
    page = shown(client, conflict)
    assert "You can read this, but not settle it." in page and "新棋局" in page
    assert 'type="radio"' not in page and "cf-save" not in page
    refused = client.post(address(conflict), {"pair": hidden(page)["pair"], "choice:title": "ours"})
    assert refused.status_code == 403 and "Your role may not do this" in words_in(refused.content.decode())
    assert browser(person("nobody")).get(address(conflict)).status_code == 403


def test_what_takes_a_post_off_the_site_needs_a_publisher(world: World, publisher: User, writer: User) -> None:
    conflict = quarrels.removed_here(world, publisher)
    page = shown(browser(writer), conflict)
    assert "Ask a Publisher" in page and 'type="radio"' not in page
    assert answer(browser(writer), conflict, {"choice:file": "ours"}, page).status_code == 403


# --- Stale forms


def test_a_stale_form_is_settled_by_who_typed_it_and_seen_by_nobody_else(
    world: World, publisher: User, writer: User
) -> None:
    kept = quarrels.form(world, writer, publisher)
    client, others = browser(writer), browser(publisher)
    words = words_in(shown(client, kept))
    assert "While you were writing, Pan saved the same part" in words and "Only you can settle this" in words
    assert others.get(address(kept)).status_code == 403 and others.post(address(kept)).status_code == 403
    assert address(kept) not in others.get(reverse("admin:posts_conflict_changelist")).content.decode()
    for page in (reverse("admin:index"), reverse("admin:posts_post_change", args=[kept.post_id])):
        assert address(kept) in client.get(page).content.decode()
        assert address(kept) not in others.get(page).content.decode()
    assert "Not saved yet: somebody else had saved meanwhile" in client.get(reverse("admin:index")).content.decode()
    done = answer(client, kept, {"choice:title": "ours", "choice:category": "theirs", "choice:body:0": "ours"})
    assert done.status_code == 302
    post = now(world)
    assert post.title.endswith("三条主线") and post.category.name == "investments" and "欢迎各位回到" in post.body
    assert "What was typed" in client.get(address(kept)).content.decode()
    assert others.get(address(kept)).status_code == 403


# --- Where open conflicts are shown


def test_open_conflicts_are_on_the_home_page_the_post_and_the_collection(
    world: World, publisher: User, writer: User
) -> None:
    conflict = quarrels.text(world, publisher)
    client = browser(writer)
    assert address(conflict) in client.get(reverse("admin:index")).content.decode()
    post = client.get(reverse("admin:posts_post_change", args=[conflict.post_id])).content.decode()
    assert re.search(rf'<a class="eg-button" href="{address(conflict)}">Settle</a>', post)
    listed = f"{reverse('admin:posts_conflict_changelist')}?post__collection__id__exact={world.collection.pk}"
    assert listed in unescape(client.get(reverse("admin:posts_collection_changelist")).content.decode())
    assert address(conflict) in client.get(listed).content.decode()
    reader = browser(person("ada", "Administrator"))
    seen = reader.get(reverse("admin:posts_post_change", args=[conflict.post_id])).content.decode()
    assert re.search(rf'<a class="eg-button" href="{address(conflict)}">See the texts</a>', seen)


# --- Large texts


def test_a_body_of_180_kb_with_forty_open_passages_is_shown_in_little_time(world: World, publisher: User) -> None:
    lines = [f"第{number}段：" + "市场继续震荡，资金流向避险资产。" * 12 for number in range(320)]
    open_ones = range(3, 320, 8)
    body = [*lines]
    text = f"---\ntitle: 长\ndraft: true\n---\n{chr(10).join(body)}\n"
    assert len(text.encode()) > 180_000
    ours = {f"第{number}段：市场继续": f"第{number}段：股市仍在" for number in open_ones}
    theirs = {f"第{number}段：市场继续": f"第{number}段：行情还在" for number in open_ones}
    world.remote.push(PATH, text)
    world.sync("done")
    quarrels.saved(world, publisher, ours)
    quarrels.pushed(world, theirs)
    world.sync("partly")
    conflict = Conflict.objects.holding().get()
    client = browser(publisher)
    began = time.process_time()
    page = shown(client, conflict)
    took = time.process_time() - began
    assert "Passage 40 of 40" in page
    assert took < 2, f"{took:.2f} s of this process's time"
    assert len(page.encode()) < 3 * len(text.encode()), "settled text stands on the page once"
