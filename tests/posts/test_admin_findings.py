"""The pages of the checks: shown on the form, in the list, at home; mended, dismissed, taken back."""

import datetime
import re
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from posts import bulk
from posts.cross_checking import keep_posts_checked
from posts.mending import dismiss
from posts.models import BulkStep, Collection, Finding, Post, Profile
from tests.posts.worlds import World, person, post_text

PATH = "src/posts/a.md"
LONG = "这是一段足够长的正文，谁也不会觉得它太短。" * 6
BODY = f"她说**真，**她走了。{LONG}\n\n见 https://example.org 。\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A collection that was checked once, and then got a post with faults."""
    made = World(tmp_path)
    made.remote.commit({"src/posts/z.md": post_text("旧文", body=LONG)})
    made.sync()
    keep_posts_checked(10)
    made.remote.commit({PATH: post_text(body=BODY).replace("people: []", "people: '[]'")})
    made.sync()
    keep_posts_checked(10)
    return made


@pytest.fixture
def writer(client: Client, db: None) -> Client:
    client.force_login(person("wen", "Writer"))
    return client


def address(name: str, *args: object) -> str:
    """Of a page of a post."""
    return reverse(f"admin:posts_post_{name}", args=args)


def one(code: str) -> Finding:
    """The finding of this kind in the post with faults."""
    return Finding.objects.select_related("post").get(post__path=PATH, code=code)


def shown(client: Client, url: str) -> str:
    """The page as text."""
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_the_form_says_each_fault_once(world: World, writer: Client) -> None:
    page = shown(writer, address("change", world.post(PATH).pk))
    assert page.count("The site shows these asterisks, or the wrong words in bold.") == 1
    assert page.count("This list is written as text") == 2  # in the list of problems and at the field, as before
    assert address("mend", world.post(PATH).pk, "list_as_text") in page
    assert page.count("2 posts have this summary") == 2  # in the list of findings and at the field
    assert "The checks found 3 things" in page


@pytest.mark.django_db
def test_a_date_that_stops_the_build_is_said_once_too(world: World, writer: Client) -> None:
    world.remote.commit({PATH: post_text(body=LONG).replace("'2026-02-13'", "soon")})
    world.sync()
    keep_posts_checked(10)
    page = shown(writer, address("change", world.post(PATH).pk))
    assert page.count("builder cannot read this date") == 2  # in the list of findings and at the field
    assert "“soon” is no date" not in page


@pytest.mark.django_db
def test_mending_shows_the_lines_and_then_changes_them(world: World, writer: Client) -> None:
    post = world.post(PATH)
    url = address("mend", post.pk, "literal_asterisks")
    assert "<del" in shown(writer, url) or "eg-removed" in shown(writer, url)
    assert Post.objects.get(pk=post.pk).present_id == post.present_id
    assert writer.post(url, {"onto": str(post.present_id)}).status_code == 302
    assert "**真**，她" in world.post(PATH).body
    assert writer.post(url, {"onto": str(world.post(PATH).present_id)}).status_code == 409
    assert writer.post(url, {"onto": "nonsense"}).status_code == 409
    assert writer.get(address("mend", post.pk, "nonsense")).status_code == 404


@pytest.mark.django_db
def test_dismissing_asks_why_and_can_be_taken_back(world: World, writer: Client) -> None:
    finding = one("bare_address")
    url = address("dismiss", finding.post_id, finding.pk)
    assert writer.post(url, {"reason": " "}).status_code == 400
    assert writer.post(url, {"reason": "<b>就该这样</b>"}).status_code == 302
    page = shown(writer, address("findings", finding.post_id))
    assert "&lt;b&gt;就该这样&lt;/b&gt;" in page
    assert page.index("Dismissed") < page.index("Readers cannot click")
    assert writer.post(address("recall", finding.post_id, finding.pk)).status_code == 302
    assert one("bare_address").dismissal is None


@pytest.mark.django_db
def test_a_reason_is_not_lost_where_the_finding_is_gone(world: World, writer: Client) -> None:
    finding = one("bare_address")
    url = address("dismiss", finding.post_id, finding.pk)
    Finding.objects.all().delete()
    answer = writer.post(url, {"reason": "是引文，不是错"})
    assert answer.status_code == 409 and "是引文，不是错</textarea>" in answer.content.decode()
    assert writer.get(url).status_code == 404


@pytest.mark.django_db
def test_nobody_mends_or_dismisses_without_the_right_to_change(world: World, client: Client) -> None:
    finding = one("bare_address")
    client.force_login(person("ad", "Administrator"))
    assert "Mend…" not in shown(client, address("findings", finding.post_id))
    for url in (
        address("mend", finding.post_id, "bare_address"),
        address("dismiss", finding.post_id, finding.pk),
        address("recall", finding.post_id, finding.pk),
    ):
        assert client.post(url, {"reason": "好"}).status_code == 403


@pytest.mark.django_db
def test_the_list_of_posts_counts_and_filters_what_was_found(world: World, writer: Client) -> None:
    posts = reverse("admin:posts_post_changelist")
    assert "2 findings" in shown(writer, posts)  # advice does not count
    for query, there in {
        "findings=any": True,
        "findings=wrong": True,
        "findings=breaks": False,
        "findings=none": False,
        "findings=new": True,
        "found=literal_asterisks": True,
        "found=image_missing": False,
    }.items():
        assert ("美股暴跌" in shown(writer, f"{posts}?{query}")) is there, query


