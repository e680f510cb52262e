"""Whoever is limited to some collections is a stranger in the others: refused by every service, and told nothing."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from posts import (
    assigning,
    bulk,
    bulk_proposing,
    commenting,
    editing,
    evergreens,
    illustrating,
    mending,
    mishearings,
    outside_links,
    rehearsing,
    replacing,
    requests,
    retagging,
    reviewing,
    scheduling,
    settling,
    term_listing,
    term_suggesting,
    transfers,
    undoing,
    workingcopies,
)
from posts.access import Counted, as_free, collections_of, within
from posts.checks.hits import exchange_of
from posts.errors import EvergreenError
from posts.handing_over import can_take_over, holdings
from posts.limiting import LimitRefused, limit
from posts.models import BulkStep, Conflict, Finding, Notice, Post, Profile, Schedule
from posts.retagging import propose_rename
from posts.term_ordering import order_of, put_in_order
from posts.term_tables import plan_table
from posts.worklists import review_queue
from taxonomy.models import KeptApart, Organisation, Product, Series
from tests.posts.worlds import World, fire_due, person, post_text

PATH = "src/posts/a.md"


class Rooms:
    """Two collections with a post each, and somebody of all roles who may enter the second alone."""

    def __init__(self, folder: Path) -> None:
        self.here, self.there = World(folder, "here"), World(folder, "there")
        for world in (self.here, self.there):
            world.remote.commit({PATH: post_text(f"在 {world.collection.name}")})
            world.sync("done")
        self.boss = User.objects.create_superuser("boss", "boss@example.org")
        self.free = person("free", "Publisher", "Curator")
        self.limited = person("lim", "Publisher", "Curator", "Administrator")
        limit(self.limited, [self.there.collection], by=self.boss)

    @property
    def post(self) -> Post:
        """The one that the limited person may not see."""
        return self.here.post(PATH)


@pytest.fixture
def rooms(db: None, tmp_path: Path) -> Rooms:
    return Rooms(tmp_path)


def _conflict(post: Post) -> Conflict:
    return Conflict.objects.create(
        post=post, kind="text", base=post.git_text, theirs=post.git_text, opened_at=timezone.now()
    )


def _finding(post: Post) -> Finding:
    return Finding.objects.create(post=post, code="long_title", severity="doubt", key="title", facts={})


_HEARD: dict[str, object] = {"find": "正文", "by": "本文", "parts": ["body"]}
_TOMORROW = datetime.timedelta(days=1)
DOORS: dict[str, Callable[[Post, User, User], object]] = {
    "edit": lambda post, by, _free: editing.edit(post, {"title": "x"}, by=by),
    "create": lambda post, by, _free: editing.create(post.collection, "src/posts/n.md", {"title": "x"}, by=by),
    "move": lambda post, by, _free: editing.move(post, "src/posts/b.md", by=by),
    "restore": lambda post, by, _free: editing.restore_revision(post, post.present, by=by),
    "upload": lambda post, by, _free: editing.keep_beside(post, editing.document_of(post.present), by=by),
    "step": lambda post, by, _free: reviewing.perform(post, "submit", by=by),
    "archive": lambda post, by, _free: reviewing.perform(post, "archive", by=by),
    "look": lambda post, by, _free: reviewing.mark_looked_at(post, by=by, looked_at=post.present),
    "settle": lambda post, by, _free: settling.settle(_conflict(post), {}, pair="", by=by),
    "assign": lambda post, by, free: assigning.assign([post], free, by=by),
    "be given": lambda post, by, free: assigning.assign([post], by, by=free),
    "be asked": lambda post, by, free: reviewing.perform(post, "submit", by=free, request=requests.Request(by)),
    "review date": lambda post, by, _free: evergreens.set_review_by(post, timezone.localdate() + _TOMORROW, by=by),
    "schedule": lambda post, by, _free: scheduling.set_schedule(post, "publish", timezone.now() + _TOMORROW, by=by),
    "comment": lambda post, by, _free: commenting.comment(post, "x", by=by),
    "answer": lambda post, by, free: commenting.reply(commenting.comment(post, "x", by=free), "y", by=by),
    "resolve": lambda post, by, free: commenting.resolve(commenting.comment(post, "x", by=free), by=by),
    "make a link": lambda post, by, _free: outside_links.make_link(
        post, "x", timezone.localdate(), may_suggest=False, by=by
    ),
    "dismiss": lambda post, by, _free: mending.dismiss(_finding(post), reason="x", by=by),
    "mend": lambda post, by, _free: mending.mend(post, "list_as_text", onto=post.present, by=by),
    "type": lambda post, by, _free: workingcopies.keep(post, {}, by=by),
    "propose a bulk step": lambda post, by, _free: bulk_proposing.propose_fields(
        Post.objects.filter(pk=post.pk), [{"key": "tags", "do": "add", "values": ["x"]}], by=by
    ),
    "replace": lambda post, by, _free: replacing.propose_replacing(Post.objects.filter(pk=post.pk), _HEARD, by=by),
    "save a mishearing": lambda post, by, _free: mishearings.remember(exchange_of(_HEARD), post.collection, by=by),
    "save one for all": lambda post, by, _free: mishearings.remember(exchange_of(_HEARD), None, by=by),
    "rename a term": lambda post, by, _free: propose_rename(
        Organisation.objects.get(name="OpenAI"), "开放人工智能", by=by, collection=post.collection
    ),
    "try a sync": lambda post, by, _free: rehearsing.ask_for_preview(post.collection, by=by),
    "download": lambda post, by, _free: transfers.ask_for_download(post.collection, [], by=by),
    "upload files": lambda post, by, _free: transfers.ask_for_upload(post.collection, [], by=by),
    "undo a sync": lambda post, by, _free: undoing.ask_for_undo(post.collection.syncs.first(), by=by),
    "add an image": lambda post, by, _free: illustrating.add_image(post.collection, b"", "x.png", by=by),
}


def _refusals(door: Callable[[Post, User, User], object], rooms: Rooms) -> set[str]:
    """Why a service refuses, if it does; whatever it did is taken back."""
    with transaction.atomic():
        try:
            door(rooms.post, rooms.limited, rooms.free)
        except EvergreenError as refused:
            return {each.code for each in getattr(refused, "refusals", ())} or {refused.code}
        finally:
            transaction.set_rollback(True)
    return set()


def test_no_service_lets_in_who_may_not_be_there(rooms: Rooms) -> None:
    told = {name: _refusals(door, rooms) for name, door in DOORS.items()}
    wanted = {"no_permission", "term_elsewhere", "cannot_work_on_posts", "cannot_review"}
    assert {name: codes for name, codes in told.items() if not codes & wanted} == {}


def test_in_their_own_collection_they_do_what_their_roles_allow(rooms: Rooms) -> None:
    theirs = rooms.there.post(PATH)
    edited = editing.edit(theirs, {"title": "改了"}, by=rooms.limited)
    assert edited.title == "改了" and reviewing.perform(edited, "submit", by=rooms.limited).state == "in_review"
    assert [str(post) for post in within(rooms.limited, Post.objects.all())] == ["改了"]
    assert [str(post) for post in review_queue(rooms.free)] == ["改了"]


def test_nobody_is_told_of_a_post_that_they_cannot_open(rooms: Rooms) -> None:
    editing.edit(rooms.post, {"title": "新"}, by=rooms.free)
    reviewing.perform(rooms.post, "submit", by=rooms.free)
    commenting.comment(rooms.post, "@lim 看看，@free 也看看", by=person("rui", "Reviewer"))
    assert set(Notice.objects.values_list("person__username", "code")) == {("free", "mention")}
    assert rooms.limited not in requests.can_review(rooms.here.collection.pk)
    assert rooms.limited in requests.can_review(rooms.there.collection.pk)
    assert rooms.limited not in assigning.can_work(rooms.here.collection.pk)
    assert rooms.limited not in as_free(assigning.can_work(None), rooms.free), "no stand-in for somebody who sees more"


def test_a_stand_in_who_may_not_see_the_post_is_not_told_in_the_place_of_somebody(rooms: Rooms) -> None:
    profile = Profile.objects.of(rooms.free)
    profile.away_from, profile.stand_in = timezone.localdate(), rooms.limited
    profile.save()
    rui = person("rui", "Reviewer")
    editing.edit(rooms.post, {"title": "新"}, by=rui)
    reviewing.perform(rooms.post, "submit", by=rui, request=requests.Request(rooms.free))
    assert list(Notice.objects.values_list("person__username", flat=True)) == ["free"]


def test_a_step_set_before_the_limit_is_refused_at_its_hour(rooms: Rooms) -> None:
    editing.edit(rooms.post, {"title": "新"}, by=rooms.free)
    reviewing.perform(rooms.post, "submit", by=rooms.free)
    limit(rooms.limited, None, by=rooms.boss)
    now = timezone.now()
    scheduling.set_schedule(rooms.post, "publish", now + _TOMORROW, by=User.objects.get(username="lim"), now=now)
    limit(User.objects.get(username="lim"), [rooms.there.collection], by=rooms.boss)
    reviewing.perform(rooms.post, "approve", by=person("rui", "Reviewer"), looked_at=rooms.post.present)
    (fired,) = fire_due(now=now + 2 * _TOMORROW)
    assert (fired.state, fired.code) == (Schedule.State.REFUSED, "planner_lost_right")
    assert rooms.post.state == "approved"


def test_a_bulk_step_asked_for_before_the_limit_changes_nothing_after_it(rooms: Rooms) -> None:
    limit(rooms.limited, None, by=rooms.boss)
    lim = User.objects.get(username="lim")
    step = bulk_proposing.propose_fields(
        Post.objects.filter(pk=rooms.post.pk), [{"key": "tags", "do": "add", "values": ["x"]}], by=lim
    )
    limit(lim, [rooms.there.collection], by=rooms.boss)
    before = rooms.post.present_id
    with pytest.raises(EvergreenError):
        bulk.start(step, by=User.objects.get(username="lim"))
    assert rooms.post.present_id == before


def test_a_link_for_outsiders_closes_with_the_limit_of_who_made_it(rooms: Rooms) -> None:
    limit(rooms.limited, None, by=rooms.boss)
    lim = User.objects.get(username="lim")
    link, _token = outside_links.make_link(rooms.post, "客", timezone.localdate(), may_suggest=False, by=lim)
    assert not outside_links.why_closed(link)
    limit(lim, [], by=rooms.boss)
    link = type(link).objects.get(pk=link.pk)
    assert outside_links.why_closed(link) == "maker"


def test_a_limit_lets_go_of_what_was_theirs_elsewhere(rooms: Rooms) -> None:
    wen = person("wen", "Reviewer")
    for world in (rooms.here, rooms.there):
        editing.edit(world.post(PATH), {"title": f"新 {world.collection.name}"}, by=rooms.free)
        reviewing.perform(world.post(PATH), "submit", by=rooms.free, request=requests.Request(wen))
        assigning.assign([world.post(PATH)], wen, by=rooms.free)
    assert Notice.objects.filter(person=wen).count() == 4
    limit(wen, [rooms.there.collection], by=rooms.boss)
    assert (rooms.post.assignee, rooms.post.reviewer) == (None, None)
    kept = rooms.there.post(PATH)
    assert (kept.assignee, kept.reviewer) == (wen, wen)
    assert set(Notice.objects.filter(person=wen).values_list("post", flat=True)) == {kept.pk}
    assert [(each.kind, each.count) for each in holdings(wen, by=rooms.boss)] == [("assigned", 1), ("asked", 1)]
    assert rooms.limited in can_take_over(wen, by=rooms.boss), "what is left is where they may be, too"


def test_superusers_are_never_limited_and_a_limit_is_for_others_to_set(rooms: Rooms) -> None:
    admin = person("admin", "Administrator")
    limit(rooms.boss, [], by=admin)
    assert collections_of(User.objects.get(username="boss")) is None
    for by, whom in ((rooms.limited, admin), (rooms.free, admin), (admin, admin)):
        with pytest.raises(LimitRefused):
            limit(whom, None, by=by)


def test_the_practice_collection_is_open_to_all_and_counts_for_nobody(rooms: Rooms) -> None:
    practice = rooms.here.collection
    practice.practice = True
    practice.save()
    lim = User.objects.get(username="lim")
    assert collections_of(lim) == {practice.pk, rooms.there.collection.pk}
    editing.edit(rooms.post, {"title": "练习"}, by=lim)
    for who in (lim, rooms.free, rooms.boss):
        assert list(Counted(who).of(Post.objects.values_list("collection__name", flat=True))) == ["there"]


def test_a_term_is_changed_only_by_who_may_enter_every_collection_that_has_it(rooms: Rooms) -> None:
    editing.edit(rooms.post, {"companies_orgs": ["Both", "Here"]}, by=rooms.free)
    editing.edit(rooms.there.post(PATH), {"companies_orgs": ["Both", "There"]}, by=rooms.free)
    both, here, there = (Organisation.objects.get(name=name) for name in ("Both", "Here", "There"))
    unused = Organisation.objects.create(name="Unused", slug="unused")
    Organisation.objects.create(name="Beide", slug="beide", alias_of=both)
    client = Client()
    client.force_login(rooms.limited)

    def saved(term: Organisation, **told: object) -> bool:
        address = reverse("admin:taxonomy_organisation_change", args=[term.pk])
        client.post(address, {"name": term.name, "slug": "new-one", "alias_of": "", **told})
        term.refresh_from_db()
        free = term.slug == "new-one"
        Organisation.objects.filter(pk=term.pk).update(slug=f"{term.pk}-now", is_new=True)
        return free

    assert [saved(each) for each in (both, here, there, unused)] == [False, False, True, True]
    assert not saved(unused, alias_of=both.pk) and saved(unused, alias_of=there.pk), "an alias changes its term"
    assert not saved(Organisation.objects.get(name="Beide"))
    Organisation.objects.filter(pk=unused.pk).update(alias_of=None)

    def tried(act: Callable[[], object]) -> str:
        with transaction.atomic():
            try:
                act()
            except EvergreenError as refused:
                return refused.code
            finally:
                transaction.set_rollback(True)
        return ""

    lim = rooms.limited
    for act in (
        lambda by: retagging.propose_rename(both, "Beides", by=by),
        lambda by: retagging.propose_merge(there, both, by=by),
        lambda by: retagging.propose_merge(both, there, by=by),
        lambda by: retagging.propose_move(both, Product, by=by),
        lambda by: retagging.keep_apart(both, there, by=by),
        lambda by: retagging.keep_apart(there, both, by=by),
        lambda by: term_suggesting.ignore(None, "organisation", both.pk, by=by),
        lambda by: term_listing.ignore_all([("organisation", there.pk), ("organisation", both.pk)], by=by),
        lambda by: retagging.propose_approval(Organisation.objects.filter(pk__in=[there.pk, here.pk]), by=by),
    ):
        assert (tried(lambda act=act: act(lim)), tried(lambda act=act: act(rooms.free))) == ("term_elsewhere", "")
    for act in (
        lambda: retagging.propose_rename(there, "Dort", by=lim),
        lambda: retagging.propose_approval(Organisation.objects.filter(name="There"), by=lim),
        lambda: retagging.propose_split(both, ["Both", "There"], by=lim),
        lambda: retagging.keep_apart(there, unused, by=lim),
        lambda: term_suggesting.ignore(None, "organisation", there.pk, by=lim),
        lambda: term_suggesting.ignore(rooms.there.post(PATH), "organisation", both.pk, by=lim),
        lambda: retagging.propose_delete(both, by=lim),
    ):
        assert tried(act) == "", "that changes posts of their own, or a term that is theirs alone"
    step = retagging.propose_rename(both, "Beides", by=rooms.free, collection=rooms.there.collection)
    assert step is not None
    bulk.start(step, by=rooms.free)
    refused = bulk.why_not_undo(BulkStep.objects.get(pk=step.pk), lim)
    assert refused is not None and refused.code == "term_elsewhere", "an undo changes the term, too"

    text = "name,slug,aliases\nHere,h,\nThere,t,Dort\nBoth,b,Beide2\nUnused,u,\nQuite new,q,\n"
    told = {line.name: line.what.value for line in plan_table(Organisation, text, by=lim).lines}
    assert told == {"Here": "refused", "There": "changed", "Both": "refused", "Unused": "changed", "Quite new": "new"}

    editing.edit(rooms.post, {"series": "Dort"}, by=rooms.free)
    Series.objects.create(name="Free", slug="free")
    places = [("series", each.pk) for each in Series.objects.order_by("pk")]
    mark = order_of(Series).mark
    assert tried(lambda: put_in_order(Series, places, mark=mark, by=lim)) == "term_elsewhere"
    assert tried(lambda: put_in_order(Series, places, mark=mark, by=rooms.free)) == ""


def test_what_concerns_a_term_everywhere_is_offered_for_terms_within_reach_alone(rooms: Rooms) -> None:
    editing.edit(rooms.post, {"companies_orgs": ["英伟达", "Twin A"]}, by=rooms.free)
    names = ["英特尔", "Twin-A", "Twin B", "Twin-B"]
    Organisation.objects.bulk_create(Organisation(name=each, slug=f"s{at}", key=each) for at, each in enumerate(names))
    body = "英伟达与英特尔。\n"
    post = editing.edit(rooms.there.post(PATH), {"companies_orgs": []}, body=body, by=rooms.free)
    client = Client()
    client.force_login(rooms.limited)
    form = client.get(reverse("admin:posts_post_change", args=[post.pk])).content.decode()
    assert "“英特尔”: never suggest" in form and "“英伟达”: not here" in form and "“英伟达”: never suggest" not in form
    told = {"vocabulary": "organisation", "term": Organisation.objects.get(name="英伟达").pk, "where": "always"}
    refused = client.post(reverse("admin:posts_post_suggestions", args=[post.pk]), told)
    assert refused.status_code == 403 and "“英伟达” belongs to collections" in refused.content.decode()
    address = reverse("admin:taxonomy_organisation_duplicates")
    page = client.get(address).content.decode()
    assert (page.count("Twin-A"), page.count("Not the same"), page.count("Merge into")) == (1, 1, 2)
    twins = {side: Organisation.objects.get(name=name).pk for side, name in (("one", "Twin A"), ("other", "Twin-A"))}
    assert "“Twin A” belongs to collections" in client.post(address, twins, follow=True).content.decode()
    assert not KeptApart.objects.exists()


def test_the_limit_is_set_on_a_persons_page_and_with_an_invitation(rooms: Rooms) -> None:
    client = Client()
    client.force_login(person("admin", "Administrator"))
    wen = person("wen", "Writer")
    address = reverse("admin:auth_user_change", args=[wen.pk])
    told = {"username": "wen", "email": wen.email, "is_active": "on", "groups": [wen.groups.get().pk]}
    answer = client.post(address, {**told, "limited": "on", "rooms": [rooms.there.collection.pk]})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert collections_of(User.objects.get(pk=wen.pk)) == {rooms.there.collection.pk}
    assert "only in: there" in client.get(reverse("admin:auth_user_changelist")).content.decode()
    shown = client.get(address).context["adminform"].form
    assert (shown["limited"].initial, shown["rooms"].initial) == (True, [rooms.there.collection])
    client.post(address, told)
    assert collections_of(User.objects.get(pk=wen.pk)) is None
    new = {"email": "neu@example.org", "language": "zh-hans", "groups": [wen.groups.get().pk], "limited": "on"}
    client.post(reverse("admin:auth_user_invite"), new)
    assert collections_of(User.objects.get(username="neu")) == frozenset()


def test_whoever_is_limited_manages_no_people_and_makes_no_collection(rooms: Rooms) -> None:
    client = Client()
    client.force_login(User.objects.get(username="lim"))
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert links and not [link for link in links if link.startswith("/admin/auth/")]
    for name in ("auth_user_changelist", "auth_user_invite", "auth_group_changelist", "posts_collection_add"):
        assert client.get(reverse(f"admin:{name}")).status_code == 403, name
    client.post(reverse("admin:auth_user_change", args=[rooms.limited.pk]), {"username": "lim"})
    assert collections_of(User.objects.get(username="lim")) == {rooms.there.collection.pk}


def test_the_pages_of_somebody_limited_take_as_many_queries_for_many_posts_as_for_few(rooms: Rooms) -> None:
    client = Client()
    client.force_login(User.objects.get(username="lim"))
    pages = [reverse("admin:index"), reverse("admin:posts_post_changelist")]

    def queries() -> list[int]:
        told = []
        for page in pages:
            with CaptureQueriesContext(connection) as made:
                assert client.get(page).status_code == 200
            told.append(len(made))
        return told

    queries()  # the first visit is noted
    few = queries()
    for world in (rooms.here, rooms.there):
        world.remote.commit({f"src/posts/{number}.md": post_text(str(number)) for number in range(30)})
        world.sync("done")
    assert queries() == few
