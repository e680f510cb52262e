"""The first page, the sidebar, people and roles, the vocabularies' pages that count posts, and the pages of failure."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.views.defaults import permission_denied, server_error
from pytest_django.fixtures import Settings

from posts import assigning, bulk, bulk_proposing, editing, reviewing
from posts.admin.home import LIMIT
from posts.models import Collection, Conflict, Event, Finding, Post, Problem, Profile
from posts.notifying import wish
from posts.people import no_reply_address
from posts.workflow import State
from taxonomy.models import Organisation, Tag
from tests.posts.worlds import World, group_of, person, post_text

LogIn = Callable[..., Client]
HOME = "admin:index"
ROLES = ("Writer", "Reviewer", "Publisher", "Curator", "Administrator")


@pytest.fixture
def log_in(db: None) -> LogIn:
    """A browser in which somebody with these roles is logged in."""

    def logged_in(*roles: str) -> Client:
        client = Client()
        client.force_login(person("-".join(roles).lower() or "nobody", *roles))
        return client

    return logged_in


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    """The text of a page that came out right."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def cards(client: Client) -> dict[str, list[str]]:
    """What waits on the first page: titles by card."""
    response = client.get(reverse(HOME))
    assert response.status_code == 200
    return {card.title: [line.title for line in card.shown] for card in response.context["cards"]}


# --- The first page


def test_the_first_steps_are_told_to_whoever_may_take_them(log_in: LogIn) -> None:
    assert reverse("admin:posts_collection_add") in page(log_in("Administrator"), HOME)
    text = page(log_in("Writer"), HOME)
    assert reverse("admin:posts_collection_add") not in text and "No repository is connected yet" in text


def test_a_collection_without_posts_says_that_they_come_with_the_first_sync(world: World, log_in: LogIn) -> None:
    assert "No posts yet" in page(log_in("Writer"), HOME)


def test_each_sees_what_they_can_act_on(world: World, writer: User, reviewer: User, publisher: User) -> None:
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in ("mine", "queued", "approved", "asked")})
    world.sync("done")
    for name in ("mine", "queued", "approved", "asked"):
        editing.edit(world.post(f"src/posts/{name}.md"), {"summary": "新"}, by=writer)
    for name in ("queued", "approved", "asked"):
        reviewing.perform(world.post(f"src/posts/{name}.md"), "submit", by=writer)
    reviewing.perform(world.post("src/posts/approved.md"), "approve", by=reviewer)
    reviewing.perform(world.post("src/posts/asked.md"), "request_changes", by=reviewer, note="Why?")
    clients = {user.username: Client() for user in (writer, reviewer, publisher)}
    for user in (writer, reviewer, publisher):
        clients[user.username].force_login(user)

    assert cards(clients["wen"]) == {"Changes were asked for": ["asked"], "Your drafts": ["mine"]}
    assert cards(clients["rui"]) == {"Waiting for review": ["queued"]}
    assert cards(clients["pan"]) == {
        "Waiting for review": ["queued"],
        "Approved, waiting for publication": ["approved"],
    }
    text = page(clients["wen"], HOME)
    assert "asked for changes" in text or "changes requested" in text, "what was done lately"


def test_the_rest_of_what_may_wait(world: World, log_in: LogIn) -> None:
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "abcd"})
    world.sync("done")
    now = timezone.now()
    Post.objects.filter(title="a").update(changed_outside_at=now)
    Post.objects.filter(title="b").update(unchecked_since=now)
    Post.objects.filter(title="c").update(state="evergreen", review_by=now.date())
    Conflict.objects.create(post=Post.objects.get(title="d"), kind="text", opened_at=now)
    Problem.objects.create(collection=world.collection, path="src/posts/x.md", code="nul", line=3, blocks=True)
    assert cards(log_in("Reviewer")) == {
        "New from the repository, and nobody’s": ["d", "b", "a"],
        "Changed in the repository, not looked at": ["a"],
        "Published, not yet checked by a second person": ["b"],
        "Changed on both sides": ["d"],
        "Evergreen, to be looked at again soon": ["c"],
        "Problems in files": ["x.md:3"],
    }
    administrator = log_in("Administrator")
    assert cards(administrator) == {}
    assert "Nothing waits for you" in page(administrator, HOME)


def test_the_lists_behind_the_cards_hold_the_same(world: World, log_in: LogIn) -> None:
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in ("aaa", "bbb")})
    world.sync("done")
    Post.objects.filter(title="aaa").update(
        state="evergreen",
        review_by=timezone.localdate(),
        changed_outside_at=timezone.now(),
        unchecked_since=timezone.now(),
    )
    client = log_in("Publisher")
    response = client.get(reverse(HOME))
    addresses = {card.title: card.address for card in response.context["cards"]}
    newest = client.get(addresses.pop("New from the repository, and nobody’s"))
    assert [post.title for post in newest.context["cl"].result_list] == ["bbb"]
    assert len(addresses) == 3
    for address in addresses.values():
        listed = client.get(address)
        assert listed.status_code == 200, address
        assert [post.title for post in listed.context["cl"].result_list] == ["aaa"], address


