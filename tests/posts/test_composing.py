"""A new post: from a template, at a path by the collection's pattern, with an address of its own."""

import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from posts import editing
from posts.composing import require_own_address, suggested_path
from posts.errors import EvergreenError
from posts.models import Collection, Post, PostTemplate
from posts.new_paths import filled, slug_of, why_bad_path_pattern
from tests.posts.test_admin_posts import as_
from tests.posts.worlds import World, person

LIST = "/admin/posts/post/"
DAY = datetime.date(2026, 2, 3)
TEMPLATE = """---
# the weekly
layout: weekly.njk
title: ''
tags:
    - weekly
draft: false
status: published
rating: 3
---
## 本周

"""


# --- The slug and the pattern


@pytest.mark.parametrize(
    ("title", "pinyin", "as_written"),
    [
        ("美股暴跌", "mei-gu-bao-die", "美股暴跌"),
        ("OpenAI 发布 GPT-5：重庆银行", "openai-fa-bu-gpt-5-chong-qing-yin-hang", "openai-发布-gpt-5-重庆银行"),
        ("Don’t panic!", "dont-panic", "dont-panic"),
        ("Ｃ＋＋ １０１", "c-101", "c-101"),
        ("Ärger_im  Büro", "ärger-im-büro", "ärger-im-büro"),
        ("100% 真的？", "100-zhen-de", "100-真的"),
        ("../../etc/passwd", "etc-passwd", "etc-passwd"),
        ("!?。", "", ""),
    ],
)
def test_a_title_becomes_a_slug(title: str, pinyin: str, as_written: str) -> None:
    assert slug_of(title, pinyin=True) == pinyin
    assert slug_of(title, pinyin=False) == as_written


def test_a_long_slug_ends_with_a_whole_word() -> None:
    slug = slug_of("一个标题" * 20, pinyin=True)
    assert len(slug) <= 80
    assert set(slug.split("-")) == {"yi", "ge", "biao", "ti"}
    assert len(slug_of("字" * 200, pinyin=False)) == 80


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("src/posts/{slug}.md", "src/posts/x.md"),
        ("src/posts/{date:%Y}/{slug}.md", "src/posts/2026/x.md"),
        ("src/posts/{date:%Y/%m}/{date:%Y-%m-%d}-{slug}.md", "src/posts/2026/02/2026-02-03-x.md"),
    ],
)
def test_a_pattern_is_filled(pattern: str, expected: str) -> None:
    assert why_bad_path_pattern(pattern) is None
    assert filled(pattern, "x", DAY) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "src/posts/x.md",
        "src/posts/{date:%Y}.md",
        "src/posts/{slug.md",
        "src/posts/{}{slug}.md",
        "src/posts/{title}/{slug}.md",
        "src/posts/{date:%B}/{slug}.md",
        "src/posts/{date:%Y{slug}}.md",
        "{slug.__class__}/{slug}.md",
        "../{slug}.md",
        "elsewhere/{slug}.md",
        "src/posts/{slug}.txt",
    ],
)
def test_a_pattern_that_leads_nowhere_is_refused(world: World, pattern: str) -> None:
    world.collection.path_pattern = pattern
    with pytest.raises(ValidationError) as refused:
        world.collection.full_clean()
    assert set(refused.value.message_dict) == {"path_pattern"}


# --- A path of its own


def new(world: World, path: str, **changes: object) -> Post:
    return editing.create(Collection.objects.get(), path, changes, by=person(f"w{User.objects.count()}", "Writer"))


def test_a_suggested_path_has_a_slug_that_no_other_post_of_the_collection_has(world: World) -> None:
    world.collection.path_pattern = "src/posts/{date:%Y}/{slug}.md"
    world.collection.save()
    assert suggested_path(world.collection, "2026-02-03", "周报") == "src/posts/2026/zhou-bao.md"
    new(world, "src/posts/2026/zhou-bao.md", title="周报")
    assert suggested_path(world.collection, "2026-02-03", "周报") == "src/posts/2026/zhou-bao-2.md"
    # Generators leave a date in front out of the address, so another day makes no other address.
    assert suggested_path(world.collection, "2027-02-03", "周报") == "src/posts/2027/zhou-bao-2.md"
    new(world, "src/posts/2025/2025-01-01-Zhou-Bao-2.md", title="周报")
    assert suggested_path(world.collection, "2026-02-03", "周报") == "src/posts/2026/zhou-bao-3.md"
    assert suggested_path(world.collection, "2026-02-03", "周报续") == "src/posts/2026/zhou-bao-xu.md"
    assert suggested_path(world.collection, "", "周报") == ""
    assert suggested_path(world.collection, "2026-02-03", "？") == ""


