"""Images brought in here: each leaves in the commit of a post that belongs to it, once, and never by itself."""

import io
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image as Picture

from posts import editing, illustrating, image_uses, images, reviewing
from posts.document.document import Document
from posts.errors import EvergreenError
from posts.git import Repository
from posts.handing_over import hand_over
from posts.illustrating import add_image, forget_unused_images, keep_image, replace_image
from posts.image_uses import catch_up, users_of
from posts.models import Collection, Image, Post, Sync
from posts.requests import Request
from tests.posts import proofs
from tests.posts.pictures import jpeg_of_a_phone, png
from tests.posts.worlds import World, person, post_text

PATH, OTHER, LIVE = "src/posts/a.md", "src/posts/b.md", "src/posts/live.md"
FOLDER = "src/assets/images"


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post, synced, in a collection that takes images."""
    world.collection.media_folder, world.collection.media_url = FOLDER, "/assets/images"
    world.collection.full_clean()
    world.collection.save()
    live = post_text("在线的", draft="false", status="published", body="![图](/assets/images/old.png)\n")
    world.remote.commit({PATH: post_text("一"), OTHER: post_text("二"), LIVE: live, f"{FOLDER}/old.png": png("green")})
    world.sync(Sync.State.DONE)
    world.collection.refresh_from_db()
    return world


def add(site: World, by: User, data: bytes = b"", name: str = "图.png") -> Image:
    """An image that somebody pasted."""
    return add_image(site.collection, data or png(), name, words="美股暴跌", by=by)


def write(site: World, path: str, body: str, by: User) -> Post:
    """Somebody saves a body."""
    return editing.edit(site.post(path), {}, body=body, by=by)


def touched(site: World) -> list[set[str]]:
    """The files of each commit, newest first."""
    told = site.remote.git("log", "--format=%x00", "--name-only", "main", "--").decode()
    return [set(each.split()) for each in told.split("\0")[1:]]


# --- A new image


def test_an_image_leaves_in_the_very_commit_of_the_post_that_mentions_it(site: World, writer: User) -> None:
    image = add(site, writer, jpeg_of_a_phone(), "走势 图.jpeg")
    assert image.path == f"{FOLDER}/zou-shi-tu.jpg"
    write(site, PATH, "正文。\n\n![走势](/assets/images/zou-shi-tu.jpg)\n", writer)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {PATH, image.path}
    sent = site.remote.read(image.path)
    assert Picture.open(io.BytesIO(sent)).size == (20, 60)
    image.refresh_from_db()
    assert (image.commit, image.sent_at is not None, bytes(image.data)) == (site.remote.head(), True, b"")
    assert site.sync().state == Sync.State.NOTHING_NEW
    proofs.at_rest(site)


def test_one_that_no_cleared_text_mentions_stays(site: World, writer: User) -> None:
    add(site, writer)
    write(site, LIVE, "![新](/assets/images/tu.png)\n", writer)  # a change of a live post waits for its review
    write(site, PATH, "没有图。\n", writer)
    site.sync(Sync.State.DONE)
    assert f"{FOLDER}/tu.png" not in site.remote.files()
    assert touched(site)[0] == {PATH}


def test_it_leaves_with_the_publication_of_a_changed_live_post(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    add(site, writer)
    write(site, LIVE, "![新](/assets/images/tu.png)\n", writer)
    reviewing.perform(site.post(LIVE), "submit", by=writer)
    reviewing.perform(site.post(LIVE), "approve", by=reviewer)
    site.sync()
    assert f"{FOLDER}/tu.png" not in site.remote.files()
    reviewing.perform(site.post(LIVE), "publish", by=publisher)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {LIVE, f"{FOLDER}/tu.png"}


def test_a_discarded_draft_takes_its_image_with_it(site: World, writer: User) -> None:
    add(site, writer)
    write(site, PATH, "![](/assets/images/tu.png)\n", writer)
    reviewing.perform(site.post(PATH), "discard", by=writer)
    site.sync(Sync.State.DONE)
    assert "status: archived" in site.text_in_git(PATH)
    assert f"{FOLDER}/tu.png" not in site.remote.files()
    reviewing.perform(site.post(PATH), "restore", by=writer)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {PATH, f"{FOLDER}/tu.png"}


def test_nor_does_one_leave_that_a_discarded_text_had_mentioned_before_it_came(site: World, writer: User) -> None:
    write(site, PATH, "![](/assets/images/tu.png)\n", writer)
    site.sync(Sync.State.DONE)
    add(site, writer)
    reviewing.perform(site.post(PATH), "discard", by=writer)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {PATH}


def test_of_two_posts_with_one_image_the_first_takes_it_along(site: World, writer: User) -> None:
    add(site, writer)
    for path in (PATH, OTHER):
        write(site, path, "![](/assets/images/tu.png)\n", writer)
    site.sync(Sync.State.DONE)
    assert touched(site)[:2] == [{OTHER}, {PATH, f"{FOLDER}/tu.png"}]


def test_the_other_takes_it_where_the_first_cannot_be_written(site: World, writer: User) -> None:
    add(site, writer)
    for path in (PATH, OTHER):
        write(site, path, "![](/assets/images/tu.png)\n", writer)
    site.remote.commit({PATH: None, f"{PATH}/in-its-way.txt": "x"})
    site.sync()
    assert touched(site)[0] == {OTHER, f"{FOLDER}/tu.png"}


def test_the_same_image_twice_is_one_and_another_of_the_same_name_gets_its_own(site: World, writer: User) -> None:
    first, again, other = add(site, writer), add(site, writer, name="别的.png"), add(site, writer, png("blue"))
    assert first == again
    assert [first.path, other.path] == [f"{FOLDER}/tu.png", f"{FOLDER}/tu-2.png"]
    assert add(site, writer, png("pink"), "OLD.png").path == f"{FOLDER}/old-2.png"


def test_no_text_that_is_there_already_gets_a_new_image_to_show(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    write(site, LIVE, "![表](/assets/images/chart.png)\n", writer)
    reviewing.perform(site.post(LIVE), "submit", by=writer)
    reviewing.perform(site.post(LIVE), "approve", by=reviewer, looked_at=site.post(LIVE).present)
    assert add(site, reviewer, name="chart.png").path == f"{FOLDER}/chart-2.png"
    reviewing.perform(site.post(LIVE), "publish", by=publisher)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {LIVE}


def test_a_new_image_has_a_name_that_no_text_mentions_or_ever_did(site: World, writer: User, reviewer: User) -> None:
    body = "![](/assets/images/%s) ![](../assets/images/Beside.PNG)\n"
    opened = site.post(PATH).present
    before = write(site, PATH, body % "was.png", writer).present
    editing.save_typed(site.post(PATH), Document.from_text(opened.text + body % "typed.png"), onto=opened, by=reviewer)
    assert write(site, PATH, body % "now.png", writer).present != before
    colours = iter(range(1, 9))
    for name in ("was", "typed", "now", "beside"):
        assert add(site, writer, png("red", (next(colours), 9)), f"{name}.png").path == f"{FOLDER}/{name}-2.png"


def test_where_it_is_not_known_what_texts_mention_a_new_image_has_a_name_that_nobody_can_guess(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(illustrating, "_COUNTED_MEANWHILE", 0)
    names = [add(site, writer, png(colour), "chart.png").path for colour in ("red", "blue")]
    monkeypatch.undo()
    assert all(re.fullmatch(rf"{FOLDER}/chart-[0-9a-f]{{8}}\.png", name) for name in names) and len({*names}) == 2
    assert add(site, writer, png("pink"), "chart.png").path == f"{FOLDER}/chart.png"


def test_what_somebody_else_pushed_to_its_place_is_never_written_over(site: World, writer: User) -> None:
    add(site, writer)
    write(site, PATH, "![](/assets/images/tu.png)\n", writer)
    site.remote.push(f"{FOLDER}/tu.png", png("black"))
    run = site.sync(Sync.State.PARTLY)
    assert site.remote.read(f"{FOLDER}/tu.png") == png("black")
    assert [(each.path, each.code) for each in run.outcomes.all()] == [(PATH, "image_taken")]
    write(site, PATH, "无图。\n", writer)
    site.sync(Sync.State.DONE)
    assert "无图" in site.text_in_git(PATH)


def test_the_very_same_image_from_somebody_else_is_ours_already(site: World, writer: User) -> None:
    image = add(site, writer)
    write(site, PATH, "![](/assets/images/tu.png)\n", writer)
    site.remote.push(image.path, bytes(image.data))
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {PATH}
    image.refresh_from_db()
    assert image.sent_at is not None


@pytest.mark.parametrize("landed", [True, False])
def test_after_a_crash_at_the_push_the_image_is_in_exactly_one_commit(
    site: World, writer: User, monkeypatch: pytest.MonkeyPatch, landed: bool
) -> None:
    image = add(site, writer)
    write(site, PATH, "![](/assets/images/tu.png)\n", writer)
    push = Repository.push

    def killed(self: Repository, commit: str) -> None:
        if landed:
            push(self, commit)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Repository, "push", killed)
        with pytest.raises(KeyboardInterrupt):
            site.sync()
    Sync.objects.filter(state=Sync.State.RUNNING).delete()
    if landed:
        # Somebody takes it away again before we have heard that it arrived: it is not sent a second time.
        site.remote.delete(image.path)
    write(site, PATH, "改。![](/assets/images/tu.png)\n", writer)
    site.sync(Sync.State.DONE)
    assert sum(image.path in files for files in touched(site)) == (2 if landed else 1)
    image.refresh_from_db()
    assert (image.sent_at is not None, bytes(image.data)) == (True, b"")
    proofs.at_rest(site)


def test_without_a_folder_nobody_brings_images(site: World, writer: User) -> None:
    site.collection.media_folder = ""
    assert refusal(add, site, writer) == "image_no_folder"


def test_who_may_not_change_posts_brings_no_images(site: World) -> None:
    assert refusal(add, site, person("ada", "Administrator")) == "no_permission"


def test_there_is_an_end_to_how_many_one_person_brings_in_a_day(
    site: World, writer: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(illustrating, "A_DAY", 1)
    image = add(site, writer)
    assert refusal(add, site, writer) == "image_enough_today"
    add(site, reviewer, png("blue"))
    Image.objects.filter(pk=image.pk).update(at=timezone.now() - timezone.timedelta(days=2))
    add(site, writer, png("pink"))


def test_one_that_nobody_uses_is_forgotten_after_a_quarter_of_a_year(site: World, writer: User) -> None:
    used, unused, new = add(site, writer), add(site, writer, png("blue")), add(site, writer, png("pink"))
    write(site, LIVE, "![](/assets/images/tu.png)\n", writer)
    Image.objects.exclude(pk=new.pk).update(at=timezone.now() - timezone.timedelta(days=91))
    catch_up(100)
    forget_unused_images()
    assert set(Image.objects.all()) == {used, new}
    assert unused.pk is not None


def test_one_that_nobody_uses_is_forgotten_however_many_older_ones_are_in_use(
    site: World, writer: User, tmp_path: Path
) -> None:
    used = [add(site, writer, png("green", (number, 9))) for number in range(1, 26)]
    write(site, LIVE, "\n".join(f"![](/assets/images/{image.path.rpartition('/')[2]})" for image in used), writer)
    uncounted = World(tmp_path / "uncounted", "uncounted")
    uncounted.collection.media_folder, uncounted.collection.media_url = FOLDER, "/assets/images"
    uncounted.collection.save()
    of_unknown_use, unused = add(uncounted, writer, png("blue")), add(site, writer, png("pink"))
    Image.objects.update(at=timezone.now() - timezone.timedelta(days=91))
    while not site.collection.images_counted:
        image_uses.catch_up(1)
        site.collection.refresh_from_db()
    Collection.objects.filter(pk=uncounted.collection.pk).update(images_counted_for="")
    forget_unused_images()
    assert set(Image.objects.all()) == {*used, of_unknown_use}
    assert unused.pk is not None


def test_a_collection_says_folder_and_address_together(site: World) -> None:
    for folder, url in (("../x", "/i"), ("/x", "/i"), ("x", ""), ("", "/i"), ("x", "i"), ("x", "//i"), ("x", "/a b")):
        site.collection.media_folder, site.collection.media_url = folder, url
        with pytest.raises(Exception, match=r"."):
            site.collection.full_clean()
    site.collection.media_folder, site.collection.media_url = "static/img/", "https://cdn.example.org/img"
    site.collection.full_clean()
    assert site.collection.media_folder == "static/img"


# --- A replacement


def publish(site: World, path: str, writer: User, reviewer: User, publisher: User) -> None:
    """The whole way to the site."""
    reviewing.perform(site.post(path), "submit", by=writer)
    reviewing.perform(site.post(path), "approve", by=reviewer)
    reviewing.perform(site.post(path), "publish", by=publisher)


def replace(site: World, by: User, data: bytes = b"") -> Image:
    """Another picture for the one of the live post."""
    return replace_image(site.post(LIVE), f"{FOLDER}/old.png", data or png("red"), by=by)


def test_a_replacement_leaves_with_the_publication_of_its_post_and_no_sooner(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    replace(site, writer)
    assert site.post(LIVE).state == "draft"
    write(site, PATH, "![](/assets/images/old.png)\n", writer)
    site.sync(Sync.State.DONE)
    assert site.remote.read(f"{FOLDER}/old.png") == png("green")
    publish(site, LIVE, writer, reviewer, publisher)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {f"{FOLDER}/old.png"}
    assert Picture.open(io.BytesIO(site.remote.read(f"{FOLDER}/old.png"))).getpixel((1, 1)) == (255, 0, 0)
    assert site.sync().state == Sync.State.NOTHING_NEW
    proofs.at_rest(site)


def test_with_a_change_of_the_text_both_leave_in_one_commit(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    replace(site, writer)
    write(site, LIVE, "新。![图](/assets/images/old.png)\n", writer)
    publish(site, LIVE, writer, reviewer, publisher)
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {LIVE, f"{FOLDER}/old.png"}
    proofs.at_rest(site)


def test_a_replacement_takes_an_approval_back_and_its_maker_cannot_approve(
    site: World, writer: User, reviewer: User
) -> None:
    write(site, LIVE, "新。\n", writer)
    reviewing.perform(site.post(LIVE), "submit", by=writer)
    reviewing.perform(site.post(LIVE), "approve", by=reviewer)
    replace(site, reviewer)
    post = site.post(LIVE)
    assert (post.state, post.approved) == ("draft", None)
    reviewing.perform(post, "submit", by=writer)
    assert refusal(reviewing.perform, site.post(LIVE), "approve", by=reviewer) == "you_wrote"


def test_nobody_is_asked_to_review_the_image_that_they_put_there(site: World, writer: User, reviewer: User) -> None:
    other = person("zoe", "Reviewer")
    write(site, LIVE, "新。\n", writer)
    reviewing.perform(site.post(LIVE), "submit", by=writer, request=Request(reviewer=reviewer))
    replace(site, reviewer)
    assert hand_over(reviewer, other, by=reviewer) == {"asked": 1}, "she may review it"
    assert hand_over(other, reviewer, by=other) == {"asked": 0, "asked_of_anybody": 1}
    assert site.post(LIVE).reviewer is None
    post = reviewing.perform(site.post(LIVE), "withdraw", by=writer)
    assert refusal(reviewing.perform, post, "submit", by=writer, request=Request(reviewer=reviewer)) == "cannot_review"
    Post.objects.filter(pk=post.pk).update(reviewer=reviewer)
    assert reviewing.perform(site.post(LIVE), "submit", by=writer).reviewer is None, "asked before, and able then"


def test_an_approval_is_of_the_very_images_that_were_looked_at(site: World, writer: User, reviewer: User) -> None:
    write(site, LIVE, "新。![图](/assets/images/old.png)\n", writer)
    post = reviewing.perform(site.post(LIVE), "submit", by=writer)
    text = post.present

    def approval(*images: Image) -> str:
        seen = [each.pk for each in images]
        return refusal(reviewing.perform, site.post(LIVE), "approve", by=reviewer, looked_at=text, images_seen=seen)

    red = replace(site, writer)
    assert (site.post(LIVE).state, approval()) == ("in_review", "images_moved")
    blue = replace(site, writer, png("blue"))
    assert approval(red) == "images_moved"
    keep_image(blue, by=writer)
    assert approval(blue) == "images_moved"
    again = replace(site, writer)
    taken = reviewing.perform(site.post(LIVE), "approve", by=reviewer, looked_at=text, images_seen=[again.pk])
    assert taken.state == "approved"


def test_to_put_the_old_image_back_takes_an_approval_back_too(site: World, writer: User, reviewer: User) -> None:
    image = replace(site, writer)
    reviewing.perform(site.post(LIVE), "submit", by=writer)
    reviewing.perform(site.post(LIVE), "approve", by=reviewer)
    keep_image(image, by=writer)
    post = site.post(LIVE)
    assert (post.state, post.approved) == ("draft", None)


@pytest.mark.parametrize("how", ["discard_changes", "keep"])
def test_a_replacement_that_is_given_up_leaves_never(site: World, writer: User, publisher: User, how: str) -> None:
    image = replace(site, writer)
    if how == "keep":
        keep_image(image, by=writer)
    else:
        reviewing.perform(site.post(LIVE), how, by=writer)
        assert site.post(LIVE).state == "published"
    assert not Image.objects.exists()
    site.sync()
    assert site.remote.read(f"{FOLDER}/old.png") == png("green")


def test_what_a_publisher_let_go_no_writer_gives_up(site: World, writer: User, reviewer: User, publisher: User) -> None:
    image = replace(site, writer)
    publish(site, LIVE, writer, reviewer, publisher)
    before = site.post(LIVE).body
    write(site, LIVE, "别的。\n", writer)
    reviewing.perform(site.post(LIVE), "discard_changes", by=writer)
    assert (site.post(LIVE).state, site.post(LIVE).body) == ("published", before)
    image.refresh_from_db()
    assert image.cleared_at is not None
    site.sync(Sync.State.DONE)
    assert touched(site)[0] == {f"{FOLDER}/old.png"}
    proofs.at_rest(site)


def test_a_publisher_who_archives_the_post_gives_up_what_was_let_go(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    replace(site, writer)
    publish(site, LIVE, writer, reviewer, publisher)
    reviewing.perform(site.post(LIVE), "archive", by=publisher)
    assert not Image.objects.exists()
    site.sync(Sync.State.DONE)
    assert site.remote.read(f"{FOLDER}/old.png") == png("green")


def test_an_edit_back_to_the_live_text_publishes_no_replacement(site: World, writer: User) -> None:
    before = site.post(LIVE).body
    write(site, LIVE, "新。\n", writer)
    replace(site, writer)
    write(site, LIVE, before, writer)
    assert site.post(LIVE).state == "draft"


def test_a_replacement_never_goes_over_what_others_pushed_meanwhile(
    site: World, writer: User, reviewer: User, publisher: User
) -> None:
    replace(site, writer)
    publish(site, LIVE, writer, reviewer, publisher)
    site.remote.push(f"{FOLDER}/old.png", png("black"))
    run = site.sync(Sync.State.PARTLY)
    assert [(each.path, each.code) for each in run.outcomes.all()] == [(LIVE, "image_taken")]
    assert site.remote.read(f"{FOLDER}/old.png") == png("black")


def test_what_cannot_be_replaced_is_refused_with_the_reason(site: World, writer: User, reviewer: User) -> None:
    add(site, writer)
    live = site.post(LIVE)
    assert refusal(replace_image, live, f"{FOLDER}/none.png", png(), by=writer) == "image_unknown"
    assert refusal(replace_image, live, PATH, png(), by=writer) == "image_unknown"
    assert refusal(replace_image, live, f"{FOLDER}/tu.png", png("blue"), by=writer) == "image_not_sent_yet"
    assert refusal(replace_image, live, f"{FOLDER}/old.png", b"<svg/>", by=writer) == "image_svg"
    assert (
        refusal(replace_image, live, f"{FOLDER}/old.png", png(), by=person("ada", "Administrator")) == "no_permission"
    )
    replace(site, writer)
    other = site.post(PATH)
    assert refusal(replace_image, other, f"{FOLDER}/old.png", png("blue"), by=reviewer) == "image_waits_elsewhere"
    replace(site, writer, png("blue"))
    assert Image.objects.filter(post=live).count() == 1


# --- Which there are


def test_the_list_has_those_of_the_repository_and_those_that_wait(site: World, writer: User) -> None:
    site.remote.commit({f"{FOLDER}/读 我.txt": "x", f"{FOLDER}/2026/图 表.PNG": png("pink"), "elsewhere.png": png()})
    site.sync()
    site.collection.refresh_from_db()
    add(site, writer)
    found = images.images_of(site.collection)
    assert [shown.path.removeprefix(f"{FOLDER}/") for shown in found] == ["2026/图 表.PNG", "old.png", "tu.png"]
    assert [images.bytes_of(site.collection, shown) for shown in found][:2] == [png("pink"), png("green")]
    assert [post.path for post in users_of(site.collection, f"{FOLDER}/old.png")] == [LIVE]


def test_a_replacement_that_waits_is_seen_by_the_readers_of_its_post_alone(site: World, writer: User) -> None:
    image, path = replace(site, writer), f"{FOLDER}/old.png"
    seen = images.image_at(site.collection, path, post=site.post(LIVE))
    others = images.image_at(site.collection, path, post=site.post(PATH))
    assert seen is not None and others is not None
    assert (seen.blob, images.bytes_of(site.collection, others)) == (image.blob, png("green"))
    assert images.image_at(site.collection, ":(glob)**/*.png") is None
    assert images.image_at(site.collection, PATH) is None


def refusal(call: object, *arguments: object, **named: object) -> str:
    """The code with which a service refuses."""
    with pytest.raises(EvergreenError) as refused:
        call(*arguments, **named)  # type: ignore[operator]
    return refused.value.code


def test_who_looked_before_a_move_that_changes_the_images_did_not_look_at_them(
    site: World, writer: User, reviewer: User
) -> None:
    aside, elsewhere = "src/posts/b-side.md", "src/posts/far/away/a.md"
    write(site, PATH, "![](../assets/images/old.png)\n", writer)
    site.sync(Sync.State.DONE)
    seen = reviewing.perform(site.post(PATH), "submit", by=writer).present
    assert editing.move(site.post(PATH), aside, by=writer).present == seen  # the same images
    reviewing.perform(site.post(aside), "withdraw", by=writer)
    editing.move(site.post(aside), elsewhere, by=writer)
    reviewing.perform(site.post(elsewhere), "submit", by=writer)
    assert refusal(reviewing.perform, site.post(elsewhere), "approve", by=reviewer, looked_at=seen) == "text_moved"
    post = site.post(elsewhere)
    assert (post.present.text, post.present.by) == (seen.text, writer)
    reviewing.perform(post, "approve", by=reviewer, looked_at=post.present)
    site.sync(Sync.State.DONE)
    assert site.text_in_git(elsewhere) == seen.text
    proofs.at_rest(site)
