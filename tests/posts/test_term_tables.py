"""A vocabulary as a table: what leaves comes back as it was, and nothing is changed before it was looked at."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from posts.spreadsheets import csv_of, read_csv
from posts.term_tables import (
    Line,
    TableRefused,
    What,
    bring_in,
    from_one_cell,
    in_one_cell,
    plan_table,
    read_table,
    table_of,
)
from taxonomy.models import Area, Category, MovedName, Organisation, Tag
from tests.posts.worlds import World, person, post_text

CURATOR_LIST = "/admin/taxonomy/organisation/"


@pytest.fixture
def orgs(db: None) -> None:
    """An organisation with two other names, and one that nobody looked at."""
    tsmc = Organisation.objects.create(name="台积电", slug="tsmc", is_new=False)
    for name in ("TSMC", "台積電"):
        Organisation(name=name, alias_of=tsmc, is_new=False).save()
    Organisation.objects.create(name="OpenAI", slug="openai")


def one(vocabulary: Any, text: str) -> Line:
    """The only line of a table of `vocabulary`."""
    (line,) = plan_table(vocabulary, text).lines
    return line


def test_what_is_taken_away_and_brought_in_again_changes_nothing(orgs: None) -> None:
    text = table_of(Organisation)
    assert text.startswith("\ufeffname,slug,aliases,approved,uses\r\n")
    assert "台积电,tsmc,TSMC | 台積電,yes,0\r\n" in text and "OpenAI,openai,,no,0\r\n" in text
    assert {line.what for line in plan_table(Organisation, text).lines} == {What.SAME}


@pytest.mark.once
@given(st.lists(st.text(st.sampled_from('a台|\\ ",;=\t’é'), min_size=1).map(str.strip).filter(bool), unique=True))
def test_names_with_strokes_and_backslashes_go_through_a_cell_and_come_back(names: list[str]) -> None:
    cell = in_one_cell(names)
    assert from_one_cell(cell) == sorted(names, key=lambda name: in_one_cell([name]))
    [_head, (_line, [_name, back])] = read_csv(csv_of(["name", "aliases"], [["x", cell]]))
    assert sorted(from_one_cell(back)) == sorted(names)


def test_an_alias_with_a_stroke_is_taken_away_and_brought_in_again(orgs: None) -> None:
    openai = Organisation.objects.get(name="OpenAI")
    for name in ("Open|AI", "Open\\", "|a", "a\\|b"):
        Organisation(name=name, slug=f"s{len(name)}{name[0] == 'a'}", alias_of=openai).save()
    text = table_of(Organisation)
    assert {line.what for line in plan_table(Organisation, text).lines} == {What.SAME}
    Organisation.objects.filter(alias_of=openai).delete()
    [line] = plan_table(Organisation, text).of(What.CHANGED)
    assert sorted(line.aliases) == sorted(["Open|AI", "Open\\", "|a", "a\\|b"])


@pytest.mark.once
def test_names_that_a_spreadsheet_would_compute_leave_as_text_and_come_back_as_they_were() -> None:
    rows = [["=1+1", "a\nb"], ["+SUM(A1)", " @x"], ["'quoted", "－1"], ["“引号”,逗号", "-"]]
    text = csv_of(["name", "=two"], rows)
    assert "'=1+1" in text and "'+SUM(A1)" in text and "'－1" in text
    told = [row for _line, row in read_csv(text)]
    assert told == [["name", "=two"], *([cell.strip() for cell in row] for row in rows)]
    assert [line for line, _row in read_csv(text)] == [1, 2, 4, 5, 6]


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_file_adds_terms_and_aliases_and_sets_what_it_says(orgs: None, curator: User, between: str) -> None:
    rows = [
        "name,slug,aliases,approved",
        "台积电,,Taiwan Semiconductor|tsmc,",
        "OpenAI,open-ai,,yes",
        "英伟达,,Nvidia,",
    ]
    text = "\r\n".join(rows).replace(",", between)
    plan = plan_table(Organisation, text)
    assert [line.what for line in plan.lines] == [What.CHANGED, What.CHANGED, What.NEW]
    assert plan.lines[1].sets == {"slug": ("openai", "open-ai"), "approved": ("no", "yes")}
    assert Organisation.objects.count() == 4, "nothing is changed by looking"
    bring_in(Organisation, text, mark=plan.mark, by=curator)
    named = Organisation.objects.get(name="英伟达")
    assert (named.slug, named.is_new, [each.name for each in named.aliases.all()]) == ("ying-wei-da", False, ["Nvidia"])
    assert Organisation.objects.get(name="OpenAI").slug == "open-ai"
    assert Organisation.objects.get(name="Taiwan Semiconductor").alias_of == Organisation.objects.get(name="台积电")
    assert {line.what for line in plan_table(Organisation, text).lines} == {What.SAME}, "the second run"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("TSMC,,,,", "table_is_alias"),
        (",x,,,", "term_name_missing"),
        (f"{'长' * 300},,,,", "name_too_long"),
        ("零\u200b宽,,,,", "hidden_signs"),
        ('"两\n行",,,,', "hidden_signs"),
        ("新,台积电,,,", "slug_not_latin"),
        ("新,tsmc,,,", "slug_taken"),
        (f"新,{'a' * 121},,,", "slug_too_long"),
        ("新,--,,,", "slug_not_latin"),
        ("新,,OpenAI,,", "alias_taken"),
        ("新,,,maybe,", "approved_unclear"),
    ],
)
def test_a_line_that_cannot_be_done_says_why_and_changes_nothing(orgs: None, row: str, code: str) -> None:
    line = one(Organisation, f"name,slug,aliases,approved,uses\n\n{row}\n")
    assert (line.number, line.what, line.code, line.sets) == (3, What.REFUSED, code, {})


def test_a_name_that_was_moved_to_another_vocabulary_is_not_brought_in(orgs: None) -> None:
    MovedName.objects.create(vocabulary="organisation", key="gpt", into="product", name="GPT")
    lines = plan_table(Organisation, "name,aliases\nGPT,\n新,gpt\n").lines
    assert [line.code for line in lines] == ["name_moved", "name_moved"]


def test_a_name_is_told_to_stay_as_it_is_and_two_lines_of_one_term_are_refused(orgs: None) -> None:
    first, second = plan_table(Organisation, "name,approved\nopenai,yes\nOPENAI,no\n").lines
    assert (first.what, first.name, first.code) == (What.CHANGED, "OpenAI", "table_not_renamed")
    assert (second.code, second.facts) == ("table_twice", {"line": 2})


def test_a_table_of_other_names_alone(orgs: None, curator: User) -> None:
    text = "alias,term\nNV,英伟达\n台湾积体电路,TSMC\nOAI,openai\nOpen AI,OpenAI\n"
    plan = plan_table(Organisation, text)
    assert [(line.what, line.code) for line in plan.lines] == [
        (What.REFUSED, "table_no_term"),
        (What.CHANGED, ""),
        (What.CHANGED, ""),
        (What.CHANGED, ""),
    ]
    bring_in(Organisation, text, mark=plan.mark, by=curator)
    assert {each.name for each in Organisation.objects.get(name="OpenAI").aliases.all()} == {"OAI", "Open AI"}


def test_order_and_area_of_categories(db: None, curator: User) -> None:
    area = Area.objects.create(name="财经", slug="finance")
    Area(name="finance", alias_of=area).save()
    text = "name,order,area\n股市,2,Finance\n债市,x,\n汇市,1,nowhere\n"
    plan = plan_table(Category, text)
    assert [line.code for line in plan.lines] == ["", "order_no_number", "table_no_area"]
    bring_in(Category, text, mark=plan.mark, by=curator)
    assert list(Category.objects.values_list("name", "position", "area__name")) == [("股市", 2, "财经")]
    assert table_of(Category).splitlines()[1] == "股市,gu-shi,,2,财经,yes,0"


@pytest.mark.once
@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("名称\n".encode("gb18030"), "table_not_utf8"),
        (b"x" * (2 * 1024 * 1024 + 1), "table_too_large"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(TableRefused, match=code):
        read_table(data)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table_empty"),
        ("a,b\n1,2\n", "table_without_names"),
        ("name\n\0\n", "table_unreadable"),
        ('name\n"x\n', "table_unreadable"),
    ],
)
def test_what_has_no_names_is_refused(db: None, text: str, code: str) -> None:
    with pytest.raises(TableRefused, match=code):
        plan_table(Tag, text)


def test_what_changed_since_it_was_looked_at_is_not_done(orgs: None, curator: User) -> None:
    text = "name,slug\n英伟达,nvidia\n"
    mark = plan_table(Organisation, text).mark
    Organisation.objects.create(name="Else", slug="nvidia")
    with pytest.raises(TableRefused, match="table_moved"):
        bring_in(Organisation, text, mark=mark, by=curator)
    with pytest.raises(TableRefused, match="no_permission"):
        bring_in(Organisation, text, mark=mark, by=person("wei", "Writer"))
    assert not Organisation.objects.filter(name="英伟达").exists()


def test_reading_a_long_file_takes_as_many_queries_as_a_short_one(orgs: None) -> None:
    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            plan_table(Organisation, "name\n" + "".join(f"组织 {each}\n" for each in range(number)))
        return len(asked)

    assert queries(1) == queries(400)


def test_the_pages_show_first_and_then_do(world: World, client: Client, curator: User) -> None:
    world.remote.commit({"src/posts/a.md": post_text()})
    world.sync("done")
    client.force_login(curator)
    assert "Bring in a table" in client.get(CURATOR_LIST).content.decode()
    answer = client.get(f"{CURATOR_LIST}table/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and "台积电,tai-ji-dian,,no,1" in answer.content.decode()
    sent = "name,slug\n<b>英伟达,\nOpenAI,坏\n".encode()
    here = f"{CURATOR_LIST}bring-in/"
    assert "aliases" in client.get(here).content.decode()
    page = client.post(here, {"file": SimpleUploadedFile("a.csv", sent)})
    text = page.content.decode()
    assert "&lt;b&gt;英伟达" in text and "cannot be a slug" in text and "Write it as huai" in text
    assert Organisation.objects.count() == 2
    told = {"text": sent.decode().replace("\n", "\r\n"), "mark": page.context["plan"].mark}
    assert client.post(here, told)["Location"] == CURATOR_LIST
    assert Organisation.objects.filter(name="<b>英伟达").exists()
    wrong = client.post(here, {"file": SimpleUploadedFile("a.csv", "名".encode("gb18030"))})
    assert wrong.status_code == 400 and "CSV UTF-8" in wrong.content.decode()
