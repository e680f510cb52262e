"""The practice collection: everything works in it, nothing of it leaves this server, and it can be made anew."""

from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from posts import (
    assigning,
    bulk,
    bulk_proposing,
    commenting,
    editing,
    many_proposing,
    many_running,
    outside_links,
    reviewing,
    workingcopies,
)
from posts.alerts import current_alerts
from posts.errors import EvergreenError
from posts.limiting import limit
from posts.models import Collection, Comment, Notice, Post, Revision, StepOfMany
from posts.practice import make_practice
from posts.requests import Request
from posts.search_queries import parse
from posts.searching import found_by
from posts.syncing import sync
from tests.posts.worlds import World, person, post_text


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss", "boss@example.org", "secret")


def made(boss: User) -> Collection:
    collection = make_practice(by=boss)
    assert sync(collection).state == "done"
    return Collection.objects.get(pk=collection.pk)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def draft() -> Post:
    return Post.objects.select_related("collection").get(title="练习：新芯片能省多少电")


def test_it_is_a_collection_like_any_other_on_a_repository_that_no_site_is_built_from(
    boss: User, writer: User, publisher: User, var_dir: Path
) -> None:
    collection = made(boss)
    assert Path(collection.url).is_relative_to(var_dir) and not collection.site_url
    assert collection.posts.count() == 5 and not collection.problems.exists()
    editing.edit(draft(), {"summary": "新"}, by=writer)
    reviewing.perform(draft(), "submit", by=writer)
    post = draft()
    reviewing.approve_and_publish(post, by=publisher, looked_at=Revision.objects.get(pk=post.present_id))
    assert sync(collection).state == "done"
    assert draft().live and not draft().pending, "what was published has left, for here"


def test_it_counts_for_nobody_until_it_is_chosen(boss: User, tmp_path: Path) -> None:
    collection = made(boss)
    world = World(tmp_path)
    world.remote.commit({"src/posts/a.md": post_text("真的")})
    world.sync("done")
    pan = person("pan", "Publisher", "Writer")
    editing.edit(draft(), {"summary": "新"}, by=pan)
    reviewing.perform(draft(), "submit", by=pan)
    assert not Notice.objects.exists(), "nobody is asked to review what somebody tries"
    client = signed_in(pan)
    home = client.get(reverse("admin:index")).content.decode()
    assert "练习：" not in home and f"/collection/{collection.pk}/" in home
    posts = reverse("admin:posts_post_changelist")
    titles = [str(post) for post in client.get(posts).context["cl"].result_list]
    assert titles == ["真的"]
    chosen = client.get(posts, {"collection__id__exact": collection.pk})
    assert len(chosen.context["cl"].result_list) == 5 and "nothing here reaches a site" in chosen.content.decode()
    waiting = reverse("admin:posts_post_reports")
    assert "新芯片" not in client.get(waiting, {"report": "waiting"}).content.decode()
    assert "新芯片" in client.get(waiting, {"report": "waiting", "collection": collection.pk}).content.decode()
    assert "practice" not in {alert.collection.name for alert in current_alerts() if alert.collection}


def test_every_page_of_its_posts_says_so_in_the_readers_language(boss: User) -> None:
    collection = made(boss)
    post, client = draft(), signed_in(boss)
    for page in ("change", "history", "review", "comments", "findings", "lines", "difference", "step"):
        args = [post.pk, "submit"] if page == "step" else [post.pk]
        shown = client.get(reverse(f"admin:posts_post_{page}", args=args)).content.decode()
        assert "nothing here reaches a site" in shown, page
    assert (
        "nothing here reaches"
        in client.get(reverse("admin:posts_collection_change", args=[collection.pk])).content.decode()
    )


