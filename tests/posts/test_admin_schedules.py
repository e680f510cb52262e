"""The pages about time: setting a step for later, the calendar, review-by dates, the checklist and the reports."""

import csv
import datetime
import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from posts import editing, evergreens
from posts.admin.plan_words import until
from posts.alerts import Code, current_alerts
from posts.assigning import assign
from posts.document.document import Document
from posts.evergreens import remind
from posts.limiting import limit
from posts.models import Event, Notice, Post, Reminder, Revision, Schedule
from posts.requests import Request
from posts.reviewdates import first_review_by, next_review_by
from posts.reviewing import TransitionRefused, perform
from posts.saving import record
from posts.scheduling import set_schedule
from tests.posts.worlds import World, fire_due, person, post_text

PATH = "src/posts/a.md"
LIVE = post_text("常青", draft="false", status="evergreen")
DAY = datetime.timedelta(days=1)
CALENDAR = "admin:posts_post_calendar"
REPORTS = "admin:posts_post_reports"


def browser(user: User, language: str = "en") -> Client:
    """A browser in which `user` is logged in."""
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def today() -> datetime.date:
    """By the clocks of the site."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


@pytest.fixture
def draft(world: World, writer: User) -> Post:
    """A draft that somebody wrote."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    editing.edit(world.post(PATH), {"title": "新题"}, by=writer)
    return world.post(PATH)


@pytest.fixture
def evergreen(world: World) -> Post:
    """A live evergreen post, due today."""
    world.remote.push(PATH, LIVE)
    world.sync("done")
    Post.objects.update(review_by=today())
    return world.post(PATH)


def page_of(post: Post) -> str:
    """The address of the form of a post."""
    return reverse("admin:posts_post_change", args=[post.pk])


def schedule_of(post: Post) -> str:
    """The address where a step is set for later."""
    return reverse("admin:posts_post_schedule", args=[post.pk])


# --- A step for later