@pytest.mark.django_db
def test_home_tells_what_is_new_and_not_the_old_stock(world: World, writer: Client) -> None:
    Collection.objects.update(required_keys="guest")
    keep_posts_checked(10)
    page = shown(writer, "/admin/")
    assert "asterisks shown" in page
    assert "required field empty" not in page
    assert "她说**真" in shown(writer, "/admin/posts/finding/?new=1")
    assert "她说**真" not in shown(writer, "/admin/posts/finding/?new=0")
    listed = re.search(r'href="(/admin/posts/finding/\?found_at__gte=[^"]+)"', page)
    assert listed is not None and "她说**真" in shown(writer, unescape(listed[1]))
    dismiss(one("literal_asterisks"), reason="好", by=person("an", "Writer"))
    assert "asterisks shown" not in shown(writer, "/admin/")


@pytest.mark.django_db
def test_what_was_there_at_the_last_visit_is_not_new_at_the_next(world: World, writer: Client) -> None:
    assert "asterisks shown" in shown(writer, "/admin/")
    assert "asterisks shown" in shown(writer, "/admin/"), "within one visit it stays new"
    later = timezone.now() + datetime.timedelta(hours=1)
    Profile.objects.update(here_at=later, here_before=later)
    assert "asterisks shown" not in shown(writer, "/admin/")


@pytest.mark.django_db
def test_the_lists_take_the_same_queries_however_many_findings(world: World, writer: Client) -> None:
    def queries(url: str) -> int:
        shown(writer, url)
        with CaptureQueriesContext(connection) as caught:
            shown(writer, url)
        return len(caught.captured_queries)

    urls = ("/admin/", "/admin/posts/finding/", "/admin/posts/post/", address("findings", world.post(PATH).pk))
    before = {url: queries(url) for url in urls}
    more = BODY + "".join(f"\n\n又说**真{each}，**她走了。" for each in range(20))
    world.remote.commit({f"src/posts/{each}.md": post_text(f"题{each}", body=more) for each in range(5)})
    world.remote.commit({PATH: post_text(body=more)})
    world.sync()
    keep_posts_checked(10)
    assert {url: queries(url) for url in urls} == before


@pytest.mark.django_db
def test_an_administrator_chooses_what_stands_in_the_way_and_what_is_off(world: World, client: Client) -> None:
    client.force_login(person("ad", "Administrator"))
    url = reverse("admin:posts_collection_change", args=[world.collection.pk])
    page = client.get(url).context
    form = page["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    for inline in page["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    data |= {"blocking_codes": ["bare_address"], "codes_off": ["literal_asterisks"], "blocks_from": "nothing"}
    told = {name: value for name, value in data.items() if value is not None}
    assert client.post(url, told).status_code == 302
    collection = Collection.objects.get()
    assert (collection.blocking_codes, collection.codes_off) == (["bare_address"], ["literal_asterisks"])
    assert collection.blocking_severities == ()
    assert client.post(url, {**told, "required_keys": "nonsense"}).status_code == 200


@pytest.mark.django_db
def test_a_curator_mends_one_kind_in_all_that_a_filter_finds_but_for_what_was_dismissed(
    world: World, client: Client
) -> None:
    more = BODY.replace("example.org", "example.com") + "\n又见 https://example.net 。\n"
    world.remote.commit({"src/posts/b.md": post_text("乙", body=more), "src/posts/c.md": post_text("丙", body=LONG)})
    world.sync()
    keep_posts_checked(10)
    left = Finding.objects.select_related("post").get(passage="https://example.net")
    dismiss(left, reason="引文", by=person("an", "Writer"))
    client.force_login(person("cu", "Curator"))
    url = reverse("admin:posts_post_mend_many")
    page = shown(client, f"{url}?findings=any")
    assert "in 2 posts, 2 places" in " ".join(page.split())
    assert "list written as text" in page
    answer = client.post(f"{url}?findings=any", {"code": "bare_address"})
    step = BulkStep.objects.get()
    assert answer["Location"] == reverse("admin:posts_bulkstep_change", args=[step.pk])
    assert step.rows.count() == 2
    assert "Mend: address that is no link" in shown(client, answer["Location"])
    bulk.start(step, by=step.made_by)
    after = world.post("src/posts/b.md").body
    assert ("<https://example.com>" in after, "<https://example.net>" in after) == (True, False)
    assert "<https://example.org>" in world.post(PATH).body
    keep_posts_checked(10)
    assert not Finding.objects.open().filter(code="bare_address").exists()
    assert client.post(url, {"code": "heading_jumps"}).status_code == 400
    assert client.post(f"{url}?found=bare_address", {"code": "bare_address"}).status_code == 400


@pytest.mark.django_db
def test_mending_many_is_for_those_who_may_change_many(world: World, writer: Client) -> None:
    assert writer.get(reverse("admin:posts_post_mend_many")).status_code == 403