@pytest.mark.parametrize("who", ["wen", "rui", "pan", "zoe", "boss"])
def test_the_list_that_a_card_leads_to_has_exactly_what_the_card_counts(
    who: str, world: World, writer: User, reviewer: User, publisher: User, tmp_path: Path
) -> None:
    stand_in, boss = person("zoe", "Reviewer"), User.objects.create_superuser("boss")
    today, now, trial = timezone.localdate(), timezone.now(), World(tmp_path, "trial")
    # Rui is away, and so is Pan, who stands in for her.
    Profile.objects.create(person=reviewer, away_from=today, stand_in=publisher)
    Profile.objects.create(person=publisher, away_from=today, stand_in=stand_in)
    everybody = [writer, reviewer, publisher, stand_in, boss]
    rows = [
        {"state": state, "submitted_by": by} for state in (State.DRAFT, State.CHANGES_REQUESTED) for by in everybody
    ]
    rows += [{"state": state, "assignee": writer} for state in State if state != State.IN_REVIEW]
    rows += [{"state": State.IN_REVIEW, "submitted_by": writer, "reviewer": each} for each in (None, *everybody)]
    rows += [{"state": State.IN_REVIEW, "submitted_by": stand_in, "reviewer": each} for each in (None, reviewer)]
    for name, each in (("real", world), ("trial", trial)):
        each.remote.commit({f"src/posts/{number}.md": post_text(f"{name} {number}") for number in range(3)})
        each.sync("done")
        first = each.post("src/posts/0.md")
        Finding.objects.filter(post__collection=each.collection).delete()
        for number, told in enumerate(rows):
            path = f"src/posts/x{number}.md"
            facts = {"title": f"{name} x{number}", "path": path, "path_key": path, "changed_at": now, **told}
            facts |= {"present": first.present, "review_by": today if told["state"] == State.EVERGREEN else None}
            facts |= {"approved": first.present} if told["state"] == State.APPROVED else {}
            Post.objects.bulk_create([Post(collection=each.collection, **facts)])
        Post.objects.filter(pk=first.pk).update(changed_outside_at=now, unchecked_since=now, assignee=boss)
        Conflict.objects.create(post=first, kind="text", opened_at=now)
        Problem.objects.create(collection=each.collection, path=first.path, code="nul", blocks=True)
        for severity in ("breaks", "wrong", "advice"):
            Finding.objects.create(post=first, severity=severity, code="dead_link", found_at=now)
    Collection.objects.filter(pk=trial.collection.pk).update(practice=True)
    client = Client()
    client.force_login(User.objects.get(username=who))
    found = client.get(reverse(HOME)).context["cards"]
    assert len(found) == {"wen": 6, "pan": 12, "boss": 12}.get(who, 11), [card.title for card in found]
    for card in found:
        assert not card.more, card.title
        listed = client.get(card.address).context["cl"]
        assert listed.result_count == len(card.lines), (card.title, card.address)
        if listed.model is Post:
            assert sorted(map(str, listed.result_list)) == sorted(line.title for line in card.lines), card.title


def test_only_ten_are_shown_and_the_queries_are_as_many_for_10_posts_as_for_200(
    world: World, log_in: LogIn, writer: User
) -> None:
    client = log_in("Publisher")
    world.remote.commit({f"src/posts/{number}.md": post_text(f"post {number}") for number in range(10)})
    world.sync("done")

    def queries() -> int:
        client.get(reverse(HOME))
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse(HOME))
        return len(counted)

    def everything_waits() -> None:
        Post.objects.update(state="in_review", changed_outside_at=timezone.now(), unchecked_since=timezone.now())
        for post in Post.objects.filter(conflicts=None):
            Conflict.objects.create(post=post, kind="text", opened_at=timezone.now())
            Problem.objects.create(collection=world.collection, post=post, path=post.path, code="nul")

    everything_waits()
    few = queries()
    world.remote.commit({f"src/posts/{number}.md": post_text(f"post {number}") for number in range(10, 200)})
    world.sync()
    for number in range(5):
        Collection.objects.create(name=f"other-{number}", url=f"/srv/{number}.git")
    everything_waits()
    assert Post.objects.count() == 200
    assert queries() == few
    assert all(len(titles) == LIMIT for titles in cards(client).values())