def test_a_publisher_sets_moves_and_cancels_a_publication_in_the_sites_time(
    draft: Post, publisher: User, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    client, day = browser(publisher), (timezone.now() + 3 * DAY).date()
    asked = client.get(schedule_of(draft)).content.decode()
    assert "Asia/Shanghai" in asked and "not approved yet" in asked
    sent = {"step": "publish", "day": day.isoformat(), "clock": "09:30", "set_date": "on"}
    assert client.post(schedule_of(draft), sent).status_code == 302
    schedule = Schedule.objects.get()
    assert schedule.at.astimezone(datetime.UTC).strftime("%H:%M") == "01:30", "half past nine in Shanghai"
    assert (schedule.by, schedule.set_date) == (publisher, True)
    shown = client.get(page_of(draft)).content.decode()
    assert "To be published" in shown and "Pan" in shown and "What is scheduled" in shown
    client.post(schedule_of(draft), {**sent, "day": (day + DAY).isoformat()})
    assert Schedule.objects.get().at - schedule.at == DAY
    client.post(schedule_of(draft), {"cancel": schedule.pk})
    assert Schedule.objects.get().state == "cancelled"
    assert "sc-plan" not in client.get(page_of(draft)).content.decode()


def test_a_wrong_time_is_said_at_its_field_and_sets_nothing(draft: Post, publisher: User) -> None:
    client = browser(publisher)
    for day, said in [("2020-01-01", "This time has passed"), ("", "This field is required"), ("x", "valid date")]:
        answer = client.post(schedule_of(draft), {"step": "publish", "day": day, "clock": "09:00"})
        assert answer.status_code == 400 and said in answer.content.decode()
    assert not Schedule.objects.exists()


def test_on_the_page_of_a_step_it_can_be_set_for_later_instead(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    perform(draft, "submit", by=writer)
    perform(draft, "approve", by=reviewer)
    client = browser(publisher)
    address = reverse("admin:posts_post_step", args=[draft.pk, "publish"])
    assert "Not now, but at a date and time" in client.get(address).content.decode()
    sent = {"when": "later", "day": (today() + DAY).isoformat(), "clock": "08:00"}
    assert client.post(address, sent).status_code == 302
    assert Schedule.objects.get().transition == "publish" and world.post(PATH).state == "approved"


def test_how_long_until_a_step_is_said_without_counting_to_nothing() -> None:
    now = timezone.now()
    assert until(now + datetime.timedelta(seconds=40)) == "in a moment"
    assert until(now - datetime.timedelta(seconds=40)) == "just now"
    assert until(now - datetime.timedelta(minutes=5, seconds=20)).endswith("minutes ago")


def test_whoever_may_not_publish_sees_what_is_set_and_changes_nothing(
    draft: Post, writer: User, publisher: User
) -> None:
    schedule = set_schedule(draft, "publish", timezone.now() + DAY, by=publisher)
    client = browser(writer)
    shown = client.get(page_of(draft)).content.decode()
    assert "To be published" in shown and schedule_of(draft) not in shown
    assert client.get(schedule_of(draft)).status_code == 403
    assert client.post(schedule_of(draft), {"cancel": schedule.pk}).status_code == 403
    sent = {"step": "publish", "day": (today() + DAY).isoformat(), "clock": "08:00"}
    assert client.post(schedule_of(draft), sent).status_code == 403
    assert Schedule.objects.get().at == schedule.at and schedule.state == "open"


def test_what_was_refused_is_an_alert_and_a_notice_and_says_why_until_it_is_dismissed(
    draft: Post, writer: User, reviewer: User, publisher: User
) -> None:
    perform(draft, "submit", by=writer)
    perform(draft, "approve", by=reviewer)
    now = timezone.now()
    schedule = set_schedule(draft, "publish", now + DAY, by=publisher, now=now)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    assert Code.SCHEDULES not in [alert.code for alert in current_alerts()]
    fire_due(now=now + DAY)
    (alert,) = [alert for alert in current_alerts() if alert.code == Code.SCHEDULES]
    assert alert.posts == (draft,)
    home = browser(writer).get(reverse("admin:index")).content.decode()
    assert "was not done at its time" in home and "can no longer sign in" in home
    other = browser(person("other", "Publisher"))
    assert "It was not done." in other.get(page_of(draft)).content.decode()
    other.post(schedule_of(draft), {"cancel": schedule.pk})
    assert Code.SCHEDULES not in [alert.code for alert in current_alerts()]


def test_the_history_says_that_it_was_scheduled_and_late(
    draft: Post, writer: User, reviewer: User, publisher: User
) -> None:
    perform(draft, "submit", by=writer)
    perform(draft, "approve", by=reviewer)
    now = timezone.now()
    set_schedule(draft, "publish", now + DAY, by=publisher, now=now)
    fire_due(now=now + 2 * DAY)
    text = browser(writer).get(reverse("admin:posts_post_history", args=[draft.pk])).content.decode()
    assert "scheduled for" in text and "done late" in text


# --- The calendar


def moves(client: Client, kind: str, key: int, day: datetime.date) -> str:
    """Move a date in the calendar; what is said then."""
    sent = {"kind": kind, "key": key, "day": day.isoformat(), "next": reverse(CALENDAR)}
    answer = client.post(reverse("admin:posts_post_calendar_move"), sent, follow=True)
    assert answer.redirect_chain[0][0] == reverse(CALENDAR)
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_date_is_moved_to_another_day_and_keeps_its_time(draft: Post, publisher: User, writer: User) -> None:
    at = (timezone.now() + 2 * DAY).replace(hour=9, minute=15, second=0, microsecond=0)
    schedule = set_schedule(draft, "publish", at, by=publisher)
    assert "role may not do this" in moves(browser(writer), "scheduled", schedule.pk, at.date() + 3 * DAY)
    assert "To be published" in moves(browser(publisher), "scheduled", schedule.pk, at.date() + 3 * DAY)
    assert Schedule.objects.get().at == at + 3 * DAY
    assert "has passed" in moves(browser(publisher), "scheduled", schedule.pk, at.date() - 5 * DAY)


def test_a_review_by_date_is_moved_by_whoever_reviews(evergreen: Post, reviewer: User, writer: User) -> None:
    assert "role may not" in moves(browser(writer), "review_by", evergreen.pk, today() + 9 * DAY)
    assert "review by" in moves(browser(reviewer), "review_by", evergreen.pk, today() + 9 * DAY)
    assert Post.objects.get().review_by == today() + 9 * DAY
    assert Event.objects.get(transition="review_by").by == reviewer


def test_the_day_until_which_a_review_is_asked_for_is_moved_by_whoever_writes_and_the_reviewer_is_told(
    draft: Post, writer: User, reviewer: User
) -> None:
    asked = Request(reviewer, today() + 2 * DAY)
    perform(draft, "submit", by=writer, request=asked)
    page = browser(writer).get(reverse(CALENDAR), {"day": asked.due.isoformat() if asked.due else ""})
    address = reverse("admin:posts_post_review_due", args=[draft.pk])
    assert "Review asked for" in page.content.decode() and address in page.content.decode()
    assert "asked for until" in moves(browser(writer), "review_due", draft.pk, today() + 3 * DAY)
    assert "has passed" in moves(browser(writer), "review_due", draft.pk, today() - DAY)
    assert Post.objects.get().review_due == today() + 3 * DAY
    assert Event.objects.filter(transition="review_due").count() == 1
    assert Notice.objects.filter(person=reviewer, code="asked").count() == 2
    assert browser(writer).post(address, {"day": (today() + 4 * DAY).isoformat()}).status_code == 302
    perform(Post.objects.get(), "withdraw", by=writer)
    assert browser(writer).get(address).status_code == 403
    assert "not in review" in moves(browser(writer), "review_due", draft.pk, today() + 3 * DAY)


def test_today_is_closed_to_review_by_dates_alone_and_the_past_to_all(draft: Post, publisher: User) -> None:
    page = browser(publisher).get(reverse(CALENDAR), {"day": today().isoformat(), "view": "week"}).content.decode()
    assert f'data-day="{today()}" data-closed="review_by"' in page
    week_ago = browser(publisher).get(reverse(CALENDAR), {"day": (today() - 7 * DAY).isoformat(), "view": "week"})
    assert f'data-day="{today() - 7 * DAY}" data-closed="scheduled review_due review_by"' in week_ago.content.decode()


def test_nonsense_moves_nothing(evergreen: Post, reviewer: User) -> None:
    client = browser(reviewer)
    for kind, key, day in [("x", "1", "2027-01-01"), ("review_by", "x", "2027-01-01"), ("review_by", "1", "soon")]:
        sent = {"kind": kind, "key": key, "day": day}
        assert client.post(reverse("admin:posts_post_calendar_move"), sent).status_code == 400


@pytest.mark.parametrize(("language", "first"), [("en", "Sun"), ("zh-hans", "星期一")])
def test_the_week_begins_as_the_reader_is_used_to(evergreen: Post, reviewer: User, language: str, first: str) -> None:
    context = browser(reviewer, language).get(reverse(CALENDAR), {"day": "2026-11-25"}).context
    assert context["weekdays"][0][0] == first
    assert all(len(week) == 7 for week in context["weeks"])
    days = [day.day for week in context["weeks"] for day in week]
    assert datetime.date(2026, 11, 1) in days and datetime.date(2026, 11, 30) in days


def test_kinds_and_collections_are_filtered(draft: Post, world: World, publisher: User) -> None:
    world.remote.push("src/posts/b.md", LIVE)
    world.sync()
    at = timezone.now() + datetime.timedelta(minutes=1)
    set_schedule(draft, "publish", at, by=publisher)
    Post.objects.filter(state="evergreen").update(review_by=at.date())

    def kinds(**told: object) -> list[str]:
        weeks = browser(publisher).get(reverse(CALENDAR), {"day": at.date().isoformat(), **told}).context["weeks"]
        return sorted(entry.kind for week in weeks for day in week for entry in day.shown)

    assert kinds() == ["review_by", "scheduled"]
    assert kinds(kind="scheduled", view="week") == ["scheduled"]
    assert kinds(collection=world.collection.pk + 1) == []


def test_the_calendar_the_home_page_and_the_reports_take_the_same_queries_for_any_number(
    world: World, publisher: User
) -> None:
    world.remote.commit({f"src/posts/{n:03}.md": LIVE.replace("常青", f"常青{n}") for n in range(60)})
    world.sync("done")
    posts = list(Post.objects.order_by("path"))
    client = browser(publisher)

    def queries(count: int) -> list[int]:
        Post.objects.filter(pk__in=[post.pk for post in posts[:count]]).update(review_by=today())
        for post in posts[:count]:
            if not post.schedules.exists():
                set_schedule(post, "unpublish", timezone.now() + DAY, by=publisher)
                perform(post, "confirm", by=publisher)
        Post.objects.filter(pk__in=[post.pk for post in posts[:count]]).update(review_by=today())
        addresses = [
            reverse(CALENDAR),
            f"{reverse(CALENDAR)}?view=week",
            *(f"{reverse(REPORTS)}?report={name}" for name in ("activity", "times", "waiting", "overdue")),
            reverse("admin:index"),
        ]
        counts = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(address).status_code == 200
            counts.append(len(caught.captured_queries))
        return counts

    assert queries(2) == queries(60)


# --- Evergreens


def test_the_owner_is_reminded_a_week_before_and_on_the_day_once_each(evergreen: Post, writer: User) -> None:
    Post.objects.update(submitted_by=writer, review_by=today() + 8 * DAY)
    now = timezone.now()
    counts = [remind(now=now + number * DAY) for number in (0, 1, 2, 7, 8, 9)]
    assert counts == [0, 1, 0, 0, 1, 0]
    assert list(Notice.objects.order_by("pk").values_list("code", flat=True)) == ["review_near", "review_due"]
    text = browser(writer).get(reverse("admin:index")).content.decode()
    assert "review-by date has come" in text


def test_of_an_evergreen_that_came_from_git_whoever_may_review_is_reminded(
    evergreen: Post, writer: User, reviewer: User
) -> None:
    assert evergreen.present is not None and evergreen.present.by is None
    assert remind() == 1 and remind() == 0
    assert [notice.person for notice in Notice.objects.filter(post=evergreen)] == [reviewer]
    text = browser(writer).get(page_of(evergreen)).content.decode()
    assert "nobody: whoever may review" in text
    assert (
        "whoever may review"
        in browser(person("pan", "Publisher")).get(f"{reverse(REPORTS)}?report=overdue").content.decode()
    )


def test_where_the_owner_cannot_answer_for_it_any_more_the_next_is_reminded(
    evergreen: Post, writer: User, reviewer: User, publisher: User
) -> None:
    Post.objects.update(approved_by=publisher, submitted_by=writer)
    assert "Pan" in owner_shown(evergreen, reviewer)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    assert "Wen" in owner_shown(evergreen, reviewer)
    assert remind() == 1
    assert [notice.person for notice in Notice.objects.filter(post=evergreen)] == [writer]
    writer.groups.clear()
    assert "nobody" in owner_shown(evergreen, reviewer)
    assign([evergreen], reviewer, by=reviewer)
    assert "Rui" in owner_shown(evergreen, reviewer)


def test_a_reminder_that_reached_nobody_is_not_taken_for_sent(evergreen: Post, reviewer: User) -> None:
    User.objects.update(is_active=False)
    assert remind() == 0 and not Reminder.objects.exists()
    User.objects.update(is_active=True)
    assert remind() == 1 and Notice.objects.filter(post=evergreen, person=reviewer).count() == 1


def test_practice_posts_that_nobody_answers_for_keep_no_other_from_its_reminder(
    world: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.remote.commit({PATH: LIVE, "src/posts/b.md": LIVE})
    world.sync("done")
    type(world.collection).objects.update(practice=True)
    Post.objects.filter(path=PATH).update(review_by=today() - DAY)
    Post.objects.exclude(path=PATH).update(review_by=today(), submitted_by=writer)
    monkeypatch.setattr(evergreens, "_AT_ONCE", 1)
    assert [remind() for _ in range(3)] == [1, 0, 0]
    assert [(notice.person, notice.post.path) for notice in Notice.objects.all()] == [(writer, "src/posts/b.md")]
    assign([world.post(PATH)], writer, by=writer)
    assert remind() == 1, "somebody answers for it now"


def owner_shown(post: Post, user: User) -> str:
    """What the panel says of who answers for the post."""
    return re.search("<dt>Owner</dt><dd>(.*?)</dd>", browser(user).get(page_of(post)).content.decode())[1]  # type: ignore[index]


def test_still_right_is_one_click_on_the_home_page_and_comes_back_there(evergreen: Post, reviewer: User) -> None:
    client = browser(reviewer)
    address = reverse("admin:posts_post_step", args=[evergreen.pk, "confirm"])
    assert address in client.get(reverse("admin:index")).content.decode()
    answer = client.post(address, {"looked_at": evergreen.present_id, "next": reverse("admin:index")})
    assert answer["Location"] == reverse("admin:index")
    assert Post.objects.get().review_by > today() + 300 * DAY
    elsewhere = client.post(address, {"next": "https://evil.example/"})
    assert elsewhere["Location"] == page_of(evergreen), "only to pages of ours"


def test_another_review_by_date_needs_the_right_to_review_and_a_day_to_come(
    evergreen: Post, writer: User, reviewer: User
) -> None:
    address = reverse("admin:posts_post_review_by", args=[evergreen.pk])
    assert browser(writer).get(address).status_code == 403
    client = browser(reviewer)
    assert address in client.get(page_of(evergreen)).content.decode()
    assert client.post(address, {"day": today().isoformat()}).status_code == 400
    assert client.post(address, {"day": (today() + 40 * DAY).isoformat()}).status_code == 302
    assert Post.objects.get().review_by == today() + 40 * DAY


@pytest.fixture
def early_in_shanghai(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> datetime.date:
    """Six in the morning on a site in Shanghai, when it is the day before at Greenwich; gives the day there."""
    settings.TIME_ZONE = "Asia/Shanghai"
    early = datetime.datetime(2026, 11, 24, 22, 0, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: early)
    return datetime.date(2026, 11, 25)


def test_a_confirmation_counts_from_the_day_of_the_site(
    evergreen: Post, reviewer: User, early_in_shanghai: datetime.date
) -> None:
    # Whatever the zone of whoever presses it.
    with timezone.override("America/New_York"):
        confirmed = perform(evergreen, "confirm", by=reviewer)
    assert confirmed.review_by == next_review_by(12, today=early_in_shanghai)


def test_a_post_that_becomes_evergreen_counts_from_the_day_of_the_site(
    draft: Post, publisher: User, writer: User, early_in_shanghai: datetime.date
) -> None:
    Post.objects.update(state="approved", approved=draft.present, approved_by=publisher, date=None)
    made = perform(draft, "make_evergreen", by=publisher)
    assert made.review_by == first_review_by(None, 12, today=early_in_shanghai)


def test_an_evergreen_that_arrives_counts_from_the_day_of_the_site(
    world: World, early_in_shanghai: datetime.date
) -> None:
    world.remote.push(PATH, LIVE.replace("date: '2026", "date: '2020"))
    world.sync("done")
    post = world.post(PATH)
    assert post.review_by == first_review_by(post.date, 12, today=early_in_shanghai, spread=PATH)


# --- The checklist


def test_what_the_collection_demands_is_ticked_on_the_post_and_stops_button_service_and_bulk_step(
    draft: Post, world: World, writer: User
) -> None:
    administrator = browser(person("ada", "Administrator"))
    address = reverse("admin:posts_collection_change", args=[world.collection.pk])
    form = administrator.get(address).context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields if form[name].value() != []}
    sent |= {"templates-TOTAL_FORMS": "0", "templates-INITIAL_FORMS": "0"}
    sent |= {"checklist_tag": "blocking", "checklist_summary": "blocking", "checklist_area": "advice"}
    answer = administrator.post(address, {k: v for k, v in sent.items() if v is not False})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    editing.edit(world.post(PATH), {"summary": "", "area": ""}, by=writer)

    client = browser(writer)
    shown = client.get(page_of(draft)).content.decode()
    assert "Before publishing" in shown and "the collection’s checklist demands: a summary." in shown
    with pytest.raises(TransitionRefused) as refused:
        perform(world.post(PATH), "submit", by=writer)
    assert [(each.code, each.facts["missing"]) for each in refused.value.refusals] == [("checklist", ("summary",))]
    chosen = {"action": "submit_posts", "_selected_action": [draft.pk]}
    listed = client.post(reverse("admin:posts_post_changelist"), chosen, follow=True).content.decode()
    assert "checklist demands" in listed and world.post(PATH).state == "draft"
    editing.edit(world.post(PATH), {"summary": "有了"}, by=writer)
    assert perform(world.post(PATH), "submit", by=writer).state == "in_review", "the area is advice alone"


def test_a_planned_publication_that_lacks_something_is_refused_at_its_hour_with_its_name(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    perform(draft, "submit", by=writer)
    perform(draft, "approve", by=reviewer)
    now = timezone.now()
    set_schedule(draft, "publish", now + DAY, by=publisher, now=now)
    world.collection.checklist = {"no_problem": "blocking", "date": "blocking", "nonsense": "blocking"}
    world.collection.save()
    Post.objects.update(date=None)
    (refused,) = fire_due(now=now + DAY)
    assert (refused.code, refused.facts) == ("checklist", {"missing": ("date",)})
    assert "a date" in browser(publisher).get(page_of(draft)).content.decode()


# --- Reports


def table(client: Client, report: str) -> list[list[str]]:
    """A report as its file has it."""
    answer = client.get(reverse(REPORTS), {"report": report, "format": "csv"})
    assert answer["Content-Type"].startswith("text/csv") and answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_publishers_and_administrators_see_reports_and_nobody_else(
    draft: Post, publisher: User, writer: User, reviewer: User
) -> None:
    for user, status in [(publisher, 200), (person("ada", "Administrator"), 200), (writer, 403), (reviewer, 403)]:
        assert browser(user).get(reverse(REPORTS)).status_code == status
        assert (reverse(REPORTS) in browser(user).get(reverse("admin:index")).content.decode()) == (status == 200)


def test_the_reports_count_what_was_done_how_long_it_took_what_waits_and_what_is_overdue(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push("src/posts/b.md", LIVE)
    world.sync()
    Post.objects.filter(state="evergreen").update(review_by=today() - 3 * DAY)
    perform(draft, "submit", by=writer)
    client = browser(publisher)
    assert [row[:2] for row in table(client, "waiting")[1:]] == [["新题", "in review"]]
    perform(draft, "approve", by=reviewer)
    perform(draft, "publish", by=publisher)
    now = timezone.now()
    for step, days in [("submit", 5), ("approve", 3), ("publish", 0)]:
        Event.objects.filter(transition=step).update(at=now - days * DAY)
    Post.objects.filter(pk=draft.pk).update(created_at=now - 9 * DAY)

    activity = {(row[0], tuple(row[3:7])) for row in table(client, "activity")[1:]}
    assert {("Wen", ("1", "0", "0", "0")), ("Rui", ("0", "1", "0", "0")), ("Pan", ("0", "0", "0", "1"))} <= activity
    assert [row[1:] for row in table(client, "times")[1:]] == [
        ["1", "96.0", "96.0"],
        ["1", "48.0", "48.0"],
        ["1", "72.0", "72.0"],
        ["1", "216.0", "216.0"],
    ]
    assert [(row[0], row[2]) for row in table(client, "overdue")[1:]] == [("常青", "3")]
    assert table(client, "waiting")[1:] == []


def test_the_activity_counts_the_posts_that_somebody_edited_by_hand(
    draft: Post, world: World, writer: User, reviewer: User, publisher: User
) -> None:
    world.remote.push("src/posts/b.md", post_text("别的"))
    world.sync("done")
    other = world.post("src/posts/b.md")
    for number in range(4):
        editing.edit(world.post(PATH), {"title": f"第{number}稿"}, by=writer)
    editing.edit(other, {"title": "也改"}, by=writer)
    first = other.revisions.get(number=1)
    editing.restore_revision(world.post("src/posts/b.md"), first, by=reviewer)
    # What he only published, what came from git, and what a form kept beside the post count as no edit.
    Post.objects.filter(pk=draft.pk).update(state="approved", approved=world.post(PATH).present, approved_by=reviewer)
    perform(world.post(PATH), "publish", by=publisher)
    Revision.objects.filter(whence="import").update(by=publisher)
    editing.keep_beside(other, Document.from_text(post_text("放一边")), by=publisher)
    client = browser(publisher)

    def edited() -> list[tuple[str, str, str]]:
        return [(row[0], row[1], row[2]) for row in table(client, "activity")[1:]]

    week = (today() - today().weekday() * DAY).isoformat()
    assert table(client, "activity")[0][2] == "Posts edited"
    assert edited() == [("Pan", week, "0"), ("Wen", week, "2"), ("Rui", week, "1")]
    Revision.objects.filter(by=reviewer).update(at=timezone.now() - 7 * DAY)
    earlier = (today() - (today().weekday() + 7) * DAY).isoformat()
    assert edited() == [("Pan", week, "0"), ("Wen", week, "2"), ("Rui", earlier, "1")]
    assert "Posts edited" in client.get(f"{reverse(REPORTS)}?report=activity").content.decode()
    limit(publisher, [], by=person("ada", "Administrator"))
    client = browser(User.objects.get(pk=publisher.pk))
    assert edited() == []


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "＝1+1", "\t=1"])
def test_no_title_becomes_a_formula(title: str, draft: Post, writer: User, publisher: User) -> None:
    perform(draft, "submit", by=writer)
    Post.objects.update(title=title)
    assert table(browser(publisher), "waiting")[1][0] == f"'{title}"


# --- In the browser


def test_a_publication_is_set_in_the_browser_and_moved_by_dragging(
    page: Page, live_server: LiveServer, transactional_db: None, tmp_path: Path
) -> None:
    world = World(tmp_path)
    publisher = person("pan", "Publisher")
    world.remote.push(PATH, LIVE)
    world.sync("done")
    post = world.post(PATH)
    client = browser(publisher)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    # A month of which no day has passed, whatever the day.
    month = (today().replace(day=1) + 40 * DAY).replace(day=1)
    page.goto(f"{live_server.url}{page_of(post)}")
    page.get_by_role("link", name="Set a step for a date and time…").click()
    page.get_by_label("Unpublish").check()
    page.get_by_label("Date", exact=True).fill((month + 9 * DAY).isoformat())
    page.get_by_label("Time", exact=True).fill("18:00")
    page.get_by_role("button", name="Schedule it").click()
    expect(page.locator(".sc-plan")).to_contain_text("To be taken off the site")

    page.goto(f"{live_server.url}{reverse(CALENDAR)}?day={month}")
    entry = page.locator('.ca-entry[data-kind="scheduled"]')
    entry.drag_to(page.locator(f'td[data-day="{month + 15 * DAY}"]'))
    moved = page.locator(f'td[data-day="{month + 15 * DAY}"] .ca-entry')
    expect(moved).to_contain_text("18:00")
    schedule = Schedule.objects.get()
    assert schedule.at.date() == month + 15 * DAY and schedule.at.hour == 18

    # The same by the keyboard.
    moved.get_by_role("link", name="Move").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Date", exact=True).fill((month + 20 * DAY).isoformat())
    page.get_by_role("button", name="Move it").click()
    expect(page.locator(f'td[data-day="{month + 20 * DAY}"] .ca-entry')).to_contain_text("18:00")


def test_what_is_asked_for_is_dragged_to_today(
    page: Page, live_server: LiveServer, transactional_db: None, tmp_path: Path
) -> None:
    world, writer = World(tmp_path), person("wen", "Writer")
    world.remote.push(PATH, post_text("草稿"))
    world.sync("done")
    post = perform(world.post(PATH), "submit", by=writer)
    other = today() + DAY if (today() + DAY).month == today().month else today() - DAY
    record(post, {"review_due": other})
    client = browser(writer)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}{reverse(CALENDAR)}?day={today()}")
    page.locator('.ca-entry[data-kind="review_due"]').drag_to(page.locator(f'td[data-day="{today()}"]'))
    expect(page.locator(f'td[data-day="{today()}"] .ca-entry')).to_contain_text("草稿")
    assert Post.objects.get().review_due == today()