def test_without_a_pattern_it_is_date_and_title_in_the_folder_of_the_first_glob(world: World) -> None:
    world.collection.slugs = "as_written"
    assert suggested_path(world.collection, "2026-02-03", "周报") == "src/posts/2026-02-03-周报.md"
    assert suggested_path(world.collection, "", "周报") == "src/posts/周报.md"


def test_no_two_posts_have_one_address_on_the_site(world: World, publisher: User, tmp_path: object) -> None:
    world.collection.site_url, world.collection.post_url = "https://example.org", "/{year}/{slug}/"
    world.collection.save()
    first = new(world, "src/posts/a.md", title="甲", date="2026-02-03")
    with pytest.raises(EvergreenError, match="address_taken") as taken:
        new(world, "src/posts/b/2026-02-03-a.md", title="乙", date="2026-05-05")
    assert taken.value.facts["address"] == "https://example.org/2026/a/"
    second = new(world, "src/posts/b/2026-02-03-a.md", title="乙", date="2027-05-05")
    third = new(world, "src/posts/c.md", title="丙", date="2026-02-03")
    with pytest.raises(EvergreenError, match="address_taken"):
        editing.move(third, "src/posts/c/a.md", by=publisher)
    # A post is no rival of its own.
    assert editing.move(first, "src/posts/z/a.md", by=publisher).path == "src/posts/z/a.md"
    assert Post.objects.get(pk=second.pk).path == "src/posts/b/2026-02-03-a.md"
    # Another collection of the same site has the same addresses; one of another site has its own.
    other = Collection.objects.create(name="other", url="/tmp/other.git", site_url="https://example.org/")
    other.post_url = "/{year}/{stem}/"
    with pytest.raises(EvergreenError, match="address_taken"):
        require_own_address(other, "src/posts/a.md", DAY, by=publisher)
    other.site_url = "https://example.net"
    require_own_address(other, "src/posts/a.md", DAY, by=publisher)


# Signs of three bytes in UTF-8 and of four: a name may have 255.
@pytest.mark.parametrize("sign", ["字", "𠮷"])
def test_a_suggested_path_is_never_too_long_for_its_own_rule(sign: str, world: World, writer: User) -> None:
    Collection.objects.update(slugs=Collection.Slugs.AS_WRITTEN, path_pattern="src/posts/{date:%Y-%m-%d}-{slug}.md")
    collection, paths = Collection.objects.get(pk=world.collection.pk), []
    for _number in range(12):
        paths.append(suggested_path(collection, "2026-03-01", sign * 90))
        editing.create(collection, paths[-1], {"title": sign * 90}, by=writer)
    assert len(set(paths)) == 12 and paths[-1].endswith(f"{sign}-12.md")
    assert min(len(path.rpartition("/")[2].encode()) for path in paths) > 245


# --- The form


def added(client: Client, **data: object) -> object:
    return client.post(f"{LIST}add/", {"date": "2026-03-01", **data})


def test_a_new_post_starts_from_a_template_with_all_that_the_form_has_no_field_for(world: World, writer: User) -> None:
    template = PostTemplate.objects.create(collection=world.collection, name="周报", text=TEMPLATE)
    client = as_(writer)
    page = client.get(f"{LIST}add/")
    assert f"?template={template.pk}" in page.content.decode()
    form = client.get(f"{LIST}add/?template={template.pk}").context["form"]
    assert (form["layout"].value(), form["tags"].value(), form["body"].value()) == (
        "weekly.njk",
        ["weekly"],
        "## 本周\n\n",
    )
    told = {"collection": world.collection.pk, "template": template.pk, "title": "第一期", "layout": "weekly.njk"}
    answer = added(client, **told, tags=["", "weekly", "甲"], body="## 本周\r\n\r\n正文\r\n")
    assert answer.status_code == 302
    post = Post.objects.select_related("present").get()
    assert post.path == "src/posts/2026-03-01-di-yi-qi.md"
    expected = TEMPLATE.replace("title: ''", "title: '第一期'").replace("    - weekly\n", "    - weekly\n    - 甲\n")
    expected = expected.replace("draft: false", "draft: true").replace("status: published", "status: draft")
    expected = expected.replace("# the weekly\nlayout", "date: '2026-03-01'\n# the weekly\nlayout") + "正文\n"
    assert post.present.text == expected
    assert (post.state, post.draft, post.status) == ("draft", True, "draft")


