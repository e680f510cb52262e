"""Every door by which a text could reach the site around the review: the site goes on showing what it showed."""

import contextlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from posts import editing, reviewing
from posts.document.document import Document
from posts.errors import EvergreenError
from posts.transfers import upload_now
from tests.posts.worlds import World, person, post_text

DRAFT, LIVE, NEW = "src/posts/draft.md", "src/posts/live.md", "src/posts/new.md"


def shown(world: World) -> dict[str, str]:
    """What the site shows: the files whose `draft` is not true, as the site reads it."""
    texts = {path: data.decode() for path, data in world.remote.files().items() if path.endswith(".md")}
    return {path: text for path, text in texts.items() if not Document.from_text(text).truthy("draft")}


def edit_draft_away(world: World, by: User, folder: Path) -> None:
    for value in (False, "false", "", None, "no", 0):
        editing.edit(world.post(DRAFT), {"draft": value, "title": "混进去"}, by=by)


def edit_status(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(DRAFT), {"status": "published"}, by=by)


def edit_live(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(LIVE), {"title": "没人看过"}, body="没人看过的正文\n", by=by)


def front_matter_in_the_body(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(DRAFT), {}, body="---\ndraft: false\n---\n混进去\n", by=by)


def newline_in_a_value(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(DRAFT), {"title": "x\ndraft: false", "guest": "y\n---\ndraft: false\n---"}, by=by)


def a_key_that_brings_draft(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(DRAFT), {"draft ": False, "<<": ["x"], "Draft": False}, by=by)


def create_live(world: World, by: User, folder: Path) -> None:
    editing.create(world.collection, NEW, {"title": "新", "draft": False, "status": "published"}, by=by)


def create_over_another(world: World, by: User, folder: Path) -> None:
    editing.create(world.collection, LIVE, {"title": "盖掉"}, by=by)


def create_outside(world: World, by: User, folder: Path) -> None:
    for path in ("../x.md", "/etc/x.md", ".git/hooks/x.md", "index.md", "src/posts/../../x.md"):
        with pytest.raises(EvergreenError):
            editing.create(world.collection, path, {"title": "外"}, by=by)


def upload_new_live(world: World, by: User, folder: Path) -> None:
    source = folder / "upload" / NEW
    source.parent.mkdir(parents=True)
    source.write_text(post_text("上传", draft="false", status="published"))
    upload_now(world.collection, folder / "upload", by=by)


def upload_over_the_draft(world: World, by: User, folder: Path) -> None:
    path = folder / "upload.zip"
    blob = world.post(DRAFT).present.blob
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(DRAFT, post_text("上传", draft="false", status="published"))
        archive.writestr(".evergreen.json", f'{{"blobs": {{"{DRAFT}": "{blob}"}}}}')
    upload_now(world.collection, path, by=by)
    assert world.post(DRAFT).title == "上传"
    assert world.post(DRAFT).draft


def upload_over_the_live_post(world: World, by: User, folder: Path) -> None:
    path = folder / "upload.zip"
    blob = world.post(LIVE).present.blob
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(LIVE, post_text("上传", draft="true", status="published"))
        archive.writestr(".evergreen.json", f'{{"blobs": {{"{LIVE}": "{blob}"}}}}')
    upload_now(world.collection, path, by=by)


def restore_a_live_revision(world: World, by: User, folder: Path) -> None:
    world.remote.push(DRAFT, post_text("曾经上线", draft="false"))
    world.sync()
    world.remote.push(DRAFT, post_text("草稿"))
    world.sync()
    revision = world.post(DRAFT).revisions.get(text__contains="曾经上线")
    editing.restore_revision(world.post(DRAFT), revision, by=by)
    assert world.post(DRAFT).title == "曾经上线"