def test_who_is_limited_to_it_finds_its_posts_in_the_list_and_on_the_first_page(boss: User, writer: User) -> None:
    made(boss)
    limit(writer, [], by=boss)
    client = signed_in(User.objects.get(pk=writer.pk))
    shown = client.get(reverse("admin:posts_post_changelist"))
    assert shown.context["cl"].result_count == 5 and "There are no posts yet" not in shown.content.decode()
    assert sum(bar.count for bar in client.get(reverse("admin:index")).context["states"]) == 5


def test_other_posts_do_not_say_so(world: World, boss: User) -> None:
    world.remote.commit({"src/posts/a.md": post_text()})
    world.sync("done")
    post = world.post("src/posts/a.md")
    assert "eg-practice" not in signed_in(boss).get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()


def test_made_anew_it_is_as_at_its_start_and_nothing_of_the_old_one_is_left(boss: User, tmp_path: Path) -> None:
    collection = made(boss)
    wen = person("wen", "Publisher", "Curator")
    post = draft()
    editing.edit(post, {"summary": "改过的词"}, by=wen)
    reviewing.perform(draft(), "submit", by=wen, request=Request(person("rui", "Reviewer")))
    assigning.assign([post], wen, by=wen)
    said = commenting.comment(post, "一句", by=wen)
    commenting.reply(said, "答", by=boss)
    outside_links.make_link(post, "客", timezone.localdate(), may_suggest=True, by=wen)
    workingcopies.keep(post, {"title": ["x"]}, by=wen, onto=draft().present)
    step = bulk_proposing.propose_fields(
        Post.objects.filter(collection=collection), [{"key": "tags", "do": "add", "values": ["x"]}], by=wen
    )
    bulk.start(step, by=wen)
    many_running.start_step(many_proposing.propose_step(Post.objects.all(), "unpublish", by=wen), by=wen)
    sync(collection)
    before, folder = rows(), Path(collection.url)
    again = made(boss)
    assert again.name == "practice" and again.pk != collection.pk and not folder.exists()
    assert again.posts.count() == 5 == Post.objects.count()
    assert {post.summary for post in again.posts.filter(title__contains="新芯片")} == {""}
    assert not StepOfMany.objects.exists()
    assert not Comment.objects.exists() and not found_by(Post.objects.all(), parse("改过的词")).exists()
    assert {name: count for name, count in rows().items() if count > before[name]} == {}
    connection.check_constraints()


def rows() -> dict[str, int]:
    """How many rows each table of ours has."""
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_app_config("posts").get_models()}


def test_only_superusers_make_it_and_its_page_asks_first(boss: User, world: World) -> None:
    administrator, address = person("ada", "Administrator"), reverse("admin:posts_collection_practice")
    with pytest.raises(EvergreenError):
        make_practice(by=administrator)
    assert signed_in(administrator).post(address).status_code == 403
    client = signed_in(boss)
    assert "Make a practice collection" in client.get(reverse("admin:posts_collection_changelist")).content.decode()
    assert "It begins with a few short posts" in client.get(address).content.decode()
    assert client.post(address).status_code == 302 and Collection.objects.get(practice=True).name == "practice"
    assert "taken away for good" in client.get(address).content.decode()
    assert world.collection.practice is False


def test_no_setting_leads_out_of_it(boss: User) -> None:
    collection = made(boss)
    address = reverse("admin:posts_collection_change", args=[collection.pk])
    form = signed_in(boss).get(address).context["adminform"].form
    sent = {name: field.value() for name in form.fields if (field := form[name]).value() not in (None, False, [])}
    inlines = {f"templates-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    out = {"url": "/srv/site.git", "branch": "live", "site_url": "https://example.org", "review_months": 7}
    assert signed_in(boss).post(address, {**sent, **inlines, **out}).status_code == 302
    now = Collection.objects.get(pk=collection.pk)
    assert (now.url, now.branch, now.site_url, now.review_months) == (collection.url, "main", "", 7)


def test_the_command_makes_it_with_its_posts(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("practice")
    assert "5 posts" in capsys.readouterr().out