def test_what_is_not_shown_of_many_collections_is_counted_and_leads_to_their_list(world: World, log_in: LogIn) -> None:
    world.remote.push("src/posts/a.md", post_text())
    world.sync("done")
    client = log_in("Publisher")
    for number in range(LIMIT - 1):
        Collection.objects.create(name=f"a{number}", url=f"/srv/{number}.git")
    assert "more collection" not in page(client, HOME)
    for number in range(2):
        Collection.objects.create(name=f"b{number}", url=f"/srv/b{number}.git")
    Collection.objects.create(name="trial", url="/srv/trial.git", practice=True)
    text = page(client, HOME)
    assert text.count('class="desk-collection"') == LIMIT
    assert f'href="{reverse("admin:posts_collection_changelist")}">and 3 more collections</a>' in text
    assert "No posts yet" not in text, "the one with posts is not among those that are shown"
    answer = client.get(reverse(HOME))
    assert answer.context["practice"].name == "trial"


def test_titles_are_text_and_no_markup(world: World, log_in: LogIn) -> None:
    world.remote.push("src/posts/a.md", post_text("'<script>alert(1)</script>'"))
    world.sync("done")
    Post.objects.update(state="in_review")
    text = page(log_in("Reviewer"), HOME)
    assert "&lt;script&gt;alert(1)" in text and "<script>alert(1)" not in text


def test_the_queries_are_as_many_for_10_posts_as_for_1000_in_all_states_with_work_in_each_week(
    world: World, writer: User
) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "boss@example.org", "secret"))
    states = [state for state in State if state != State.ARCHIVED]

    def grow(start: int, end: int) -> None:
        now = timezone.now()
        rows = [
            Post(
                collection=world.collection,
                path=f"src/posts/{number}.md",
                path_key=f"src/posts/{number}.md",
                title=f"文章 {number}",
                state=states[number % len(states)],
                changed_at=now,
                review_by=now.date(),
            )
            for number in range(start, end)
        ]
        events = [
            Event(post=post, transition="submit", by=writer, at=now - datetime.timedelta(days=number % 50))
            for number, post in enumerate(Post.objects.bulk_create(rows))
        ]
        Event.objects.bulk_create(events)

    def queries() -> int:
        client.get(reverse(HOME))
        with CaptureQueriesContext(connection) as counted:
            response = client.get(reverse(HOME))
        assert sum(bar.count for bar in response.context["states"]) == Post.objects.count()
        assert response.context["work"].submitted == Event.objects.count()
        return len(counted)

    grow(0, 10)
    few = queries()
    grow(10, 1000)
    assert queries() == few


def test_what_came_since_the_last_visit_and_is_nobodys_is_new_to_a_writer(
    world: World, writer: User, reviewer: User
) -> None:
    new = "New from the repository, and nobody’s"
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "abc"})
    world.sync("done")
    assigning.assign([world.post("src/posts/b.md")], reviewer, by=reviewer)
    editing.edit(world.post("src/posts/c.md"), {"summary": "新"}, by=reviewer)
    client = Client()
    client.force_login(writer)
    assert cards(client)[new] == ["a"]
    assert cards(client)[new] == ["a"], "within one visit they stay new"
    # Half an hour's pause, and another one comes.
    earlier = timezone.now() - datetime.timedelta(hours=1)
    Profile.objects.filter(person=writer).update(here_at=earlier, here_before=earlier)
    Post.objects.update(created_at=earlier - datetime.timedelta(hours=1))
    world.remote.commit({"src/posts/d.md": post_text("d")})
    world.sync("done")
    assert cards(client)[new] == ["d"]
    elsewhere = Client()
    elsewhere.force_login(writer)
    assert cards(elsewhere)[new] == ["d"], "at another screen it is the same visit"


def test_what_was_done_lately_tells_edits_pushes_and_bulk_steps_each_once(
    world: World, writer: User, publisher: User
) -> None:
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "ab"})
    world.sync("done")
    for summary in ("一", "二"):
        editing.edit(world.post("src/posts/a.md"), {"summary": summary}, by=writer)
    reviewing.perform(world.post("src/posts/a.md"), "submit", by=writer)
    curator = person("cui", "Publisher", "Curator")
    changes = [{"key": "tags", "do": "add", "values": ["fed"]}]
    bulk.start(bulk_proposing.propose_fields(Post.objects.filter(title="b"), changes, by=curator), by=curator)
    world.remote.push("src/posts/b.md", post_text("b 二"), author=("小王", "wang@example.org"))
    world.sync()
    client = Client()
    client.force_login(curator)
    told = [(each.who, each.step, each.title) for each in client.get(reverse(HOME)).context["events"]]
    assert [each for each in told if each[1] == "edited"] == [("Wen", "edited", "a")]
    assert ("Wen", "submitted for review", "a") in told and any(each[:2] == ("Cui", "bulk step") for each in told)
    assert any(each[:2] == ("小王", "changed in the repository") for each in told)


