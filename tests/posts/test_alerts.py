"""Alerts: each comes with its cause, is shown to whoever can act on it, and goes with its cause."""

import datetime
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from posts import editing, tasks
from posts.alert_words import remedy_of, title_of
from posts.alerts import Alert, Code, current_alerts, visible_to, why_unsent
from posts.heartbeats import note_heartbeat
from posts.locking import sole_writer
from posts.models import Build, Collection, Conflict, Heartbeat, Outcome, Problem, Sync
from posts.notifying import wish_for_alerts
from posts.runs import claim
from posts.waking import ask_for_sync
from tests.posts.worlds import World, person, post_text
from tests.servers import free_port

PATH = "src/posts/a.md"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def told(db: None) -> User:
    """An Administrator who gets alerts by mail, so that this is not amiss."""
    admin = person("ada", "Administrator")
    wish_for_alerts(admin, True)
    return admin


@pytest.fixture
def at_rest(world: World, told: User, writer: User) -> World:
    """A collection that is synced, with one post, where nothing is wrong."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    note_heartbeat()
    assert alerts() == {}
    return world


def alerts() -> dict[Code, Alert]:
    """What is wrong now, by its kind."""
    return {alert.code: alert for alert in current_alerts()}


def the_one() -> Alert:
    """The only thing that is wrong."""
    (alert,) = current_alerts()
    return alert


def back_by(age: datetime.timedelta) -> datetime.datetime:
    """The moment so long ago."""
    return timezone.now() - age


def failed_with(world: World, code: str, **facts: object) -> Sync:
    """The row that a sync leaves which ended with `code`."""
    now = timezone.now()
    return Sync.objects.create(
        collection=world.collection, state="failed", asked_at=now, ended_at=now, error_code=code, error_facts=facts
    )


# --- What a sync ran into


def test_a_repository_that_is_moved_away_and_comes_back(at_rest: World, writer: User) -> None:
    away = at_rest.remote.folder.with_suffix(".away")
    at_rest.remote.folder.rename(away)
    editing.edit(at_rest.post(PATH), {"title": "等着"}, by=writer)
    first = at_rest.sync("failed")
    at_rest.sync("failed")
    alert = the_one()
    assert (alert.code, alert.collection, alert.key) == (
        "no_repository",
        at_rest.collection,
        f"no_repository:{at_rest.collection.pk}",
    )
    assert alert.since == first.ended_at, "since the first that failed"
    assert [str(post) for post in alert.posts] == ["等着"] and alert.count == 1
    away.rename(at_rest.remote.folder)
    at_rest.sync("done")
    assert alerts() == {}


def test_a_remote_that_does_not_answer(at_rest: World) -> None:
    address = at_rest.collection.url
    Collection.objects.update(url=f"https://127.0.0.1:{free_port()}/site.git")
    at_rest.sync("failed")
    assert the_one().code == "unreachable"
    Collection.objects.update(url=address)
    at_rest.sync("nothing_new")
    assert alerts() == {}


def test_not_answering_and_answering_too_late_are_one_alert(at_rest: World) -> None:
    failed_with(at_rest, "unreachable")
    key = the_one().key
    failed_with(at_rest, "timeout", seconds=60)
    assert the_one().key == key


def test_a_branch_that_is_deleted_is_named(at_rest: World) -> None:
    head = at_rest.remote.head()
    assert head is not None
    at_rest.remote.git("update-ref", "refs/heads/other", head)
    at_rest.remote.delete_branch()
    at_rest.sync("failed")
    assert the_one().code == "branch_missing" and "“main”" in title_of(the_one())
    at_rest.remote.force_push(head)
    at_rest.sync("nothing_new")
    assert alerts() == {}


def test_a_push_that_the_server_refuses_is_told_with_its_words(at_rest: World, writer: User) -> None:
    at_rest.remote.hook("pre-receive", "echo 'Frozen until Monday.' >&2; exit 1")
    editing.edit(at_rest.post(PATH), {"title": "等着"}, by=writer)
    at_rest.sync("failed")
    alert = the_one()
    assert alert.code == "push_refused" and "Frozen until Monday." in str(alert.facts["words"])
    assert [str(post) for post in alert.posts] == ["等着"]
    (at_rest.remote.folder / "hooks" / "pre-receive").unlink()
    at_rest.sync("done")
    assert alerts() == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("refused_credentials", Code.CREDENTIALS),
        ("host_key", Code.HOST_KEY),
        ("unrelated_history", Code.UNRELATED),
        ("push_rejected", Code.REJECTED),
        ("disk_full", Code.DISK_FULL),
        ("brake", Code.BRAKE),
        ("gave_up", Code.FAILED),
        ("something_new", Code.FAILED),
    ],
)
def test_whatever_the_newest_sync_met_is_told_until_one_goes_through(error: str, code: Code, at_rest: World) -> None:
    run = failed_with(at_rest, error)
    assert (the_one().code, the_one().run) == (code, run.pk)
    assert title_of(the_one()) and remedy_of(the_one())
    at_rest.sync("nothing_new")
    assert alerts() == {}


def test_a_sync_that_somebody_stopped_tells_nothing_of_the_remote(at_rest: World) -> None:
    failed_with(at_rest, "unreachable")
    now = timezone.now()
    Sync.objects.create(collection=at_rest.collection, state="stopped", asked_at=now, ended_at=now)
    assert the_one().code == "unreachable"


def test_a_sync_that_the_brake_stopped_is_told_whatever_its_state(at_rest: World) -> None:
    run = failed_with(at_rest, "brake", files=300)
    Sync.objects.filter(pk=run.pk).update(state="stopped")
    assert the_one().code == "brake"


def test_one_collection_does_not_speak_for_another(at_rest: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other", "other")
    other.remote.push(PATH, post_text())
    other.sync("done")
    failed_with(other, "host_key")
    assert the_one().collection == other.collection


# --- Nothing synced; worker and beat


def test_nothing_synced_for_an_hour_is_told_also_where_nothing_fails(at_rest: World) -> None:
    Collection.objects.update(synced_at=back_by(HOUR - datetime.timedelta(minutes=1)))
    assert alerts() == {}
    Collection.objects.update(synced_at=back_by(HOUR + datetime.timedelta(minutes=1)))
    assert the_one().code == "nothing_synced" and "more than an hour" in title_of(the_one())
    at_rest.sync("nothing_new")
    assert alerts() == {}


def test_a_collection_that_was_never_synced_is_told_after_an_hour(world: World, told: User) -> None:
    note_heartbeat()
    assert alerts() == {}
    Collection.objects.update(created_at=back_by(HOUR * 1.1))
    assert "never been synced" in title_of(the_one())
    world.remote.push(PATH, post_text())
    world.sync("done")
    assert alerts() == {}


def test_a_collection_that_syncs_seldom_is_given_its_time(at_rest: World) -> None:
    Collection.objects.update(sync_minutes=180, synced_at=back_by(5 * HOUR))
    assert alerts() == {}
    Collection.objects.update(synced_at=back_by(7 * HOUR))
    assert the_one().code == "nothing_synced"


def test_without_a_heartbeat_for_two_minutes_worker_or_beat_is_away(at_rest: World) -> None:
    Heartbeat.objects.update(at=back_by(datetime.timedelta(minutes=3)))
    assert the_one().code == "machinery"
    tasks.sweep()
    assert alerts() == {}


def test_a_site_on_which_no_worker_has_ever_run_says_so(world: World, told: User) -> None:
    assert alerts() == {}, "there was no time for it yet"
    Collection.objects.update(created_at=back_by(datetime.timedelta(minutes=3)))
    assert the_one().code == "machinery"
    tasks.sweep()
    assert alerts() == {}


def test_a_worker_that_is_busy_with_a_long_run_is_not_away(at_rest: World) -> None:
    Heartbeat.objects.update(at=back_by(HOUR))
    waiting = ask_for_sync(at_rest.collection)
    assert waiting is not None and claim(waiting.pk) is not None
    assert alerts() == {}
    Sync.objects.filter(pk=waiting.pk).update(lease_until=back_by(HOUR))
    assert the_one().code == "machinery", "its worker died"
    with sole_writer(at_rest.collection, wait=0):
        assert alerts() == {}, "a long fetch renews no lease"


# --- Conflicts, problems, the site


def test_a_conflict_is_told_after_a_day_and_until_it_is_settled(at_rest: World, writer: User) -> None:
    editing.edit(at_rest.post(PATH), {"title": "我们的"}, by=writer)
    at_rest.remote.push(PATH, post_text("他们的"), at=int(time.time()))
    at_rest.sync("partly")
    assert alerts() == {}
    Conflict.objects.update(opened_at=back_by(datetime.timedelta(hours=25)))
    alert = the_one()
    assert (alert.code, alert.count, [str(post) for post in alert.posts]) == ("old_conflicts", 1, ["我们的"])
    assert alert.since == Conflict.objects.get().opened_at
    Conflict.objects.update(settled_at=timezone.now())
    assert alerts() == {}


def test_a_file_that_cannot_be_read_is_told_until_it_is_mended(at_rest: World) -> None:
    at_rest.remote.push("src/posts/bad.md", "---\ntitle: [\n---\n")
    at_rest.sync("partly")
    alert = the_one()
    assert (alert.code, alert.count, alert.facts["files"]) == ("blocking_problems", 1, ["src/posts/bad.md"])
    at_rest.remote.push("src/posts/bad.md", post_text("好了"))
    at_rest.sync("done")
    assert alerts() == {}


def test_a_problem_that_blocks_nothing_is_no_alert(at_rest: World) -> None:
    Problem.objects.create(collection=at_rest.collection, path=PATH, code="not_a_date")
    assert alerts() == {}


def test_a_failed_build_names_the_posts_sent_since_the_last_good_one(at_rest: World, writer: User) -> None:
    def send(path: str, title: str) -> None:
        at_rest.remote.push(path, post_text())
        at_rest.sync()
        editing.edit(at_rest.post(path), {"title": title}, by=writer)
        at_rest.sync("done")

    def built(ok: bool, log: str = "") -> None:
        head = at_rest.remote.head()
        Build.objects.create(collection=at_rest.collection, commit=head, ok=ok, log=log, at=timezone.now())

    send(PATH, "早先的")
    built(True)
    assert alerts() == {}
    send("src/posts/b.md", "有毛病的")
    built(False, "Template error in b.md")
    alert = the_one()
    assert (alert.code, [str(post) for post in alert.posts]) == ("build_failed", ["有毛病的"])
    assert alert.facts["words"] == "Template error in b.md"
    built(True)
    assert alerts() == {}


def test_what_was_sent_while_the_good_build_ran_is_named_too(at_rest: World, writer: User) -> None:
    head = at_rest.remote.head()
    editing.edit(at_rest.post(PATH), {"title": "后来的"}, by=writer)
    at_rest.sync("done")
    Build.objects.create(collection=at_rest.collection, commit=head, ok=True, at=timezone.now())
    Build.objects.create(collection=at_rest.collection, commit=at_rest.remote.head(), ok=False, at=timezone.now())
    assert [str(post) for post in the_one().posts] == ["后来的"]


# --- Who is told, who sees what


@pytest.mark.parametrize("why", ["inactive", "no address", "no wish", "no role"])
def test_that_nobody_is_told_is_an_alert_itself(why: str, at_rest: World, told: User) -> None:
    match why:
        case "inactive":
            User.objects.filter(pk=told.pk).update(is_active=False)
        case "no address":
            User.objects.filter(pk=told.pk).update(email="")
        case "no wish":
            wish_for_alerts(told, False)
        case "no role":
            told.groups.clear()
    assert the_one().code == "nobody_told"
    wish_for_alerts(person("pan", "Publisher"), True)
    assert alerts() == {}


def test_before_the_first_collection_nothing_is_wrong(db: None) -> None:
    assert current_alerts() == []


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        ("Administrator", {"host_key", "old_conflicts", "blocking_problems", "nobody_told"}),
        ("Publisher", {"host_key", "old_conflicts", "blocking_problems", "nobody_told"}),
        ("Reviewer", {"old_conflicts", "blocking_problems"}),
        ("Writer", {"old_conflicts", "blocking_problems"}),
        ("", set()),
    ],
)
def test_each_sees_what_they_can_act_on(role: str, codes: set[str], at_rest: World, told: User) -> None:
    wish_for_alerts(told, False)
    failed_with(at_rest, "host_key")
    Conflict.objects.create(post=at_rest.post(PATH), kind="text", opened_at=back_by(HOUR * 30))
    Problem.objects.create(collection=at_rest.collection, path=PATH, code="nul", blocks=True)
    reader = person("reader", *([role] if role else []))
    assert {alert.code for alert in visible_to(reader, current_alerts())} == codes
    client = Client()
    client.force_login(reader)
    shown = client.get(reverse("admin:index")).context["alerts"].shown
    assert {alert.title for alert in shown} == {title_of(alert) for alert in current_alerts() if alert.code in codes}


def test_the_first_page_says_what_to_do_and_has_the_button_for_it(at_rest: World, told: User) -> None:
    client = Client()
    client.force_login(told)
    run = failed_with(at_rest, "no_repository", words="fatal: <b>gone</b>")
    text = client.get(reverse("admin:index")).content.decode()
    assert "There is no repository at its address" in text and "Check the address" in text
    assert "&lt;b&gt;gone" in text
    for address in (
        reverse("admin:posts_collection_sync", args=[at_rest.collection.pk]),
        reverse("admin:posts_sync_change", args=[run.pk]),
        reverse("admin:posts_collection_change", args=[at_rest.collection.pk]),
    ):
        assert address in text


def test_every_button_leads_somewhere(at_rest: World, told: User) -> None:
    client = Client()
    client.force_login(told)
    wish_for_alerts(told, False)
    Collection.objects.update(synced_at=back_by(HOUR * 2))
    Conflict.objects.create(post=at_rest.post(PATH), kind="text", opened_at=back_by(HOUR * 30))
    Problem.objects.create(collection=at_rest.collection, path=PATH, code="nul", blocks=True)
    led: set[str] = set()
    for error in ("", "brake", "unreachable", "disk_full"):
        if error:
            failed_with(at_rest, error)
        for alert in client.get(reverse("admin:index")).context["alerts"].shown:
            for button in alert.buttons:
                answer = client.post(button.address) if button.posts else client.get(button.address)
                assert answer.status_code == (302 if button.posts else 200), button.address
                led.add(button.icon)
    assert led >= {"sync", "call_split", "error", "settings", "group", "pan_tool", "sync_problem"}


def test_nothing_synced_is_not_told_beside_its_reason(at_rest: World, told: User) -> None:
    client = Client()
    client.force_login(told)
    Collection.objects.update(synced_at=back_by(HOUR * 2))
    assert [alert.title for alert in shown_to(client)] == ["Nothing has been synced for more than an hour"]
    failed_with(at_rest, "disk_full")
    assert [alert.title for alert in shown_to(client)] == ["The disk is full"]


def shown_to(client: Client) -> list[Any]:
    """The alerts on the first page."""
    return list(client.get(reverse("admin:index")).context["alerts"].shown)


def test_alerts_are_told_in_chinese(at_rest: World) -> None:
    failed_with(at_rest, "disk_full")
    with translation.override("zh-hans"):
        assert title_of(the_one()) == "磁盘已满"


def test_the_queries_are_as_many_for_one_post_as_for_sixty(at_rest: World, writer: User) -> None:
    run = failed_with(at_rest, "unreachable")
    Build.objects.create(collection=at_rest.collection, commit="1", ok=False, at=timezone.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert {alert.code for alert in current_alerts()} >= {"old_conflicts", "blocking_problems", "build_failed"}
        return len(counted)

    def harm(world: World) -> None:
        for path in world.remote.files():
            post = world.post(path)
            editing.edit(post, {"title": f"改 {path}"}, by=writer)
            Conflict.objects.create(post=post, kind="text", opened_at=back_by(HOUR * 30))
            Problem.objects.create(collection=world.collection, post=post, path=path, code="nul", blocks=True)
            Outcome.objects.create(sync=run, post=post, path=path, result="sent")

    harm(at_rest)
    few = queries()
    at_rest.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(60)})
    at_rest.sync()
    Conflict.objects.all().delete()
    harm(at_rest)
    failed_with(at_rest, "unreachable")
    assert queries() == few
    assert alerts()[Code.CONFLICTS].count == 61 and len(alerts()[Code.CONFLICTS].posts) == 3


# --- On the post


def test_a_post_says_why_its_changes_cannot_be_sent(at_rest: World, writer: User) -> None:
    client = Client()
    client.force_login(writer)
    editing.edit(at_rest.post(PATH), {"title": "等着"}, by=writer)
    address = reverse("admin:posts_post_change", args=[at_rest.post(PATH).pk])
    assert why_unsent(at_rest.post(PATH)) is None
    assert "cannot be sent now" not in client.get(address).content.decode()
    at_rest.remote.hook("pre-receive", "exit 1")
    at_rest.sync("failed")
    text = client.get(address).content.decode()
    assert "it cannot be sent now: The repository’s server refuses our changes." in text
    (at_rest.remote.folder / "hooks" / "pre-receive").unlink()
    at_rest.sync("done")
    assert "cannot be sent now" not in client.get(address).content.decode()


def test_a_post_that_waits_for_nothing_complains_of_nothing(at_rest: World, writer: User) -> None:
    failed_with(at_rest, "unreachable")
    client = Client()
    client.force_login(writer)
    address = reverse("admin:posts_post_change", args=[at_rest.post(PATH).pk])
    assert "cannot be sent now" not in client.get(address).content.decode()