def approve_oneself(world: World, by: User, folder: Path) -> None:
    editing.edit(world.post(DRAFT), {"title": "自己批"}, by=by)
    for step in ("submit", "approve", "publish", "make_evergreen", "roll_back", "confirm"):
        try:
            reviewing.perform(world.post(DRAFT), step, by=by)
        except EvergreenError:
            continue


def edit_after_approval(world: World, by: User, folder: Path) -> None:
    colleague = person("colleague", "Publisher")
    reviewing.perform(world.post(DRAFT), "submit", by=by)
    reviewing.perform(world.post(DRAFT), "approve", by=colleague)
    editing.edit(world.post(DRAFT), {"title": "批完再改"}, by=by)
    with pytest.raises(EvergreenError):
        reviewing.perform(world.post(DRAFT), "publish", by=colleague)


def archive_then_edit(world: World, by: User, folder: Path) -> None:
    reviewing.perform(world.post(DRAFT), "discard", by=by)
    editing.edit(world.post(DRAFT), {"title": "归档后改"}, by=by)


DOORS: list[Callable[[World, User, Path], None]] = [
    edit_draft_away,
    edit_status,
    edit_live,
    front_matter_in_the_body,
    newline_in_a_value,
    a_key_that_brings_draft,
    create_live,
    create_over_another,
    create_outside,
    upload_new_live,
    upload_over_the_draft,
    upload_over_the_live_post,
    restore_a_live_revision,
    approve_oneself,
    edit_after_approval,
    archive_then_edit,
]


@pytest.mark.parametrize("role", ["Writer", "Reviewer"])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_door_leads_around_the_review(
    world: World, tmp_path: Path, role: str, door: Callable[[World, User, Path], None]
) -> None:
    by = person("somebody", role)
    world.remote.commit({DRAFT: post_text(), LIVE: post_text("在线", draft="false", status="published")})
    world.sync()
    site = shown(world)
    assert set(site) == {LIVE}
    with contextlib.suppress(EvergreenError):
        door(world, by, tmp_path)
    for _ in range(2):
        world.sync()
    assert shown(world) == site
    world.remote.check()