def test_the_first_page_says_how_one_works_here_by_role_until_that_is_understood(log_in: LogIn) -> None:
    assert "Write: open a post" in page(log_in("Reviewer"), HOME)
    client = log_in("Writer")
    text = page(client, HOME)
    assert "Write: open a post" in text and "Review: the queue" not in text
    assert client.post(reverse("my_welcome")).status_code == 302
    assert "How you work here" not in page(client, HOME)
    # Other settings saved later do not bring it back.
    profile = Profile.objects.get(person__username="writer")
    wish(profile, {}, {"assigned": False})
    profile.save()
    assert "How you work here" not in page(client, HOME)


def test_the_charts_show_nothing_where_there_is_nothing(log_in: LogIn) -> None:
    text = page(log_in("Reviewer"), HOME)
    assert "Posts by state" not in text and "The last eight weeks" not in text


def test_the_charts_tell_the_posts_by_state_and_the_work_of_the_last_weeks(world: World, writer: User) -> None:
    world.remote.commit({"src/posts/a.md": post_text(), "src/posts/b.md": post_text("另一篇")})
    world.sync("done")
    post = Post.objects.get(path="src/posts/a.md")
    reviewing.perform(editing.edit(post, {"title": "写好了"}, by=writer), "submit", by=writer)
    client = Client()
    client.force_login(writer)
    told = client.get(reverse(HOME)).context
    assert [(bar.name, bar.count, bar.share) for bar in told["states"]] == [("draft", 1, 100), ("in review", 1, 100)]
    assert len(client.get(told["states"][1].address).context["cl"].result_list) == 1
    assert (told["work"].submitted, told["work"].published, told["work"].weeks[-1].high_submitted) == (1, 0, 64)
    assert "Submitted: 1, published: 0; week by week" in page(client, HOME)


# --- The sidebar and the languages


@pytest.mark.parametrize("role", ["", *ROLES])
def test_every_link_of_the_sidebar_opens(role: str, world: World, log_in: LogIn) -> None:
    client = log_in(*([role] if role else []))
    groups = client.get(reverse(HOME)).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert len(links) == {"": 1, "Curator": 20, "Publisher": 20, "Administrator": 22}.get(role, 19)
    for link in links:
        assert client.get(link).status_code == 200, link


