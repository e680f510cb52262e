"""Who wrote this line: the pure part, and the pages that show it and what left in a commit."""

import time
from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from posts import editing, reviewing
from posts.lineage import lineage
from posts.models import Revision
from posts.workflow import Transition
from tests.posts.test_review_page import PATH, Desk, signed_in
from tests.posts.worlds import post_text


def file(body: str, title: str = "题目") -> str:
    return f"---\ntitle: {title}\nmood: calm\n---\n{body}"


def by_line(*history: tuple[str, str]) -> list[str]:
    """Each line of the last text after who wrote it."""
    found = lineage(history)
    assert found is not None
    return [f"{who} {line}" for line, who in found.lines]


def test_each_line_is_of_who_wrote_it_last() -> None:
    assert by_line(
        (file("a\nb\nc\n"), "wen"),
        (file("a\nB\nc\n"), "rui"),
        (file("new\na\nB\nc\n"), "pan"),
        (file("new\na\nB\n"), "wen"),
    ) == ["pan new", "wen a", "rui B"]


def test_who_brings_a_text_back_wrote_none_of_it() -> None:
    first = file("a\nb\n", title="eins")
    found = lineage([(first, "wen"), (file("x\ny\n", title="zwei"), "rui"), (first, "pan")])
    assert found is not None
    assert {who for _line, who in found.lines} == {"wen"}
    assert found.keys == {"title": "wen", "mood": "wen"}


def test_each_field_is_of_who_gave_it_its_value() -> None:
    found = lineage([(file("a\n"), "wen"), (file("a\n", title="neu"), "rui"), (file("b\n", title="'neu'"), "pan")])
    assert found is not None
    assert found.keys == {"title": "rui", "mood": "wen"}


def test_no_history_has_no_lineage() -> None:
    assert lineage([]) is None


def test_a_text_that_cannot_be_read_is_all_body() -> None:
    assert by_line(("---\ntitle: [\n---\na\n", "wen"), (file("a\n"), "rui")) == ["wen a"]


def test_a_hundred_texts_of_180_kb_are_gone_through_in_under_a_second() -> None:
    lines = [f"第 {number} 段：" + "市场今天的走势与昨天不同。" * 6 for number in range(720)]
    texts = []
    for number in range(100):
        lines[number * 7] += f"改 {number}"
        texts.append((file("\n".join(lines)), number))
    assert len(texts[0][0].encode()) > 170_000
    start = time.process_time()
    found = lineage(texts)
    assert time.process_time() - start < 1
    assert found is not None and [found.lines[number * 7][1] for number in (1, 50, 99)] == [1, 50, 99]


# --- The pages


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    """The desk of these tests."""
    return Desk(tmp_path)


def test_the_page_names_who_wrote_each_passage(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk.submit(PATH, body="第一段。\n\n股市今天大涨。\n\n第三段。\n")
    editing.edit(desk.world.post(PATH), {"summary": "潘写的"}, by=desk.pan)
    client, where = signed_in(desk.rui), reverse("admin:posts_post_lines", args=[desk.world.post(PATH).pk])
    with django_assert_max_num_queries(10):
        shown = client.get(where).content.decode()
    wens = shown[: shown.index("股市今天大涨。")].rindex("<strong>")
    assert shown[wens:].startswith("<strong>Wen</strong>")
    pans = shown[: shown.index("潘写的")].rindex("<strong>")
    assert shown[pans:].startswith("<strong>Pan</strong>")


def test_the_history_folds_the_saves_of_a_day_and_shows_each_milestone(desk: Desk) -> None:
    for number in range(5):
        editing.edit(desk.world.post(PATH), {"title": f"第 {number} 稿"}, by=desk.wen)
    reviewing.perform(desk.world.post(PATH), Transition.SUBMIT, by=desk.wen)
    editing.edit(desk.world.post(PATH), {"title": "最后一稿"}, by=desk.wen)
    where = reverse("admin:posts_post_history", args=[desk.world.post(PATH).pk])
    shown = signed_in(desk.wen).get(where).content.decode()
    assert "4 earlier texts of that day" in shown
    assert shown.count('class="eg-moment-text"') == 3, "the last save, those before the submission, and the import"
    assert shown.count('class="eg-moment-step"') == 1
    assert "?from=1&amp;to=6" in shown, "what the five saves changed together"


def test_a_commit_leads_to_the_texts_that_left_in_it_and_back(desk: Desk) -> None:
    editing.edit(desk.world.post("src/posts/new.md"), {"title": "走了"}, by=desk.wen)
    desk.world.sync()
    left = Revision.objects.exclude(commit="").order_by("-number").first()
    assert left is not None
    client, where = signed_in(desk.rui), reverse("admin:posts_post_commit")
    assert left.commit == desk.world.remote.head()
    for asked in (left.commit, left.commit[:7], left.commit[:7].upper()):
        assert "走了" in client.get(where, {"id": asked}).content.decode()
    history = client.get(reverse("admin:posts_post_history", args=[left.post_id])).content.decode()
    assert f"{where}?id={left.commit}" in history
    assert "No text is known" in client.get(where, {"id": "00000000"}).content.decode()
    for nonsense in ("%", "zzzz", "ab", "' OR 1=1", "<script>"):
        shown = client.get(where, {"id": nonsense}).content.decode()
        assert "made of the digits" in shown and '<script>"' not in shown
    assert "made of the digits" not in client.get(where).content.decode()


def test_what_came_with_a_commit_is_found_by_it(desk: Desk) -> None:
    pushed = desk.world.remote.commit({"src/posts/x.md": post_text("甲篇"), "src/posts/y.md": post_text("乙篇")})
    desk.world.sync()
    shown = signed_in(desk.rui).get(reverse("admin:posts_post_commit"), {"id": pushed}).content.decode()
    assert "甲篇" in shown and "乙篇" in shown and "新的" not in shown