def test_the_front_matter_of_a_new_post_as_fields_and_as_text(world: World, writer: User) -> None:
    template = PostTemplate.objects.create(collection=world.collection, name="周报", text=TEMPLATE)
    client = as_(writer)
    began = TEMPLATE.replace("draft: false", "draft: true").replace("status: published", "status: draft")
    front = began.split("---\n")[1]
    page = client.get(f"{LIST}add/?template={template.pk}")
    assert page.context["front_matter"] == front
    told = {"collection": world.collection.pk, "template": template.pk, "title": "第一期", "layout": "weekly.njk"}
    told |= {"date": "", "tags": ["", "weekly"], "body": "## 本周\r\n\r\n"}
    answer = client.post(f"{LIST}new/front-matter/", told).json()
    typed = front.replace("title: ''", "title: '第一期'")
    assert (answer["text"], answer["wrong"], answer["fields"]) == (typed, [], {})
    # As text it has the say, also in what no field holds.
    typed = typed.replace("第一期", "第二期") + "date: 2026-03-01\nown: {a: 1}\n"
    told |= {"front_matter": typed, "front_matter_shown": "text"}
    answer = client.post(f"{LIST}new/front-matter/", told).json()
    assert answer["values"]["title"] == "第二期" and ["own", "own: {a: 1}"] in answer["others"]
    wrong = client.post(f"{LIST}add/", {**told, "front_matter": typed.replace("draft: true", "draft: false")})
    assert wrong.context["typed"].wrong and "own: {a: 1}" in wrong.content.decode()
    assert not Post.objects.exists()
    assert client.post(f"{LIST}add/", told).status_code == 302
    post = Post.objects.select_related("present").get()
    assert post.path == "src/posts/2026-03-01-di-er-qi.md"
    assert post.present.text == f"---\n{typed}---\n## 本周\n\n"


def test_what_save_will_make_of_a_new_post_is_its_whole_file(world: World, writer: User) -> None:
    client = as_(writer)
    told = {"collection": world.collection.pk, "title": "美股", "date": "2026-03-01", "body": "正文\r\n"}
    page = client.post(f"{LIST}new/changes/", told)
    saving = page.context["saving"]
    lines = [line for section in saving for line in section.difference.lines]
    shown = "".join("".join(part.text for part in line.parts) + "\n" for line in lines)
    assert page.context["path"] == "src/posts/2026-03-01-mei-gu.md"
    assert "The repository does not have this file yet" in page.content.decode()
    client.post(f"{LIST}add/", told)
    assert shown == Post.objects.get().present.text
    nowhere = client.post(f"{LIST}new/changes/", {**told, "title": ""}, headers={"X-Requested-With": "fetch"})
    assert "Path:" in nowhere.content.decode() and "正文" in nowhere.content.decode(), "it is shown all the same"


def test_a_template_of_another_collection_is_refused(world: World, writer: User) -> None:
    other = Collection.objects.create(name="other", url="/tmp/other.git")
    template = PostTemplate.objects.create(collection=other, name="周报", text=TEMPLATE)
    answer = added(as_(writer), collection=world.collection.pk, template=template.pk, title="x")
    assert "collection" in answer.context["form"].errors
    assert not Post.objects.exists()


def test_the_path_is_suggested_to_the_form(world: World, writer: User) -> None:
    client = as_(writer)
    asked = {"collection": world.collection.pk, "date": "2026-03-01", "title": "美股暴跌"}
    assert client.get(f"{LIST}new/path/", asked).json() == {"path": "src/posts/2026-03-01-mei-gu-bao-die.md"}
    assert client.get(f"{LIST}new/path/", {"collection": "x"}).json() == {"path": ""}
    assert added(client, **asked).status_code == 302
    world.collection.path_pattern = "src/posts/{date:%Y}/{slug}.md"
    world.collection.save()
    wrong = added(client, **{**asked, "date": ""})
    assert "Give the post a date" in str(wrong.context["form"].errors["path"])


def test_templates_are_edited_by_administrators_on_the_page_of_their_collection(world: World, writer: User) -> None:
    address = f"/admin/posts/collection/{world.collection.pk}/change/"
    administrator = as_(person("ada", "Administrator"))
    shown = administrator.get(address).context["adminform"].form
    values = {name: shown[name].value() for name in shown.fields}
    data = {name: "" if value is None else value for name, value in values.items() if value is not False}
    data |= {"templates-TOTAL_FORMS": 1, "templates-INITIAL_FORMS": 0, "push_drafts": "on"}
    bad = administrator.post(address, {**data, "templates-0-name": "周报", "templates-0-text": "no fence"})
    assert bad.status_code == 200
    assert not PostTemplate.objects.exists()
    good = {**data, "templates-0-name": "周报", "templates-0-text": TEMPLATE.replace("\n", "\r\n")}
    assert administrator.post(address, good).status_code == 302
    assert PostTemplate.objects.get().text == TEMPLATE
    told = as_(writer).get(address)
    assert "templates-0-text" not in told.content.decode()