def test_one_link_of_the_sidebar_is_marked_as_the_present_one(world: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    queue = f"{reverse('admin:posts_post_changelist')}?state__exact=in_review"
    for address in (
        reverse(HOME),
        reverse("admin:posts_post_changelist"),
        queue,
        reverse("admin:posts_sync_changelist"),
    ):
        groups = client.get(address).context["sidebar_navigation"]
        active = [item["link"] for group in groups for item in group["items"] if item["active"]]
        assert active == [address]


def test_the_language_is_switched_from_every_page_and_from_the_login(world: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    assert 'value="zh-hans"' in page(client, HOME)
    assert 'value="zh-hans"' in Client().get(reverse("admin:login")).content.decode()
    client.post(reverse("set_language"), {"language": "zh-hans", "next": reverse(HOME)})
    assert '<html lang="zh-hans"' in page(client, HOME)


# --- People and roles


def person_form(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": "",
        "email": user.email,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        **changes,
    }


def test_the_list_of_people_shows_their_roles(log_in: LogIn) -> None:
    person("wen", "Writer", "Curator")
    text = page(log_in("Administrator"), "admin:auth_user_changelist")
    assert "Writer" in text and "Curator" in text
    assert log_in("Publisher").get(reverse("admin:auth_user_changelist")).status_code == 403


def test_an_administrator_adds_people_who_can_log_in(log_in: LogIn) -> None:
    client = log_in("Administrator")
    form = {"username": "neu", "password1": "Xk29-vbn-qqa", "password2": "Xk29-vbn-qqa", "first_name": "Neu"}
    response = client.post(
        reverse("admin:auth_user_add"), {**form, "groups": [group_of("Writer").pk], "is_superuser": "on"}
    )
    assert response.status_code == 302
    new = User.objects.get(username="neu")
    assert new.is_staff and not new.is_superuser and [group.name for group in new.groups.all()] == ["Writer"]
    assert new.check_password("Xk29-vbn-qqa")


def test_an_administrator_makes_nobody_mightier_than_roles_do(log_in: LogIn) -> None:
    client = log_in("Administrator")
    me = User.objects.get(username="administrator")
    mighty = Permission.objects.get(codename="delete_user")
    power = Group.objects.create(name="Power")
    power.permissions.add(mighty)
    address = reverse("admin:auth_user_change", args=[me.pk])
    text = page(client, "admin:auth_user_change", me.pk)
    assert "is_superuser" not in text and "user_permissions" not in text and "Power" not in text
    client.post(address, person_form(me, is_superuser="on", user_permissions=[mighty.pk]))
    assert client.post(address, person_form(me, groups=[power.pk])).status_code == 200, "no choice of theirs"
    me = User.objects.get(pk=me.pk)
    assert not me.is_superuser and not me.user_permissions.exists() and not me.has_perm("auth.delete_user")
    # Nor by way of a role.
    answer = client.post(reverse("admin:auth_group_add"), {"name": "Mine", "permissions": [mighty.pk]})
    assert answer.status_code == 200 and not Group.objects.filter(name="Mine").exists()
    assert client.post(reverse("admin:auth_group_change", args=[power.pk]), {"name": "Power"}).status_code == 403


@pytest.fixture(params=["superuser", "of their own", "by a role"])
def mighty(request: pytest.FixtureRequest, db: None) -> User:
    """Somebody who may do what no role allows."""
    user = person("mighty", "Writer")
    delete = Permission.objects.get(codename="delete_user")
    match request.param:
        case "superuser":
            User.objects.filter(pk=user.pk).update(is_superuser=True)
        case "of their own":
            user.user_permissions.add(Permission.objects.get(codename="review_post"), delete)
        case "by a role":
            power = Group.objects.create(name="Power")
            power.permissions.add(delete)
            user.groups.add(power)
    return User.objects.get(pk=user.pk)


def test_whoever_is_mightier_than_roles_is_not_an_administrators_to_change(log_in: LogIn, mighty: User) -> None:
    client = log_in("Administrator")
    form = person_form(mighty, first_name="Changed", groups=[])
    assert client.post(reverse("admin:auth_user_change", args=[mighty.pk]), form).status_code == 403
    address = reverse("admin:auth_user_password_change", args=[mighty.pk])
    assert client.get(address).status_code == 403
    passwords = {"password1": "Xk29-vbn-qqa", "password2": "Xk29-vbn-qqa", "usable_password": "true"}
    assert client.post(address, passwords).status_code == 403
    after = User.objects.get(pk=mighty.pk)
    assert after.first_name == "Mighty" and after.check_password("secret")
    assert set(after.groups.all()) == set(mighty.groups.all())


def test_whoever_is_mightier_than_roles_is_a_superusers_to_change(admin_client: Client, mighty: User) -> None:
    form = person_form(mighty, first_name="Changed")
    assert admin_client.post(reverse("admin:auth_user_change", args=[mighty.pk]), form).status_code == 302
    assert User.objects.get(pk=mighty.pk).first_name == "Changed"


def test_a_permission_that_roles_may_hold_makes_nobody_mightier(log_in: LogIn) -> None:
    wen = person("wen", "Writer", "Administrator")
    wen.user_permissions.add(Permission.objects.get(codename="review_post"))
    client = log_in("Administrator")
    form = person_form(wen, first_name="Changed")
    assert client.post(reverse("admin:auth_user_change", args=[wen.pk]), form).status_code == 302
    assert User.objects.get(pk=wen.pk).first_name == "Changed"
    passwords = {"password1": "Xk29-vbn-qqa", "password2": "Xk29-vbn-qqa", "usable_password": "true"}
    client.post(reverse("admin:auth_user_password_change", args=[wen.pk]), passwords)
    assert User.objects.get(pk=wen.pk).check_password("Xk29-vbn-qqa")


@pytest.mark.parametrize("is_active", [True, False], ids=["active", "deactivated"])
def test_an_address_that_another_person_has_is_refused(log_in: LogIn, is_active: bool) -> None:
    client = log_in("Administrator")
    wen, other = person("wen", "Publisher"), person("other")
    User.objects.filter(pk=other.pk).update(email="Other@Example.org", is_active=is_active)
    form = person_form(wen, email="oTHER@example.ORG")
    answer = client.post(reverse("admin:auth_user_change", args=[wen.pk]), form)
    assert list(answer.context["adminform"].form.errors) == ["email"]
    new = {"username": "neu", "password1": "Xk29-vbn-qqa", "password2": "Xk29-vbn-qqa", "email": "other@EXAMPLE.org"}
    answer = client.post(reverse("admin:auth_user_add"), new)
    assert "Another person has this e-mail address already." in answer.content.decode()
    assert User.objects.get(pk=wen.pk).email == "wen@example.org" and not User.objects.filter(username="neu").exists()


def test_an_address_of_ones_own_or_none_at_all_is_taken(log_in: LogIn) -> None:
    client = log_in("Administrator")
    wen = person("wen", "Writer")
    person("other")
    User.objects.filter(username="other").update(email="")
    for address in ("WEN@example.org", "new@example.org", ""):
        form = person_form(wen, email=address)
        assert client.post(reverse("admin:auth_user_change", args=[wen.pk]), form).status_code == 302
        assert User.objects.get(pk=wen.pk).email == address


def test_a_machines_address_and_the_no_reply_address_of_another_are_no_persons(log_in: LogIn) -> None:
    Collection.objects.create(name="site", url="/srv/site.git", machine_authors="pipeline@example.org")
    client = log_in("Administrator")
    wen, other = person("wen", "Writer"), person("other", "Writer")
    change = reverse("admin:auth_user_change", args=[wen.pk])
    answer = client.post(change, person_form(wen, email="Pipeline@example.org"))
    assert "The collection site lists this e-mail address as a machine" in answer.content.decode()
    answer = client.post(change, person_form(wen, email=no_reply_address(other)))
    assert "Another person has this e-mail address already." in answer.content.decode()
    assert User.objects.get(pk=wen.pk).email == "wen@example.org"
    # What it was before anybody looked stays theirs.
    User.objects.filter(pk=wen.pk).update(email="pipeline@example.org")
    assert client.post(change, person_form(wen, email="pipeline@example.org")).status_code == 302


def test_nobody_is_renamed_to_what_another_is_called_in_other_letters(log_in: LogIn) -> None:
    older = person("older", "Writer")
    client = log_in("Administrator")
    change = reverse("admin:auth_user_change", args=[older.pk])
    # Both would have one no-reply address, and commits with it were the older one's.
    answer = client.post(change, person_form(older, username="ADMINISTRATOR"))
    assert "Somebody has this user name already. Choose another one." in answer.content.decode()
    User.objects.filter(username="administrator").update(email=f"taken@{settings.NO_REPLY_DOMAIN}")
    assert list(client.post(change, person_form(older, username="Taken")).context["adminform"].form.errors) == [
        "username"
    ]
    assert User.objects.get(pk=older.pk).username == "older"
    assert client.post(change, person_form(older, username="Older")).status_code == 302


def test_nobody_but_a_superuser_changes_their_own_address(
    log_in: LogIn, admin_client: Client, admin_user: User
) -> None:
    client = log_in("Administrator", "Publisher")
    me = User.objects.get(username="administrator-publisher")
    address = reverse("admin:auth_user_change", args=[me.pk])
    why = "somebody else has to change it"
    assert page(client, "admin:auth_user_change", me.pk).count(why) == 2
    assert (
        client.post(address, person_form(me, email="x@example.org", first_name="Changed", username="new")).status_code
        == 302
    )
    me.refresh_from_db()
    assert (me.email, me.first_name) == ("administrator-publisher@example.org", "Changed")
    assert me.username == "administrator-publisher", "its no-reply address is theirs by it"
    # Another Administrator does it.
    other = log_in("Administrator")
    assert why not in page(other, "admin:auth_user_change", me.pk)
    assert other.post(address, person_form(me, email="x@example.org")).status_code == 302
    me.refresh_from_db()
    assert me.email == "x@example.org"
    # A superuser may have nobody else to ask.
    assert why not in page(admin_client, "admin:auth_user_change", admin_user.pk)
    form = person_form(admin_user, email="y@example.org", is_superuser="on", is_staff="on")
    assert admin_client.post(reverse("admin:auth_user_change", args=[admin_user.pk]), form).status_code == 302
    admin_user.refresh_from_db()
    assert admin_user.email == "y@example.org"


def test_a_superuser_sees_everything(admin_client: Client) -> None:
    wen = person("wen", "Writer")
    assert "is_superuser" in page(admin_client, "admin:auth_user_change", wen.pk)
    form = person_form(wen, is_superuser="on", is_staff="on")
    assert admin_client.post(reverse("admin:auth_user_change", args=[wen.pk]), form).status_code == 302
    assert User.objects.get(pk=wen.pk).is_superuser


def test_people_are_deactivated_and_never_deleted_nor_lock_themselves_out(log_in: LogIn, admin_client: Client) -> None:
    wen = person("wen", "Writer")
    assert admin_client.post(reverse("admin:auth_user_delete", args=[wen.pk]), {"post": "yes"}).status_code == 403
    client = log_in("Administrator")
    form = person_form(wen)
    del form["is_active"]
    assert client.post(reverse("admin:auth_user_change", args=[wen.pk]), form).status_code == 302
    assert not User.objects.get(pk=wen.pk).is_active
    me = User.objects.get(username="administrator")
    mine = person_form(me)
    del mine["is_active"]
    client.post(reverse("admin:auth_user_change", args=[me.pk]), mine)
    assert User.objects.get(pk=me.pk).is_active


def test_a_site_mixes_its_own_role_and_ours_keep_their_names(log_in: LogIn, admin_client: Client) -> None:
    client = log_in("Administrator")
    permission = Permission.objects.get(codename="review_post")
    client.post(reverse("admin:auth_group_add"), {"name": "校对", "permissions": [permission.pk]})
    assert list(group_of("校对").permissions.all()) == [permission]
    writer = group_of("Writer")
    address = reverse("admin:auth_group_change", args=[writer.pk])
    client.post(address, {"name": "Renamed", "permissions": [permission.pk]})
    writer.refresh_from_db()
    assert writer.name == "Writer"
    assert admin_client.post(reverse("admin:auth_group_delete", args=[writer.pk]), {"post": "yes"}).status_code == 403


# --- Vocabularies, with their posts


@pytest.fixture
def tagged(world: World) -> World:
    """Two posts with the same tags and organisations."""
    world.remote.commit({f"src/posts/{name}.md": post_text(name) for name in "ab"})
    world.sync("done")
    return world


def test_the_list_counts_posts_and_names_aliases_in_as_many_queries_for_any_number_of_terms(
    tagged: World, log_in: LogIn
) -> None:
    client = log_in("Curator")
    tsmc = Organisation.objects.get(name="台积电")
    Organisation(name="TSMC", slug="tsmc", alias_of=tsmc).save()
    address = reverse("admin:taxonomy_organisation_changelist")
    with CaptureQueriesContext(connection) as few:
        text = client.get(address).content.decode()
    assert "TSMC" in text and f"companies_orgs__id__exact={tsmc.pk}" in text
    for number in range(40):
        Organisation(name=f"Org {number}", slug=f"org-{number}").save()
    with CaptureQueriesContext(connection) as many:
        listed = client.get(address)
    assert len(many) == len(few)
    counts = {term.name: term.post_count for term in listed.context["cl"].result_list}
    assert counts["台积电"] == 2 and counts["Org 0"] == 0 and "TSMC" not in counts


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "ｔｓｍｃ"}, {"台积电"}),
        ({"q": "台積電"}, {"台积电"}),
        ({"q": "OPENAI"}, {"OpenAI"}),
        ({"use": "none"}, {"Nobody"}),
        ({"use": "some"}, {"OpenAI", "台积电"}),
        ({"new": "no"}, {"Nobody"}),
        ({"kind": "aliases"}, {"TSMC"}),
        ({"kind": "all"}, {"OpenAI", "台积电", "Nobody", "TSMC"}),
    ],
)
def test_terms_are_found_by_name_alias_and_filters(
    query: dict[str, str], found: set[str], tagged: World, log_in: LogIn
) -> None:
    Organisation(name="TSMC", slug="tsmc", alias_of=Organisation.objects.get(name="台积电")).save()
    Organisation(name="Nobody", slug="nobody", is_new=False).save()
    listed = log_in("Writer").get(reverse("admin:taxonomy_organisation_changelist"), query)
    assert {term.name for term in listed.context["cl"].result_list} == found


