"""Who works on what: taken, given, released, handed over; and whom a review is asked of, until when."""

import datetime
import itertools

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from posts import editing, reviewing
from posts.assigning import AssignmentRefused, assign, can_work, release, take
from posts.evergreens import answered_for_by, owner_of, remind
from posts.handing_over import can_take_over, hand_over, holdings
from posts.models import Event, Notice, Post, Profile, Schedule
from posts.notice_words import address_of, words_of
from posts.requests import Request
from posts.reviewing import TransitionRefused, perform
from posts.scheduling import fire, set_schedule
from posts.worklists import review_queue
from tests.posts.worlds import World, group_of, person, post_text

PATH, OTHER = "src/posts/a.md", "src/posts/b.md"
LIST = "admin:posts_post_changelist"


@pytest.fixture
def posts(world: World) -> World:
    """Two drafts."""
    world.remote.commit({PATH: post_text("第一篇"), OTHER: post_text("第二篇")})
    world.sync("done")
    return world


def browser(user: User) -> Client:
    """A browser in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def told(user: User) -> list[str]:
    """The codes of what `user` has not seen yet, oldest first."""
    return list(Notice.objects.filter(person=user, seen_at=None).order_by("pk").values_list("code", flat=True))


def submitted(world: World, writer: User, **request: object) -> Post:
    """The first post, written and submitted by `writer`."""
    editing.edit(world.post(PATH), {"title": "写好了"}, by=writer)
    return perform(world.post(PATH), "submit", by=writer, request=Request(**request))  # type: ignore[arg-type]


# --- The assignee


def test_a_post_is_taken_given_and_released_and_who_it_concerns_is_told(
    posts: World, writer: User, reviewer: User
) -> None:
    take(posts.post(PATH), by=writer)
    assert posts.post(PATH).assignee == writer and told(writer) == []
    assign([posts.post(PATH)], reviewer, by=writer)
    assert posts.post(PATH).assignee == reviewer and told(reviewer) == ["assigned"]
    publisher = person("pan", "Publisher")
    release(posts.post(PATH), by=publisher)
    assert posts.post(PATH).assignee is None and told(reviewer) == ["assigned", "released"]
    notes = list(Event.objects.filter(transition="assign").order_by("pk").values_list("note", flat=True))
    assert notes == ["– → Wen", "Wen → Rui", "Rui → –"]


def test_giving_a_post_to_who_has_it_says_and_changes_nothing(posts: World, writer: User) -> None:
    assert len(take(posts.post(PATH), by=writer)) == 1
    assert take(posts.post(PATH), by=writer) == []
    assert Event.objects.filter(transition="assign").count() == 1


def test_an_assignment_changes_neither_text_nor_state_nor_what_leaves(posts: World, writer: User) -> None:
    before = posts.post(PATH)
    take(before, by=writer)
    after = posts.post(PATH)
    assert (after.present_id, after.state, after.pending, after.cleared_id) == (
        before.present_id,
        before.state,
        before.pending,
        before.cleared_id,
    )
    assert posts.disagreements() == []


def test_whoever_may_not_change_posts_neither_gives_nor_gets_one(posts: World, writer: User) -> None:
    administrator = person("ada", "Administrator")
    with pytest.raises(AssignmentRefused) as refusal:
        assign([posts.post(PATH)], administrator, by=writer)
    assert refusal.value.code == "cannot_work_on_posts"
    with pytest.raises(AssignmentRefused) as refusal:
        assign([posts.post(PATH)], writer, by=administrator)
    assert refusal.value.code == "no_permission"
    User.objects.filter(pk=writer.pk).update(is_active=False)
    with pytest.raises(AssignmentRefused):
        assign([posts.post(PATH)], User.objects.get(pk=writer.pk), by=person("pan", "Publisher"))
    assert posts.post(PATH).assignee is None


def test_many_posts_given_at_once_are_told_once(posts: World, writer: User, reviewer: User) -> None:
    posts.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(6)})
    posts.sync()
    assert len(assign(Post.objects.all(), reviewer, by=writer)) == 8
    assert told(reviewer) == ["assigned_many"]
    assert "Wen gave you 8 posts." in browser(reviewer).get(reverse("my_notices")).content.decode()


# --- The request


def test_a_submission_asks_a_reviewer_by_a_day_and_says_what_to_look_at(
    posts: World, writer: User, reviewer: User
) -> None:
    due = timezone.localdate() + datetime.timedelta(days=3)
    post = submitted(posts, writer, reviewer=reviewer, due=due, look_at="数字对吗？")
    assert (post.reviewer, post.review_due) == (reviewer, due)
    assert told(reviewer) == ["asked"]
    page = browser(reviewer).get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()
    assert "数字对吗？" in page and due.isoformat() in page
    home = browser(reviewer).get(reverse("admin:index"))
    titles = [card.title for card in home.context["cards"]]
    assert titles.index("You are asked to review") < 2, titles
    queue = browser(reviewer).get(reverse(LIST), {"state__exact": "in_review", "reviewer": "me"})
    assert [row.pk for row in queue.context["cl"].result_list] == [post.pk]
    assert "asked of Rui" in queue.content.decode()


def test_a_submission_that_names_nobody_asks_every_reviewer(posts: World, writer: User, reviewer: User) -> None:
    post = submitted(posts, writer)
    assert post.reviewer is None and told(reviewer) == []
    Profile.objects.create(person=reviewer, hidden={"waiting": False})
    perform(post, "withdraw", by=writer)
    perform(post, "submit", by=writer)
    assert told(reviewer) == ["waiting"]


def test_nobody_is_asked_who_could_not_approve_it_nor_for_a_day_that_has_passed(
    posts: World, writer: User, reviewer: User
) -> None:
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    another = person("wu", "Writer")
    for request in ({"reviewer": another}, {"reviewer": writer}, {"reviewer": reviewer, "due": yesterday}):
        with pytest.raises(TransitionRefused):
            submitted(posts, writer, **request)
    editing.edit(posts.post(PATH), {"title": "审阅人也写了"}, by=reviewer)
    with pytest.raises(TransitionRefused) as refusal:
        perform(posts.post(PATH), "submit", by=writer, request=Request(reviewer))
    assert [each.code for each in refusal.value.refusals] == ["cannot_review"]
    assert posts.post(PATH).state == "draft"


def test_what_was_asked_ends_with_the_review_and_is_asked_again_after_changes(
    posts: World, writer: User, reviewer: User, publisher: User
) -> None:
    due = timezone.localdate() + datetime.timedelta(days=3)
    post = submitted(posts, writer, reviewer=reviewer, due=due)
    post = perform(post, "request_changes", by=publisher, note="太短")
    assert (post.reviewer, post.review_due) == (reviewer, None)
    assert told(reviewer) == [] and told(writer) == ["remarks"]
    post = perform(post, "submit", by=writer)
    assert post.reviewer == reviewer and told(reviewer) == ["asked"] and told(writer) == []
    post = perform(post, "approve", by=publisher, looked_at=post.present)
    assert post.reviewer is None and told(reviewer) == []
    post = perform(post, "publish", by=publisher)
    assert told(writer) == ["published"]


def test_a_review_ends_with_a_text_that_goes_back_to_what_is_live(posts: World, writer: User, reviewer: User) -> None:
    posts.remote.push(PATH, post_text("第一篇", draft="false", status="published"))
    posts.sync()
    submitted(posts, writer, reviewer=reviewer, due=timezone.localdate())
    editing.edit(posts.post(PATH), {"title": "第一篇"}, by=writer)
    post = posts.post(PATH)
    assert (post.state, post.reviewer, post.review_due) == ("published", None, None)


def test_a_refused_request_gives_the_page_back_with_what_was_typed(posts: World, writer: User, reviewer: User) -> None:
    post = posts.post(PATH)
    client, address = browser(writer), reverse("admin:posts_post_step", args=[post.pk, "submit"])
    assert "Rui" in client.get(address).content.decode()
    sent = {"reviewer": reviewer.pk, "due": "2020-01-01", "look_at": "<b>看</b>", "note": "n"}
    answer = client.post(address, sent)
    text = answer.content.decode()
    assert answer.status_code == 403 and "has passed" in text and "&lt;b&gt;看&lt;/b&gt;" in text
    assert f'<option value="{reviewer.pk}" selected>' in text
    assert client.post(address, {**sent, "due": "never"}).status_code == 302
    after = posts.post(PATH)
    assert (after.state, after.reviewer, after.review_due) == ("in_review", reviewer, None)


# --- Away


def test_a_stand_in_is_asked_as_well_and_sees_the_reviews_while_the_other_is_away(
    posts: World, writer: User, reviewer: User
) -> None:
    stand_in = person("zoe", "Publisher")
    today = timezone.localdate()
    away = Profile.objects.create(person=reviewer, away_from=today, away_to=today, stand_in=stand_in)
    post = submitted(posts, writer, reviewer=reviewer)
    assert told(reviewer) == told(stand_in) == ["asked"]
    assert "stand in for Rui" in browser(stand_in).get(reverse("my_notices")).content.decode()

    def asked() -> list[str]:
        cards = browser(stand_in).get(reverse("admin:index")).context["cards"]
        return [line.title for card in cards if card.title == "You are asked to review" for line in card.lines]

    assert asked() == [str(post)]
    away.away_to = today - datetime.timedelta(days=1)
    away.away_from = away.away_to
    away.save()
    assert asked() == []


def test_who_stands_in_for_an_absent_stand_in_finds_the_review_wherever_it_is_looked_for(
    posts: World, writer: User, reviewer: User
) -> None:
    absent, here, today = person("zoe", "Reviewer"), person("yun", "Reviewer"), timezone.localdate()
    Profile.objects.create(person=reviewer, away_from=today, stand_in=absent)
    second = Profile.objects.create(person=absent, away_from=today, stand_in=here)
    post = submitted(posts, writer, reviewer=reviewer)
    mine = {"state__exact": "in_review", "reviewer": "me"}

    def finds(user: User) -> tuple[bool, bool, bool]:
        client = browser(user)
        cards = client.get(reverse("admin:index")).context["cards"]
        card = any(str(card.title) == "You are asked to review" for card in cards)
        listed = list(client.get(reverse(LIST), mine).context["cl"].result_list) == [post]
        return "asked" in told(user), card, listed

    assert finds(reviewer) == finds(absent) == finds(here) == (True, True, True)
    others = browser(here).get(reverse(LIST), {**mine, "reviewer": "others"})
    assert list(others.context["cl"].result_list) == []
    assert list(review_queue(here)) == [post]
    second.delete()
    assert finds(here)[1:] == (False, False), "she stands in for nobody who stands in"
    User.objects.filter(pk=absent.pk).update(is_active=False)
    Profile.objects.create(person=absent, away_from=today, stand_in=here)
    assert finds(here)[1:] == (False, False), "who has left hands nothing on"


def test_two_who_stand_in_for_each_other_do_not_ask_each_other_for_ever(
    posts: World, writer: User, reviewer: User
) -> None:
    other = person("zoe", "Reviewer")
    today = timezone.localdate()
    Profile.objects.create(person=reviewer, away_from=today, stand_in=other)
    Profile.objects.create(person=other, away_from=today, stand_in=reviewer)
    submitted(posts, writer, reviewer=reviewer)
    assert told(reviewer) == told(other) == ["asked"]


# --- Handing over


def test_everything_is_handed_over_at_once_after_a_preview(
    posts: World, writer: User, reviewer: User, publisher: User
) -> None:
    submitted(posts, writer, reviewer=reviewer)
    take(posts.post(OTHER), by=reviewer)
    assert [
        (each.kind, each.count, [str(post) for post in each.posts]) for each in holdings(reviewer, by=publisher)
    ] == [
        ("assigned", 1, ["第二篇"]),
        ("asked", 1, ["写好了"]),
    ]
    assert list(can_take_over(reviewer, by=publisher)) == [publisher], "the writer may not review"
    client = browser(reviewer)
    page = client.get(reverse("my_hand_over")).content.decode()
    assert "第二篇" in page and "写好了" in page
    answer = client.post(reverse("my_hand_over"), {"to": publisher.pk}, follow=True)
    assert "Handed over to Pan." in answer.content.decode()
    assert posts.post(OTHER).assignee == publisher and posts.post(PATH).reviewer == publisher
    assert sorted(told(publisher)) == ["asked", "assigned"] and holdings(reviewer, by=publisher) == []
    assert Event.objects.get(transition="ask_other").note == "Rui → Pan"


def test_drafts_and_evergreens_go_along_that_nobody_is_said_to_work_on(
    posts: World, writer: User, reviewer: User
) -> None:
    editing.edit(posts.post(PATH), {"title": "谁来写完"}, by=writer)
    Post.objects.filter(path=OTHER).update(state="evergreen", approved_by=writer)
    boss = person("ada", "Administrator")
    assert [(each.kind, each.count) for each in holdings(writer, by=boss)] == [("drafts", 1), ("evergreens", 1)]
    assert hand_over(writer, reviewer, by=boss) == {"drafts": 1, "evergreens": 1}
    assert posts.post(PATH).assignee == posts.post(OTHER).assignee == reviewer and holdings(writer, by=boss) == []


def test_an_evergreen_whose_approver_is_gone_goes_along_with_who_is_reminded_of_it(
    posts: World, writer: User, reviewer: User
) -> None:
    Post.objects.filter(path=OTHER).update(state="evergreen", approved_by=reviewer, submitted_by=writer)
    assert holdings(writer, by=writer) == []
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert [(each.kind, each.count) for each in holdings(writer, by=writer)] == [("evergreens", 1)]


def test_an_evergreen_whose_approver_cannot_work_there_goes_along_with_who_is_reminded_of_it(
    posts: World, writer: User, reviewer: User
) -> None:
    stranger = User.objects.create_user("stranger", is_staff=True)
    Post.objects.filter(path=OTHER).update(
        state="evergreen", assignee=stranger, approved_by=stranger, submitted_by=writer, review_by=timezone.localdate()
    )
    assert remind() == 1 and told(writer) == ["review_due"]
    assert [(each.kind, each.count) for each in holdings(writer, by=writer)] == [("evergreens", 1)]
    assert hand_over(writer, reviewer, by=writer) == {"evergreens": 1}
    assert posts.post(OTHER).assignee == reviewer


def test_what_is_handed_over_is_what_one_is_reminded_of_whoever_else_is_named(
    posts: World, writer: User, reviewer: User
) -> None:
    stranger = User.objects.create_user("stranger", is_staff=True)
    gone = User.objects.create_user("gone", is_staff=True, is_superuser=True, is_active=False)
    editing.edit(posts.post(OTHER), {"title": "常青"}, by=writer)
    able, everybody = set(can_work(posts.collection.pk).values_list("pk", flat=True)), [None, writer, reviewer]
    for people in itertools.product([*everybody, stranger, gone], repeat=3):
        named = dict(zip(("assignee", "approved_by", "submitted_by"), people, strict=True))
        Post.objects.filter(path=OTHER).update(state="evergreen", **named)
        owner = owner_of(posts.post(OTHER), able)
        for each in (writer, reviewer):
            assert answered_for_by(each).exists() == (owner == each), named


def test_an_evergreen_of_who_has_no_role_any_more_is_still_theirs_to_hand_over(
    posts: World, writer: User, reviewer: User
) -> None:
    Post.objects.filter(path=OTHER).update(state="evergreen", approved_by=writer, submitted_by=reviewer)
    writer.groups.clear()
    User.objects.filter(pk=writer.pk).update(is_active=False)
    boss = person("ada", "Administrator")
    assert [(each.kind, each.count) for each in holdings(writer, by=boss)] == [("evergreens", 1)]


def test_a_schedule_that_is_handed_over_is_done_as_whoever_took_it(
    posts: World, writer: User, publisher: User, reviewer: User
) -> None:
    other, tomorrow = person("pei", "Publisher"), timezone.now() + datetime.timedelta(days=1)
    submitted(posts, writer)
    perform(posts.post(PATH), "approve", by=reviewer, looked_at=posts.post(PATH).present)
    schedule = set_schedule(posts.post(PATH), "publish", tomorrow, by=publisher)
    assert [(each.kind, each.count) for each in holdings(publisher, by=publisher)] == [("scheduled", 1)]
    assert list(can_take_over(publisher, by=publisher)) == [other], "who may not publish then gets nothing to publish"
    hand_over(publisher, other, by=publisher)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    fire(schedule.pk, now=tomorrow)
    published = Event.objects.get(transition="publish")
    assert (published.by, posts.post(PATH).state) == (other, "evergreen")
    assert Event.objects.get(transition="hand_schedule").note == "Pan → Pei"


def test_a_review_that_is_handed_to_who_wrote_the_text_is_asked_of_any_reviewer(
    posts: World, writer: User, reviewer: User, publisher: User
) -> None:
    submitted(posts, publisher, reviewer=reviewer)
    editing.edit(posts.post(OTHER), {"title": "他人所写"}, by=writer)
    perform(posts.post(OTHER), "submit", by=writer, request=Request(reviewer=reviewer))
    third = person("zoe", "Reviewer")
    Profile.objects.create(person=third, hidden={"waiting": False})
    client = browser(reviewer)
    page = client.get(reverse("my_hand_over")).content.decode()
    assert "wrote or submitted the text, the review is asked of any reviewer instead." in page
    answer = client.post(reverse("my_hand_over"), {"to": publisher.pk}, follow=True).content.decode()
    assert "Reviews asked for: 1 · Asked of any reviewer instead: 1" in answer
    assert posts.post(PATH).reviewer is None and posts.post(OTHER).reviewer == publisher
    assert told(publisher) == ["asked"] and told(third) == ["waiting"]
    notes = Event.objects.filter(transition="ask_other").order_by("post__path").values_list("note", flat=True)
    assert list(notes) == ["Rui → –", "Rui → Pan"]


def test_whoever_is_handed_what_is_done_in_their_name_is_told(posts: World, publisher: User) -> None:
    other, at = person("pei", "Publisher"), timezone.now() + datetime.timedelta(days=1)
    when = f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    Post.objects.filter(path=PATH).update(live=True)
    set_schedule(posts.post(PATH), "unpublish", at, by=publisher)
    hand_over(publisher, other, by=publisher)
    notice = Notice.objects.get(person=other)
    assert (
        words_of(notice) == f"Pan gave you what is set for {when} ({settings.TIME_ZONE}). It will be done in your name."
    )
    assert address_of(notice, other) == reverse("admin:posts_post_schedule", args=[posts.post(PATH).pk])
    posts.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(9)})
    posts.sync()
    Post.objects.update(live=True)
    for post in Post.objects.all():
        set_schedule(post, "unpublish", at, by=publisher)
    hand_over(publisher, other, by=publisher)
    notice = Notice.objects.filter(person=other).latest("pk")
    assert words_of(notice) == "Pan gave you 11 steps that are set for later. They will be done in your name."
    assert address_of(notice, other) == reverse("admin:posts_post_calendar")


def test_a_set_confirmation_goes_to_who_may_confirm_and_a_publication_to_who_may_publish(
    posts: World, reviewer: User, publisher: User
) -> None:
    confirms, publishes = person("kim", "Writer"), person("pei", "Writer")
    confirms.user_permissions.add(Permission.objects.get(codename="review_post"))
    publishes.user_permissions.add(Permission.objects.get(codename="publish_post"))
    Post.objects.update(state="evergreen", live=True)
    plan = set_schedule(posts.post(PATH), "confirm", timezone.now() + datetime.timedelta(days=1), by=reviewer)
    able = set(can_take_over(reviewer, by=publisher))
    assert confirms in able and publishes not in able
    with pytest.raises(AssignmentRefused):
        hand_over(reviewer, publishes, by=reviewer)
    assert hand_over(reviewer, confirms, by=reviewer) == {"scheduled": 1}
    fire(plan.pk, now=timezone.now() + datetime.timedelta(days=2))
    assert Event.objects.get(transition="confirm").by == confirms
    set_schedule(posts.post(OTHER), "unpublish", timezone.now() + datetime.timedelta(days=1), by=publisher)
    able = set(can_take_over(publisher, by=publisher))
    assert publishes in able and confirms not in able


def test_whoever_lost_the_right_to_a_step_hands_it_to_nobody_who_has_it(posts: World, publisher: User) -> None:
    left, at = person("lin", "Publisher"), timezone.now() + datetime.timedelta(days=1)
    Post.objects.update(live=True, state="evergreen")
    plan = set_schedule(posts.post(PATH), "unpublish", at, by=left)
    set_schedule(posts.post(OTHER), "confirm", at, by=left)
    left.groups.set([group_of("Reviewer")])
    left = User.objects.get(pk=left.pk)
    assert [(each.kind, each.count) for each in holdings(left, by=left)] == [("scheduled", 1)]
    client = browser(left)
    assert "Steps set for later that stay" in client.get(reverse("my_hand_over")).content.decode()
    answer = client.post(reverse("my_hand_over"), {"to": publisher.pk}, follow=True).content.decode()
    assert "Steps set for later: 1 · Steps set for later that stay: 1" in answer
    assert set(Schedule.objects.values_list("transition", "by")) == {("unpublish", left.pk), ("confirm", publisher.pk)}
    fired = fire(plan.pk, now=at)
    assert fired is not None and (fired.state, fired.code) == ("refused", "planner_lost_right")
    assert not Event.objects.filter(transition="unpublish").exists()


def test_a_step_that_alone_is_left_stays_and_the_page_says_so(posts: World, publisher: User) -> None:
    left, at = person("lin", "Publisher"), timezone.now() + datetime.timedelta(days=1)
    Post.objects.update(live=True)
    set_schedule(posts.post(PATH), "unpublish", at, by=left)
    left.groups.clear()
    left = User.objects.get(pk=left.pk)
    assert hand_over(left, publisher, by=left) == {"scheduled_stays": 1}
    page = browser(left).get(reverse("my_hand_over")).content.decode()
    assert "Steps set for later that stay" in page and "There is nothing to hand over" in page


def test_the_steps_of_somebody_who_left_go_to_another_by_the_roles_that_they_had_or_by_who_may_take_them(
    posts: World, publisher: User
) -> None:
    left, at = person("lin", "Publisher"), timezone.now() + datetime.timedelta(days=1)
    Post.objects.update(live=True)
    set_schedule(posts.post(PATH), "unpublish", at, by=left)
    User.objects.filter(pk=left.pk).update(is_active=False)
    ada, both = person("ada", "Administrator"), person("bo", "Administrator", "Publisher")
    assert hand_over(User.objects.get(pk=left.pk), publisher, by=ada) == {"scheduled": 1}
    publisher.groups.clear()
    publisher = User.objects.get(pk=publisher.pk)
    assert hand_over(publisher, both, by=ada) == {"scheduled_stays": 1}
    assert hand_over(publisher, both, by=both) == {"scheduled": 1}


def test_what_is_a_superusers_is_handed_over_by_superusers(posts: World, publisher: User, admin_user: User) -> None:
    ada, at = person("ada", "Administrator"), timezone.now() + datetime.timedelta(days=1)
    Post.objects.update(live=True)
    set_schedule(posts.post(PATH), "unpublish", at, by=admin_user)
    take(posts.post(OTHER), by=admin_user)
    with pytest.raises(AssignmentRefused):
        hand_over(admin_user, publisher, by=ada)
    page = reverse("admin:auth_user_hand_over", args=[admin_user.pk])
    assert browser(ada).post(page, {"to": publisher.pk}).status_code == 403
    assert Schedule.objects.get().by == admin_user and posts.post(OTHER).assignee == admin_user
    assert hand_over(admin_user, publisher, by=admin_user) == {"assigned": 1, "scheduled": 1}


def test_nobody_hands_over_what_is_anothers_but_who_may_change_people(
    posts: World, writer: User, reviewer: User
) -> None:
    take(posts.post(PATH), by=writer)
    with pytest.raises(AssignmentRefused):
        hand_over(writer, reviewer, by=reviewer)
    with pytest.raises(AssignmentRefused):
        hand_over(writer, writer, by=writer)
    assert hand_over(writer, reviewer, by=person("ada", "Administrator")) == {"assigned": 1}


def test_deactivating_somebody_asks_to_whom_their_work_goes(posts: World, writer: User, reviewer: User) -> None:
    client = browser(person("ada", "Administrator"))
    form = {"username": "wen", "email": writer.email, "groups": [group.pk for group in writer.groups.all()]}
    change = reverse("admin:auth_user_change", args=[writer.pk])
    assert client.post(change, form)["Location"] == reverse("admin:auth_user_changelist"), "nothing was theirs"
    User.objects.filter(pk=writer.pk).update(is_active=True)
    take(posts.post(PATH), by=User.objects.get(pk=writer.pk))
    page = reverse("admin:auth_user_hand_over", args=[writer.pk])
    assert client.post(change, form)["Location"] == page
    assert client.get(page).content.decode().count("cannot log in any more") == 1
    client.post(page, {"to": reviewer.pk})
    assert posts.post(PATH).assignee == reviewer


# --- On the screen


def test_the_panel_takes_gives_and_releases(posts: World, writer: User, reviewer: User) -> None:
    client, post = browser(writer), posts.post(PATH)
    address = reverse("admin:posts_post_assign", args=[post.pk])
    assert client.get(address).status_code == 302
    client.post(address, {"to": writer.pk})
    assert posts.post(PATH).assignee == writer
    client.post(address, {"to": reviewer.pk})
    assert posts.post(PATH).assignee == reviewer
    client.post(address, {"to": ""})
    client.post(address, {"to": "9" * 30})
    assert posts.post(PATH).assignee == reviewer
    client.post(address, {"to": "nobody"})
    assert posts.post(PATH).assignee is None
    assert browser(person("ada", "Administrator")).post(address, {"to": writer.pk}).status_code == 403


def test_chosen_posts_of_the_list_are_given_to_somebody(posts: World, writer: User, reviewer: User) -> None:
    client = browser(writer)
    chosen = {"action": "assign_posts", "_selected_action": [post.pk for post in Post.objects.all()]}
    asked = client.post(reverse(LIST), chosen).content.decode()
    assert "第一篇" in asked and "第二篇" in asked and "Rui" in asked
    answer = client.post(reverse(LIST), {**chosen, "to": reviewer.pk}, follow=True).content.decode()
    assert "2 posts are now with: Rui" in answer
    assert Post.objects.filter(assignee=reviewer).count() == 2


def test_all_that_the_list_finds_are_given_whatever_its_page_shows(posts: World, writer: User, reviewer: User) -> None:
    client, one = browser(writer), posts.post(PATH)
    chosen = {"action": "assign_posts", "_selected_action": [one.pk], "select_across": "1"}
    asked = client.post(reverse(LIST), chosen).content.decode()
    assert "第一篇" in asked and "第二篇" in asked
    take(posts.post(OTHER), by=reviewer)
    filtered = client.post(f"{reverse(LIST)}?assignee=nobody", chosen).content.decode()
    assert "第一篇" in filtered and "第二篇" not in filtered


def test_the_list_is_filtered_by_who_works_on_it_and_when_it_is_due(posts: World, writer: User, reviewer: User) -> None:
    post = submitted(posts, writer, reviewer=reviewer, due=timezone.localdate())
    take(posts.post(OTHER), by=writer)
    client = browser(writer)

    def found(**filters: object) -> list[str]:
        return sorted(str(row) for row in client.get(reverse(LIST), filters).context["cl"].result_list)

    assert found(assignee="me") == ["第二篇"] and found(assignee="nobody") == ["写好了"]
    assert found(reviewer=reviewer.pk) == ["写好了"] and found(due="week") == ["写好了"] and found(due="late") == []
    assert found(assignee="x") == ["写好了", "第二篇"]
    reviewing.record(post, {"review_due": timezone.localdate() - datetime.timedelta(days=1)})
    assert found(due="late") == ["写好了"]


def test_the_list_takes_as_many_queries_for_many_people_as_for_one(posts: World, writer: User, reviewer: User) -> None:
    client = browser(writer)

    def queries() -> int:
        client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse(LIST))
        return len(counted)

    take(posts.post(PATH), by=writer)
    few = queries()
    posts.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(20)})
    posts.sync()
    for number, post in enumerate(Post.objects.all()):
        assign([post], person(f"p{number}", "Writer"), by=writer)
    assert queries() == few