DISGUISES = {
    "a mark before the key": "\ufeffdraft: true\n",
    "a key that is a list": "[draft]: false\n<<: {draft: true}\n",
    "too small a number": "draft: 1e-400\n",
    "a tagged number": 'draft: !!float "1e-400"\n',
    "base sixty": "draft: 0:0.0\n",
    "a tagged merge": '!!merge "<<": {draft: false}\n<<: {draft: true}\n',
    "a word": "draft: no\n",
    "an alias": "x: &x true\ndraft: *x\n",
    "a merge": "<<: {draft: true}\n",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_only_a_text_that_every_reader_takes_for_a_draft_leaves_unreviewed(
    world: World, tmp_path: Path, disguise: str
) -> None:
    by = person("pan", "Publisher")
    world.remote.push("README.md", "x")
    world.sync()
    source = tmp_path / "upload" / NEW
    source.parent.mkdir(parents=True)
    source.write_text(f"---\n{DISGUISES[disguise]}title: 混进去\n---\n正文\n")
    upload_now(world.collection, tmp_path / "upload", by=by)
    world.sync()
    assert set(world.remote.files()) == {"README.md"}


@pytest.mark.parametrize("number", ["0", "-0", "0.0", "0e5", "1e-400", "0.1e-999", "0x0", "0:0.0", "0_0", ".0", "0o0"])
def test_a_number_that_is_zero_on_the_site_is_no_draft(number: str) -> None:
    assert not Document.from_text(f"---\ndraft: {number}\n---\n").truthy("draft")


@pytest.mark.parametrize("number", ["1", "0.1", "1e-300", "0x1", "0:1", "010", "0b1"])
def test_a_number_that_is_not_zero_is_a_draft(number: str) -> None:
    assert Document.from_text(f"---\ndraft: {number}\n---\n").truthy("draft")


def test_an_approval_that_was_taken_back_makes_nobody_less_of_a_writer(world: World) -> None:
    anna, ben, cleo = (person(name, "Reviewer") for name in ("anna", "ben", "cleo"))
    world.remote.push(DRAFT, post_text())
    world.sync()
    editing.edit(world.post(DRAFT), {"title": "安娜写的"}, by=anna)
    reviewing.perform(world.post(DRAFT), "submit", by=anna)
    reviewing.perform(world.post(DRAFT), "approve", by=ben)
    reviewing.perform(world.post(DRAFT), "request_changes", by=ben, note="再看看")
    reviewing.perform(world.post(DRAFT), "submit", by=cleo)
    with pytest.raises(EvergreenError) as refused:
        reviewing.perform(world.post(DRAFT), "approve", by=anna)
    assert refused.value.code == "you_wrote"


def test_an_approval_of_ones_own_text_counts_only_while_the_setting_allows_it(world: World) -> None:
    pan = person("pan", "Publisher")
    world.collection.second_eyes = "afterwards"
    world.collection.save()
    world.remote.push(LIVE, post_text(draft="false", status="published"))
    world.sync()
    editing.edit(world.post(LIVE), {"title": "自己改的"}, by=pan)
    reviewing.perform(world.post(LIVE), "submit", by=pan)
    reviewing.perform(world.post(LIVE), "approve", by=pan)
    assert world.post(LIVE).unchecked_since is not None
    world.collection.second_eyes = "before"
    world.collection.save()
    editing.edit(world.post(LIVE), {"guest": "别人"}, by=person("wen", "Writer"))
    reviewing.perform(world.post(LIVE), "submit", by=person("rui", "Reviewer"))
    with pytest.raises(EvergreenError) as refused:
        reviewing.perform(world.post(LIVE), "approve", by=pan)
    assert refused.value.code == "you_wrote"


def test_an_upload_of_the_old_place_of_a_post_is_of_that_post(world: World, tmp_path: Path) -> None:
    wen = person("wen", "Writer")
    world.remote.push(NEW, post_text())
    world.sync()
    editing.move(world.post(NEW), "src/posts/moved.md", by=wen)
    source = tmp_path / "upload" / NEW
    source.parent.mkdir(parents=True)
    source.write_text(post_text())
    run = upload_now(world.collection, tmp_path / "upload", by=wen)
    assert list(run.outcomes.values_list("result", "code")) == [("same", "")]
    world.sync("done")
    assert world.text_in_git("src/posts/moved.md") == post_text()


def test_an_upload_makes_no_post_without_the_right_to_add_one(world: World, tmp_path: Path) -> None:
    source = tmp_path / "upload" / NEW
    source.parent.mkdir(parents=True)
    source.write_text(post_text())
    run = upload_now(world.collection, tmp_path / "upload", by=person("cui", "Curator"))
    assert list(run.outcomes.values_list("result", "code")) == [("problem", "no_permission")]


def test_a_zip_bomb_and_names_that_lead_out_are_problems_and_nothing_more(world: World, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("src/posts/bomb.md", b"0" * (40 * 1024 * 1024))
        archive.writestr("src/posts/../../../out.md", post_text())
        archive.writestr("src/posts/good.md", post_text("好"))
        link = zipfile.ZipInfo("src/posts/link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("src/posts/GOOD.md", post_text("大写"))
    source = tmp_path / "up.zip"
    source.write_bytes(packed.getvalue())
    run = upload_now(world.collection, source, by=None)
    codes = dict(run.outcomes.values_list("path", "code"))
    assert codes == {
        "src/posts/bomb.md": "too_large",
        "src/posts/../../../out.md": "path_outside",
        "src/posts/GOOD.md": "",
        "src/posts/good.md": "differs_only_by_case",
        "src/posts/link.md": "symlink",
    }
    again = upload_now(world.collection, source, by=None)
    assert set(again.outcomes.values_list("result", flat=True)) == {"problem", "same"}