@pytest.mark.parametrize(
    "name", ["tag", "organisation", "person", "product", "mediawork", "project", "series", "category", "area"]
)
def test_every_vocabulary_has_its_pages(name: str, tagged: World, log_in: LogIn) -> None:
    client = log_in("Curator")
    page(client, f"admin:taxonomy_{name}_changelist")
    response = client.post(reverse(f"admin:taxonomy_{name}_add"), {"name": "新词", "slug": "", "is_new": ""})
    assert response.status_code == 302
    listed = client.get(reverse(f"admin:taxonomy_{name}_changelist"), {"q": "新词"}).context["cl"].result_list
    (term,) = listed
    assert term.slug == "xin-ci" and "No post has it" in page(client, f"admin:taxonomy_{name}_change", term.pk)
    answer = client.post(reverse(f"admin:taxonomy_{name}_delete", args=[term.pk]), {"post": "yes"})
    assert answer.status_code == 302 and not type(term).objects.filter(pk=term.pk).exists()


def test_a_terms_page_links_its_posts_and_the_list_filtered_by_it(tagged: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    for model, key in ((Tag.objects.get(name="ai-disruption"), "tags"), (Post.objects.first().category, "category")):
        text = page(client, f"admin:taxonomy_{model._meta.model_name}_change", model.pk)
        for post in Post.objects.all():
            assert reverse("admin:posts_post_change", args=[post.pk]) in text
        listed = client.get(reverse("admin:posts_post_changelist"), {f"{key}__id__exact": model.pk})
        assert len(listed.context["cl"].result_list) == 2
        other = client.get(reverse("admin:posts_post_changelist"), {f"{key}__id__exact": 99999})
        assert len(other.context["cl"].result_list) == 0 if "cl" in (other.context or {}) else True


def test_a_term_that_posts_use_is_not_deleted_and_it_is_said_why(tagged: World, log_in: LogIn) -> None:
    client = log_in("Curator")
    term = Organisation.objects.get(name="台积电")
    unused = Organisation(name="Nobody", slug="nobody")
    unused.save()
    for method in (client.get, client.post):
        answer = method(reverse("admin:taxonomy_organisation_delete", args=[term.pk]), {"post": "yes"}, follow=True)
        assert "2 posts have it" in answer.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [term.pk, unused.pk], "post": "yes"}
    answer = client.post(reverse("admin:taxonomy_organisation_changelist"), chosen)
    assert "2 posts have it" in answer.content.decode()
    assert Organisation.objects.filter(pk__in=[term.pk, unused.pk]).count() == 2
    chosen["_selected_action"] = [unused.pk]
    client.post(reverse("admin:taxonomy_organisation_changelist"), chosen)
    assert not Organisation.objects.filter(pk=unused.pk).exists()
    assert log_in("Writer").post(reverse("admin:taxonomy_organisation_delete", args=[term.pk])).status_code == 403


