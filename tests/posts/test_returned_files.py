"""A file that was downloaded, changed at home and brought back is merged onto the very text that was taken home."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from posts import editing, reviewing
from posts.archives import write_zip
from posts.limiting import limit
from posts.models import Collection, Conflict, Outcome, Post, Sync
from posts.reviewing import TransitionRefused
from posts.runs import claim
from posts.transfers import perform_download, perform_upload
from tests.posts.worlds import World, group_of, person, post_text

PATH = "src/posts/a.md"
BODY = "第一段。\n\n第二段。\n\n第三段。\n"


class Home:
    """Somebody who takes files home from the desk and brings them back, beside somebody who stays."""

    def __init__(self, world: World) -> None:
        world.remote.push(PATH, post_text("旧", body=BODY))
        world.sync("done")
        self.world, self.stays = world, person("wen", "Writer")
        self.person = person("pan", "Publisher")
        self.client = Client()
        self.client.force_login(self.person)

    @property
    def post(self) -> Post:
        return self.world.post(PATH)

    def takes(self) -> bytes:
        """The file of the present text."""
        assert self.post.present is not None
        answer = self.client.get(reverse("admin:posts_post_revision", args=[self.post.pk, self.post.present.number]))
        assert answer.content == self.post.present.text.encode(), "byte for byte"
        return answer.content

    def takes_all(self) -> bytes:
        """The archive of all posts."""
        self.client.post(reverse("admin:posts_collection_download", args=[self.world.collection.pk]))
        run = perform_download(claimed())
        return Path(run.file.path).read_bytes()

    def is_now(self, by: User) -> None:
        """Somebody else goes home."""
        self.person = by
        self.client.force_login(by)

    def sends(self, collection: Collection, *files: tuple[str, bytes]) -> str:
        """Upload files by the admin's page of a collection; what it says."""
        address = reverse("admin:posts_collection_upload", args=[collection.pk])
        chosen = [SimpleUploadedFile(name, data) for name, data in files]
        return self.client.post(address, {"chosen": chosen}, follow=True).content.decode()

    def brings(self, data: bytes, name: str = "a.md") -> Outcome:
        """Upload a file by the admin's page; what became of the post's file."""
        self.client.post(
            reverse("admin:posts_collection_upload", args=[self.world.collection.pk]),
            {"chosen": [SimpleUploadedFile(name, data)], "folder": ""},
        )
        return Outcome.objects.get(sync=perform_upload(claimed()), path=PATH)


def claimed() -> Sync:
    run = claim(Sync.objects.filter(state="waiting", kind__in=("upload", "download")).latest("pk").pk)
    assert run is not None
    return run


@pytest.fixture
def home(world: World) -> Home:
    return Home(world)


def edited(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode())


def test_what_others_wrote_meanwhile_stays_beside_what_was_written_at_home(home: Home) -> None:
    taken = home.takes()
    editing.edit(home.post, {"title": "在这里改的"}, body=BODY.replace("第三段", "这里的第三段"), by=home.stays)
    told = home.brings(edited(taken, "第一段", "家里的第一段"))
    assert (told.result, told.code) == ("changed", "")
    assert home.post.title == "在这里改的"
    assert home.post.body == "家里的第一段。\n\n第二段。\n\n这里的第三段。\n"


def test_what_both_changed_goes_to_the_page_of_a_stale_form(home: Home) -> None:
    taken = home.takes()
    editing.edit(home.post, {"title": "这里"}, body=BODY.replace("第三段", "这里的第三段"), by=home.stays)
    told = home.brings(edited(edited(taken, "title: 旧", "title: 家里"), "第一段", "家里的第一段"))
    assert (told.result, told.code) == ("held", "changed_meanwhile")
    kept = Conflict.objects.get(pk=told.facts["conflict"])
    assert (kept.kind, kept.owner) == ("form", home.person)
    assert "家里的第一段" in home.post.body and "这里的第三段" in home.post.body, "what does not clash is in already"
    shown = home.client.get(reverse("admin:posts_conflict_change", args=[kept.pk])).content.decode()
    assert "家里" in shown and home.post.title == "这里"


def test_of_several_texts_at_home_it_is_the_one_that_the_file_was_made_from(home: Home) -> None:
    first = home.takes()
    editing.edit(home.post, {"title": "后来"}, body=BODY.replace("第三段", "后来的第三段"), by=home.stays)
    home.takes()
    told = home.brings(edited(first, "第一段", "家里的第一段"))
    assert told.result == "changed"
    assert (home.post.title, home.post.body) == ("后来", "家里的第一段。\n\n第二段。\n\n后来的第三段。\n")


