"""Steps of many posts in the admin: from the list to the page that asks first, and to what became of each post."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from posts import editing, many_proposing, many_running, reviewing, tasks
from posts.limiting import limit
from posts.models import Post, StepOfMany, Sync
from tests.posts.worlds import World, post_text

LIST, MANY = "/admin/posts/post/", "/admin/posts/post/many/"
LIVE = {"draft": "false", "status": "published"}


@pytest.fixture
def draft(world: World) -> Post:
    """A draft from the repository, beside a post that the site shows."""
    world.remote.commit({"src/posts/draft.md": post_text("草稿"), "src/posts/live.md": post_text("上线", **LIVE)})
    world.sync("done")
    return world.post("src/posts/draft.md")


@pytest.fixture
def live(draft: Post, world: World) -> Post:
    """The post that the site shows."""
    return world.post("src/posts/live.md")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fresh(post: Post) -> Post:
    return Post.objects.select_related("present").get(pk=post.pk)


def shown(answer: Any) -> str:
    """The page as text, its blanks as one."""
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def chosen(client: Client, action: str, posts: list[Post], **more: str) -> str:
    """The address of the page that asks first, after the list showed `posts` and their boxes were ticked."""
    seen = {f"seen-{post.pk}": str(post.present_id) for post in posts}
    answer = client.post(LIST, {"action": action, "_selected_action": [post.pk for post in posts], **seen, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def start(client: Client, address: str, posts: list[Post], ticked: list[Post]) -> Any:
    """The button of that page, which showed `posts`."""
    where, _, filters = address.partition("?")
    data = {"shown": [post.pk for post in posts], "post": [post.pk for post in ticked]}
    return client.post(f"{where}start/?{filters}", data, follow=True)


def test_it_is_shown_first_what_each_post_would_become_and_nothing_is_done(
    draft: Post, live: Post, writer: User
) -> None:
    client = as_(writer)
    page = shown(client.get(chosen(client, "submit_posts", [draft, live])))
    assert "possible for 1 post" in page and "not for 1" in page
    assert "draft → in review" in page and "where this step cannot be taken" in page
    assert page.index("上线") < page.index("草稿"), "what is refused stands first"
    assert f'name="post" value="{draft.pk}"' in page and f'name="post" value="{live.pk}"' not in page
    assert fresh(draft).state == "draft"


def test_a_short_list_is_done_at_once_and_leads_back_to_the_list(draft: Post, live: Post, writer: User) -> None:
    client = as_(writer)
    answer = client.post(
        f"{LIST}?live__exact=0", {"action": "submit_posts", "_selected_action": [draft.pk], f"seen-{draft.pk}": ""}
    )
    done = start(client, answer["Location"], [draft], [draft])
    assert done.redirect_chain[-1][0] == f"{LIST}?live__exact=0"
    assert [str(message) for message in done.context["messages"]] == ["1 post: submitted for review."]
    assert fresh(draft).state == "in_review"


def test_of_a_short_list_every_refusal_is_told(draft: Post, live: Post, writer: User, reviewer: User) -> None:
    reviewing.perform(draft, "submit", by=writer)
    client = as_(reviewer)
    address = chosen(client, "approve_posts", [draft])
    editing.edit(draft, {"title": "后来改的"}, by=reviewer)
    done = start(client, address, [draft], [draft])
    (told,) = (str(message) for message in done.context["messages"])
    assert told.startswith("“后来改的”: ")
    assert "The text changed since you opened it" in told and "You wrote a part of this text" in told
    assert fresh(draft).state == "in_review"


def test_the_texts_that_the_list_showed_are_approved_and_no_others(draft: Post, writer: User, reviewer: User) -> None:
    reviewing.perform(draft, "submit", by=writer)
    client, old = as_(reviewer), fresh(draft)
    editing.edit(draft, {"title": "后来改的"}, by=writer)
    page = shown(client.get(chosen(client, "approve_posts", [old])))
    assert "The text changed since you opened it" in page and "possible for 0 posts" in page
    unseen = client.post(LIST, {"action": "approve_posts", "_selected_action": [draft.pk], f"seen-{draft.pk}": "x"})
    assert "possible for 0 posts" in shown(client.get(unseen["Location"]))


def test_of_a_post_that_was_never_on_the_site_the_whole_text_is_shown_before_it_is_approved(
    draft: Post, live: Post, writer: User, reviewer: User
) -> None:
    editing.edit(live, {"title": "上线以后改的"}, by=writer)
    editing.edit(draft, {}, body="从来没有上线的正文。\n", by=writer)
    for post in (draft, live):
        reviewing.perform(fresh(post), "submit", by=writer)
    client = as_(reviewer)
    posts = [fresh(draft), fresh(live)]
    page = shown(client.get(chosen(client, "approve_posts", posts)))
    assert "possible for 2 posts" in page
    assert "从来没有上线的正文。" in page and "The whole text: nothing of it is on the site" in page
    assert page.count("What differs from the site") == 1, "of the other one, only what changed"
    for post in posts:
        assert f'href="/admin/posts/post/{post.pk}/review/"' in page


def test_all_that_the_list_finds_are_approved_in_the_texts_that_the_page_showed(
    draft: Post, live: Post, writer: User, reviewer: User
) -> None:
    reviewing.perform(draft, "submit", by=writer)
    client = as_(reviewer)
    across = {"action": "approve_posts", "_selected_action": [live.pk], "select_across": "1"}
    address = client.post(f"{LIST}?state__exact=in_review", across)["Location"]
    page = shown(client.get(address))
    assert "possible for 1 post<" in page and "草稿" in page and "上线" not in page
    start(client, address, [draft], [draft])
    assert fresh(draft).state == "approved"


def test_a_button_that_is_pressed_twice_takes_the_step_once(draft: Post, writer: User) -> None:
    client = as_(writer)
    address = chosen(client, "submit_posts", [draft])
    start(client, address, [draft], [draft])
    again = start(client, address, [draft], [draft])
    assert [str(message) for message in again.context["messages"]] == ["This step was started already."]
    assert Sync.objects.filter(kind="step").count() == 1


def test_what_is_not_ticked_is_left_as_it_is(draft: Post, writer: User) -> None:
    client = as_(writer)
    told = start(client, chosen(client, "submit_posts", [draft]), [draft], [])
    assert [str(message) for message in told.context["messages"]] == ["No post is chosen. Choose at least one."]
    assert fresh(draft).state == "draft"


def test_a_long_list_is_done_by_a_worker_with_progress_and_its_page_tells_what_became_of_each(
    draft: Post, live: Post, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_running, "AT_ONCE", 1)
    client = as_(writer)
    address = chosen(client, "submit_posts", [draft, live])
    page = shown(start(client, address, [], []))
    assert "Submit for review: 2 posts" in page and "data-progress" in page and "0 / 2" in page
    assert fresh(draft).state == "draft"
    run = Sync.objects.get(kind="step")
    tasks.step(run.pk)
    assert client.get(f"/admin/posts/sync/{run.pk}/progress/").json()["done"] == 2
    page = shown(client.get(client.get(f"/admin/posts/sync/{run.pk}/change/")["Location"]))
    assert "1 post: submitted for review.</p><p>1 post stays as it is; the list says why." in page
    assert page.index("上线") < page.index("草稿") and "where this step cannot be taken" in page
    assert "草稿" not in shown(client.get(f"{MANY}{run.step_of_many.pk}/?result=refused"))


def test_a_run_is_stopped_and_goes_on_by_its_buttons(
    draft: Post, live: Post, writer: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_running, "AT_ONCE", 1)
    client = as_(writer)
    start(client, chosen(client, "submit_posts", [draft, live]), [], [])
    here = f"{MANY}{StepOfMany.objects.get().pk}/"
    assert f"{here}stop/" in shown(client.get(here)) and f"{here}stop/" not in shown(as_(reviewer).get(here))
    refused = as_(reviewer).post(f"{here}stop/", follow=True)
    assert "Your role may not do this" in shown(refused)
    stopped = shown(client.post(f"{here}stop/", follow=True))
    assert "Somebody stopped it" in stopped and f"{here}go-on/" in stopped
    assert "data-progress" in shown(client.post(f"{here}go-on/", follow=True))


def test_a_proposal_is_its_makers_alone_and_a_run_is_for_all_who_see_posts(
    draft: Post, writer: User, reviewer: User
) -> None:
    client, other = as_(writer), as_(reviewer)
    address = chosen(client, "submit_posts", [draft])
    here = address.partition("?")[0]
    assert other.get(here).status_code == other.post(f"{here}start/").status_code == 404
    for verb, answer in (("stop", 404), ("nonsense", 404), ("leave-out", 302)):
        assert client.post(f"{here}{verb}/").status_code == answer
    start(client, address, [draft], [draft])
    assert "Submit for review: 1 post" in shown(other.get(here))


def test_of_posts_that_were_closed_to_its_maker_meanwhile_nothing_is_told_or_tried(
    draft: Post, writer: User, tmp_path: Any
) -> None:
    other = World(tmp_path, "other")
    other.remote.commit({"src/posts/x.md": post_text("机密")})
    other.sync("done")
    posts, client = [draft, other.post("src/posts/x.md")], as_(writer)
    address = chosen(client, "submit_posts", posts)
    limit(writer, [draft.collection], by=User.objects.create_superuser("boss"))
    told = start(client, address, [draft], [draft])
    assert [str(message) for message in told.context["messages"]] == ["1 post: submitted for review."]
    assert [run.collection for run in Sync.objects.filter(kind="step")] == [draft.collection]


def test_runs_of_several_collections_are_found_in_the_list_of_runs(
    draft: Post, writer: User, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_running, "AT_ONCE", 1)
    other = World(tmp_path, "other")
    other.remote.commit({"src/posts/x.md": post_text("别处")})
    other.sync("done")
    posts, client = [draft, other.post("src/posts/x.md")], as_(writer)
    told = start(client, chosen(client, "submit_posts", posts), posts, posts)
    assert told.redirect_chain[-1][0] == "/admin/posts/sync/?kind__exact=step"
    assert "It is done in 2 runs, one for each collection." in shown(told)


def test_of_more_posts_a_worker_counts_and_the_page_has_pages(
    draft: Post, live: Post, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("posts.many_proposing", "posts.admin.post_step_of_many"):
        monkeypatch.setattr(f"{module}.FORESEEN_AT_ONCE", 1)
    monkeypatch.setattr("posts.admin.post_step_of_many._A_PAGE", 1)
    client = as_(writer)
    address = chosen(client, "submit_posts", [draft, live])
    before = shown(client.get(address))
    assert "2 posts are chosen:" in before and "0 of 2 are counted so far" in before
    tasks.foresee(StepOfMany.objects.get().pk)
    first, second = (shown(client.get(f"{address}&page={number}")) for number in (1, 2))
    assert "possible for 1 post" in first and "not for 1" in first and "counted so far" not in first
    assert "上线" in first and "草稿" in second
    where = address.partition("?")[0]
    client.post(f"{where}leave-out/", {"shown": [draft.pk]})
    assert "possible for 0 posts" in shown(client.get(address))


def test_too_many_posts_are_refused_with_their_number(
    draft: Post, live: Post, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_proposing, "MOST", 1)
    data = {"action": "submit_posts", "_selected_action": [draft.pk, live.pk]}
    assert "These are more than 1 posts." in shown(as_(writer).post(LIST, data, follow=True))


def test_the_page_of_a_run_takes_the_same_queries_for_few_posts_and_for_many(
    world: World, draft: Post, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.remote.commit({f"src/posts/n{number}.md": post_text(f"第{number}篇") for number in range(10)})
    world.sync("done")
    client, counts = as_(writer), []
    for posts in ([draft], list(Post.objects.exclude(pk=draft.pk))[:10]):
        address = chosen(client, "submit_posts", posts)
        start(client, address, posts, posts)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] < 16