def test_marking_many_as_looked_at(tagged: World, log_in: LogIn) -> None:
    pks = list(Tag.objects.values_list("pk", flat=True))
    chosen = {"action": "mark_looked_at", "_selected_action": pks}
    address = reverse("admin:taxonomy_tag_changelist")
    log_in("Writer").post(address, chosen)
    assert Tag.objects.filter(is_new=True).count() == len(pks)
    client = log_in("Curator")
    looked = client.post(address, chosen, follow=True)
    said = looked.content.decode()
    assert f"mark {len(pks)} terms as looked at" in said and "2 posts" in said and "No file changes" in said
    assert Tag.objects.filter(is_new=True).count() == len(pks)
    step = looked.context["step"]
    ended = client.post(reverse("admin:posts_bulkstep_start", args=[step.pk]), follow=True).content.decode()
    assert not Tag.objects.filter(is_new=True).exists() and "Undo…" in ended
    undo = client.post(reverse("admin:posts_bulkstep_undo", args=[step.pk]), follow=True)
    client.post(reverse("admin:posts_bulkstep_start", args=[undo.context["step"].pk]))
    assert Tag.objects.filter(is_new=True).count() == len(pks)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "ＯＰＥＮＡＩ"}, "This is the same name as “OpenAI”"),
        ({"alias_of": "self"}, "cannot be another name for itself"),
        ({"alias_of": "alias"}, "That is an alias itself"),
    ],
)
def test_a_name_has_one_meaning_and_aliases_one_level(
    changes: dict[str, Any], said: str, tagged: World, log_in: LogIn
) -> None:
    term = Organisation(name="Nobody", slug="nobody")
    term.save()
    alias = Organisation(name="Open AI", slug="open-ai", alias_of=Organisation.objects.get(name="OpenAI"))
    alias.save()
    names = {"self": term.pk, "alias": alias.pk}
    form = {"name": term.name, "slug": term.slug, "alias_of": ""} | changes
    form["alias_of"] = names.get(form["alias_of"], "")
    answer = log_in("Curator").post(reverse("admin:taxonomy_organisation_change", args=[term.pk]), form)
    assert answer.status_code == 200 and said in answer.content.decode()