def test_a_loose_file_out_of_an_archive_is_known_and_so_is_one_in_it(home: Home) -> None:
    with zipfile.ZipFile(io.BytesIO(home.takes_all())) as archive:
        taken = archive.read(PATH)
        names = {name: archive.read(name) for name in archive.namelist()}
    editing.edit(home.post, {"guest": "新嘉宾"}, by=home.stays)
    assert home.brings(edited(taken, "第一段", "家里的第一段")).result == "changed"
    assert home.post.guest == "新嘉宾" and home.post.body.startswith("家里的第一段")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, edited(data, "第二段", "档案里的第二段") if name == PATH else data)
    assert home.brings(packed.getvalue(), "all.zip").result == "changed"
    assert home.post.body == "家里的第一段。\n\n档案里的第二段。\n\n第三段。\n" and home.post.guest == "新嘉宾"


def test_what_was_taken_by_somebody_else_or_by_nobody_is_still_to_be_looked_at(home: Home, reviewer: User) -> None:
    assert home.post.present is not None
    data = edited(home.post.present.text.encode(), "第一段", "家里的第一段")
    told = home.brings(data)
    assert (told.result, told.code) == ("held", "start_unknown") and "家里" not in home.post.body
    home.takes()
    assert home.brings(home.takes()).result == "same"


# --- Who may only change posts


def test_a_writer_brings_back_what_she_took_home_as_her_edit(home: Home, reviewer: User) -> None:
    home.is_now(home.stays)
    taken = home.takes()
    reviewing.perform(home.post, "submit", by=person("an", "Writer"))
    assert home.brings(edited(taken, "第一段", "家里的第一段")).result == "changed"
    assert (home.post.body.startswith("家里的第一段"), home.post.state) == (True, "in_review")
    home.stays.groups.add(group_of("Reviewer"))
    with pytest.raises(TransitionRefused):
        reviewing.perform(home.post, "approve", by=User.objects.get(pk=home.stays.pk))
    assert reviewing.perform(home.post, "approve", by=reviewer).state == "approved"


def test_a_writer_brings_nothing_else(home: Home) -> None:
    home.is_now(home.stays)
    data, there = edited(home.post.present.text.encode(), "第一段", "家里的第一段"), home.world.collection
    assert "that you downloaded here" in home.sends(there, ("a.md", data)), "known, but never taken home"
    home.takes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(PATH, data)
    assert "single Markdown files" in home.sends(there, ("all.zip", packed.getvalue()))
    assert "new.md: You may bring back" in home.sends(there, ("a.md", data), ("new.md", data))
    assert not Sync.objects.filter(kind="upload").exists()
    # A file kept while she still might: what it says of paths and beginnings counts for nothing.
    run = Sync.objects.create(collection=there, kind="upload", asked_by=home.stays, asked_at=timezone.now())
    forged = {"src/posts/new.md": data, "../../x.md": data, "src/posts/b.md": data}
    path = Path(settings.MEDIA_ROOT) / "runs" / "forged.zip"
    write_zip(path, ((name, text, home.post.present.blob) for name, text in forged.items()))
    home.world.remote.push("src/posts/b.md", post_text("二", body=BODY))
    home.world.sync("done")
    run.file.name = "runs/forged.zip"
    run.save()
    told = perform_upload(claimed())
    assert set(told.outcomes.values_list("code", flat=True)) <= {"not_taken_home", "path_outside"}
    assert Post.objects.filter(collection=there).count() == 2 and "家里" not in home.post.body


def test_where_she_may_not_be_any_more_nothing_comes_back(home: Home, tmp_path: Path) -> None:
    home.is_now(home.stays)
    file = ("a.md", edited(home.takes(), "第一段", "家里的第一段"))
    other = World(tmp_path, "other")
    other.remote.push(PATH, post_text("别处", body=BODY))
    other.sync("done")
    assert "that you downloaded here" in home.sends(other.collection, file), "the same place in another collection"
    home.sends(home.world.collection, file)
    limit(home.stays, [other.collection], by=person("ada", "Administrator"))
    run = claimed()
    run.asked_by = User.objects.get(pk=home.stays.pk)
    assert perform_upload(run).outcomes.get().code == "not_taken_home", "limited while it waited"
    address = reverse("admin:posts_collection_upload", args=[home.world.collection.pk])
    assert home.client.get(address).status_code == 404
    assert "家里" not in home.post.body + other.post(PATH).body


def test_of_posts_with_one_name_it_is_the_one_that_was_taken_home(home: Home) -> None:
    home.world.remote.push("src/posts/2026/a.md", post_text("同名", body=BODY))
    home.world.sync("done")
    home.is_now(home.stays)
    assert home.brings(edited(home.takes(), "第一段", "家里的第一段")).result == "changed"
    assert "家里" not in home.world.post("src/posts/2026/a.md").body