# --- When something is wrong


def test_a_locked_login_is_told_in_words(db: None, settings: Settings) -> None:
    client = Client()
    address = reverse("admin:login")
    for _attempt in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(address, {"username": "wen", "password": "wrong"})
    assert answer.status_code == 429
    text = answer.content.decode()
    assert "Too many wrong passwords" in text and f"After {settings.AXES_FAILURE_LIMIT} failed attempts" in text


def test_after_the_login_comes_the_first_page(db: None) -> None:
    person("wen", "Writer")
    answer = Client().post(reverse("admin:login"), {"username": "wen", "password": "secret"})
    assert answer["Location"] == reverse(HOME)


def test_the_pages_of_failure_stand_alone_in_both_languages(db: None, client: Client) -> None:
    assert "no such page" in client.get("/nowhere/").content.decode()
    request = HttpRequest()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert server_error(request).status_code == 500
            refused = permission_denied(request, Exception("<b>why</b>")).content.decode()
            assert "&lt;b&gt;why" in refused
            for name in ("400.html", "403_csrf.html", "registration/lockout.html"):
                text = render_to_string(name, {"failure_limit": 5})
                assert f'<html lang="{language}"' in text and "<script" not in text


def test_within_the_admin_failures_keep_its_look_and_lead_on(log_in: LogIn) -> None:
    client = log_in("Writer")
    lost = client.get("/admin/nowhere/")
    assert lost.status_code == 404
    text = lost.content.decode()
    assert "There is no such page" in text and "nav-sidebar" in text and reverse("admin:posts_post_changelist") in text
    refused = client.get(reverse("admin:auth_user_changelist"))
    assert refused.status_code == 403
    text = refused.content.decode()
    assert "Your role may not do this" in text and "nav-sidebar" in text
    assert "nav-sidebar" not in Client().get("/nowhere/").content.decode()


def test_a_form_that_lost_its_token_is_answered_in_words(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("admin:login"), {"username": "x", "password": "y"})
    assert answer.status_code == 403 and "too old to be sent" in answer.content.decode()
