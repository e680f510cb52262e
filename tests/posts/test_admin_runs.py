"""Collections, runs, problems and conflicts in the admin: who may, what happens, and how it is said."""

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from posts import editing
from posts.archives import MANIFEST
from posts.models import Collection, Conflict, Outcome, Post, Problem, Sync
from posts.runs import claim
from posts.transfers import perform_download, perform_upload
from posts.wording import worded
from tests.posts.worlds import World, person, post_text

LogIn = Callable[..., Client]
PATH = "src/posts/a.md"


@pytest.fixture
def log_in(db: None) -> LogIn:
    """A browser in which somebody with these roles is logged in."""

    def logged_in(*roles: str) -> Client:
        client = Client()
        client.force_login(person("-".join(roles).lower() or "nobody", *roles))
        return client

    return logged_in


@pytest.fixture
def site(world: World) -> World:
    """A collection with one post, synced."""
    world.remote.push(PATH, post_text())
    world.sync("done")
    return world


def words(response: HttpResponse) -> str:
    """What was told to the person by messages."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def page(response: HttpResponse) -> str:
    """The text of a page that came out right."""
    assert response.status_code == 200
    return response.content.decode()


def zipped(files: dict[str, str]) -> bytes:
    """A zip of `files`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return target.getvalue()


def worked(run: Sync) -> Sync:
    """`run` after a worker did it."""
    claimed = claim(run.pk)
    assert claimed is not None
    return perform_download(claimed) if run.kind == Sync.Kind.DOWNLOAD else perform_upload(claimed)


# --- Collections


def test_the_list_shows_how_each_collection_is_without_a_query_for_each(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    Problem.objects.create(collection=site.collection, path="x.md", code="nul", blocks=True)
    with CaptureQueriesContext(
        connection,
    ) as few:
        text = page(client.get(reverse("admin:posts_collection_changelist")))
    assert site.remote.url in text and "done" in text
    for number in range(20):
        other = Collection.objects.create(name=f"other-{number}", url=f"/srv/{number}.git")
        Sync.objects.create(collection=other, asked_at=timezone.now())
    with CaptureQueriesContext(connection) as many:
        page(client.get(reverse("admin:posts_collection_changelist")))
    assert len(many) == len(few)


def collection_form(url: str, **changes: object) -> dict[str, object]:
    return {
        "name": "new",
        "url": url,
        "branch": "main",
        "globs": "src/posts/**/*.md",
        "second_eyes": "before",
        "aliases": "keep",
        "review_months": 12,
        "sync_minutes": 5,
        "machine_authors": "",
        "brake_files": 200,
        "brake_deletions": 20,
        "slugs": "pinyin",
        "required_keys": "title",
        "longest_title": 80,
        "longest_summary": 500,
        "blocks_from": "breaks",
        "templates-TOTAL_FORMS": 0,
        "templates-INITIAL_FORMS": 0,
        **changes,
    }


def test_nobody_lists_the_address_of_a_person_as_a_machines(site: World, log_in: LogIn) -> None:
    client = log_in("Administrator", "Reviewer")
    address = reverse("admin:posts_collection_change", args=[site.collection.pk])
    User.objects.create_user("gone", "gone@example.org", is_active=False)
    listed = ("ADMINISTRATOR-reviewer@example.org", f"Gone@{settings.NO_REPLY_DOMAIN}", "gone@example.org")
    for person_address in listed:
        sent = collection_form(site.remote.url, machine_authors=f"pipeline@example.org\n {person_address} ")
        errors = client.post(address, sent).context["adminform"].form.errors
        assert list(errors) == ["machine_authors"] and person_address.lower() in str(errors)
    site.collection.refresh_from_db()
    assert site.collection.machine_authors == ""
    sent = collection_form(site.remote.url, machine_authors="pipeline@example.org")
    assert client.post(address, sent).status_code == 302
    site.collection.refresh_from_db()
    assert site.collection.machine_authors == "pipeline@example.org"


def test_connecting_asks_for_the_first_sync_and_says_that_the_repository_was_reached(
    site: World, log_in: LogIn, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    other = World(tmp_path, "other")
    other.remote.push(PATH, post_text())
    other.collection.delete()
    with django_capture_on_commit_callbacks(execute=True):
        response = log_in("Administrator").post(
            reverse("admin:posts_collection_add"), collection_form(other.remote.url)
        )
    assert response.status_code == 302
    assert "was reached" in words(response)
    run = Sync.objects.get(collection__name="new")
    assert (run.state, run.asked_by.username) == ("waiting", "administrator")


def test_an_unreachable_repository_is_saved_with_a_warning_and_gits_words_folded_away(
    log_in: LogIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = log_in("Administrator").post(
            reverse("admin:posts_collection_add"), collection_form("/nowhere/<b>.git")
        )
    assert Collection.objects.filter(name="new").exists()
    told = words(response)
    assert "<details" in told and "<b>" not in told


@pytest.mark.parametrize(
    "url", ["ext::sh -c id", "-upload-pack=id", "https://user:secret@example.org/x.git", "http://example.org/x.git"]
)
def test_an_address_that_git_may_not_be_given_is_refused_on_the_form(url: str, log_in: LogIn) -> None:
    response = log_in("Administrator").post(reverse("admin:posts_collection_add"), collection_form(url))
    assert "not allowed" in page(response)
    assert not Collection.objects.exists()


def test_saving_other_settings_does_not_ask_the_remote(
    site: World, log_in: LogIn, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    address = reverse("admin:posts_collection_change", args=[site.collection.pk])
    with django_capture_on_commit_callbacks(execute=True):
        form = collection_form(site.collection.url, name="site", review_months=6)
        response = log_in("Administrator").post(address, form)
    assert response.status_code == 302 and "reached" not in words(response)
    site.collection.refresh_from_db()
    assert site.collection.review_months == 6


def test_a_collection_with_posts_cannot_be_deleted(site: World, world: World, admin_client: Client) -> None:
    address = reverse("admin:posts_collection_delete", args=[site.collection.pk])
    assert admin_client.post(address, {"post": "yes"}).status_code == 403
    empty = Collection.objects.create(name="empty", url="/srv/empty.git")
    answer = admin_client.post(reverse("admin:posts_collection_delete", args=[empty.pk]), {"post": "yes"})
    assert answer.status_code == 302 and not Collection.objects.filter(pk=empty.pk).exists()


BUTTONS = {
    "posts_collection_test": {"Administrator"},
    "posts_collection_sync": {"Publisher", "Administrator"},
    "posts_collection_download": {"Publisher", "Administrator"},
}


@pytest.mark.parametrize("name", BUTTONS)
@pytest.mark.parametrize("role", ["", "Writer", "Reviewer", "Publisher", "Curator", "Administrator"])
def test_the_buttons_are_for_those_who_may_and_never_work_by_a_link(
    name: str, role: str, site: World, log_in: LogIn
) -> None:
    client = log_in(*([role] if role else []))
    address = reverse(f"admin:{name}", args=[site.collection.pk])
    before = Sync.objects.count()
    assert client.get(address).status_code == 405
    assert client.post(address).status_code == (302 if role in BUTTONS[name] else 403)
    if role not in BUTTONS[name]:
        assert Sync.objects.count() == before


def test_the_test_of_a_connection_says_what_came_of_it(site: World, log_in: LogIn) -> None:
    client = log_in("Administrator")
    address = reverse("admin:posts_collection_test", args=[site.collection.pk])
    assert site.remote.head()[:8] in words(client.post(address))
    Collection.objects.update(url="/nowhere.git")
    assert "What git said" in words(client.post(address))


def test_the_page_offers_what_this_person_may_and_never_the_place_of_the_mirror(
    site: World, log_in: LogIn, settings: Settings
) -> None:
    address = reverse("admin:posts_collection_change", args=[site.collection.pk])
    writer, publisher, administrator = (
        page(log_in(role).get(address)) for role in ("Writer", "Publisher", "Administrator")
    )
    assert "Sync now" not in writer and "Test the connection" not in writer
    assert "Upload posts" in publisher and "Test the connection" not in publisher
    assert "Test the connection" in administrator and "Upload posts" not in administrator
    assert str(settings.VAR_DIR / "mirrors") not in writer + publisher + administrator


def test_syncing_twice_shows_the_run_that_waits_already(site: World, log_in: LogIn) -> None:
    client = log_in("Publisher")
    address = reverse("admin:posts_collection_sync", args=[site.collection.pk])
    first, second = client.post(address), client.post(address)
    assert first["Location"] == second["Location"]
    assert Sync.objects.filter(state="waiting").count() == 1


# --- Upload


def upload(client: Client, world: World, *files: tuple[str, bytes], folder: str = "src/posts") -> HttpResponse:
    return client.post(
        reverse("admin:posts_collection_upload", args=[world.collection.pk]),
        {"chosen": [SimpleUploadedFile(name, data) for name, data in files], "folder": folder},
    )


@pytest.mark.parametrize("role", ["", "Administrator"])
def test_uploading_takes_the_permission_to_change_posts(role: str, site: World, log_in: LogIn) -> None:
    client = log_in(*([role] if role else []))
    assert client.get(reverse("admin:posts_collection_upload", args=[site.collection.pk])).status_code == 403
    assert upload(client, site, ("b.md", post_text("新").encode())).status_code == 403
    assert not Sync.objects.filter(kind="upload").exists()


def test_markdown_files_go_into_the_folder_or_to_the_post_that_has_the_name(site: World, log_in: LogIn) -> None:
    client = log_in("Publisher")
    assert 'value="src/posts"' in page(client.get(reverse("admin:posts_collection_upload", args=[site.collection.pk])))
    changed = post_text("改过的").encode()
    response = upload(client, site, ("b.md", post_text("新").encode()), ("a.md", changed), folder="/src/posts/2026/")
    run = Sync.objects.get(kind="upload")
    assert response["Location"] == reverse("admin:posts_sync_change", args=[run.pk])
    run = worked(run)
    outcomes = site.outcomes(run)
    assert outcomes == {"src/posts/2026/b.md": "new", PATH: "held"}
    assert Post.objects.get(path="src/posts/2026/b.md").state == "draft"
    assert site.post(PATH).title == "美股暴跌"
    report = page(client.get(response["Location"]))
    assert worded("start_unknown") in report
    assert reverse("admin:posts_post_change", args=[site.post(PATH).pk]) in report


def test_each_zip_is_a_run_of_its_own(site: World, log_in: LogIn) -> None:
    one, two = (zipped({f"src/posts/{name}.md": post_text(name)}) for name in ("c", "d"))
    # What it is, its content says.
    response = upload(log_in("Publisher"), site, ("one.zip", one), ("two.md", two), ("e.md", post_text("e").encode()))
    assert response["Location"].startswith(reverse("admin:posts_sync_changelist"))
    runs = list(Sync.objects.filter(kind="upload"))
    assert len(runs) == 3 and all(worked(run).state == "done" for run in runs)
    assert Post.objects.filter(path__in=[f"src/posts/{name}.md" for name in "cde"]).count() == 3


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("x.txt", b"text", "upload_type"),
        ("x.zip", b"no zip at all", "upload_type"),
        ("x.exe", b"MZ\x90\0", "upload_type"),
        ("x.md", "正文".encode("gb18030"), "not_utf8"),
        ("x.md", b"---\na: b\0\n---\n", "nul"),
    ],
)
def test_other_files_are_refused_in_words_and_nothing_is_kept(
    name: str, data: bytes, code: str, site: World, log_in: LogIn, settings: Settings
) -> None:
    response = upload(log_in("Publisher"), site, ("good.md", post_text().encode()), (name, data))
    text = page(response)
    assert worded(code) in text and name in text
    assert not Sync.objects.filter(kind="upload").exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_too_much_at_once_is_refused(site: World, log_in: LogIn, settings: Settings) -> None:
    settings.MAX_UPLOAD = 100
    assert worded("upload_too_large", {"megabytes": 0}) in page(upload(log_in("Publisher"), site, ("a.md", b"x" * 101)))


def test_no_file_is_a_mistake_that_the_form_names(site: World, log_in: LogIn) -> None:
    assert "required" in page(upload(log_in("Publisher"), site))


# --- Runs


def run_of(world: World, **facts: object) -> Sync:
    return Sync.objects.create(collection=world.collection, asked_at=timezone.now(), **facts)


def test_the_list_counts_the_files_of_a_page_of_runs_in_one_query(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    address = reverse("admin:posts_sync_changelist")
    with CaptureQueriesContext(connection) as few:
        page(client.get(address))
    for number in range(10):
        run = run_of(site, state="done")
        Outcome.objects.create(sync=run, path=f"{number}.md", result="sent")
    with CaptureQueriesContext(connection) as many:
        assert "sent <b>1</b>" in page(client.get(address))
    assert len(many) == len(few)


@pytest.mark.parametrize("name", ["changelist", "change", "progress"])
def test_runs_are_seen_with_view_sync_only(name: str, site: World, log_in: LogIn) -> None:
    run = Sync.objects.get()
    address = reverse(f"admin:posts_sync_{name}", args=[] if name == "changelist" else [run.pk])
    assert log_in().get(address).status_code == 403
    assert log_in("Writer").get(address).status_code == 200
    assert Client().get(address).status_code == 302


def test_nobody_adds_changes_or_deletes_a_run(site: World, admin_client: Client) -> None:
    run = Sync.objects.get()
    assert admin_client.post(reverse("admin:posts_sync_add")).status_code == 403
    assert admin_client.post(reverse("admin:posts_sync_change", args=[run.pk])).status_code == 405
    assert admin_client.post(reverse("admin:posts_sync_delete", args=[run.pk]), {"post": "yes"}).status_code == 403


def test_the_progress_tells_how_far_it_is_in_the_readers_language(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    started = timezone.now() - datetime.timedelta(seconds=30)
    steps = [
        {"step": "fetch", "at": started.isoformat(), "done": 0},
        {"step": "import", "at": (started + datetime.timedelta(seconds=7)).isoformat(), "done": 0},
    ]
    run = run_of(site, state="running", step="import", done=30, total=120, stop_requested=True, steps=steps)
    address = reverse("admin:posts_sync_progress", args=[run.pk])
    told = client.get(address).json()
    took = told.pop("took")
    assert (took["fetch"], took["export"]) == ("7 seconds", "")
    assert took["import"].endswith("seconds")
    assert told == {
        "state": "running",
        "label": "running",
        "unfinished": True,
        "stopping": True,
        "steps": {"fetch": "done", "import": "now", "export": "ahead"},
        "done": 30,
        "total": 120,
        "percent": 25,
    }
    assert client.get(address)["Cache-Control"].startswith("max-age=0")
    Sync.objects.filter(pk=run.pk).update(state="done", total=None)
    assert client.get(address).json()["unfinished"] is False


def test_a_run_at_work_has_its_bar_and_its_script_and_one_that_is_over_has_neither(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    over = page(client.get(reverse("admin:posts_sync_change", args=[Sync.objects.get().pk])))
    assert "data-progress" not in over and "runs.js" not in over
    run = run_of(site, state="running", step="fetch")
    at_work = page(client.get(reverse("admin:posts_sync_change", args=[run.pk])))
    assert "data-progress" in at_work and "runs.js" in at_work and "is-unknown" in at_work
    assert reverse("admin:posts_sync_stop", args=[run.pk]) not in at_work


@pytest.mark.parametrize("role", ["Writer", "Curator"])
def test_stopping_is_for_those_who_may_sync(role: str, site: World, log_in: LogIn) -> None:
    run = run_of(site, state="running")
    assert log_in(role).post(reverse("admin:posts_sync_stop", args=[run.pk])).status_code == 403
    run.refresh_from_db()
    assert not run.stop_requested


def test_a_run_that_waits_stops_at_once_and_one_at_work_is_asked_to(site: World, log_in: LogIn) -> None:
    client = log_in("Publisher")
    waits, works = run_of(site), run_of(site, state="running")
    for run in (waits, works):
        address = reverse("admin:posts_sync_stop", args=[run.pk])
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 302
        run.refresh_from_db()
    assert waits.state == "stopped"
    assert works.state == "running" and works.stop_requested
    # Asked already: the button is gone, the words stay.
    text = page(client.get(reverse("admin:posts_sync_change", args=[works.pk])))
    assert reverse("admin:posts_sync_stop", args=[works.pk]) not in text


def test_the_files_of_a_run_are_filtered_paged_and_worded(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    run = run_of(site, state="partly")
    post = site.post(PATH)
    Outcome.objects.bulk_create(
        [Outcome(sync=run, post=post, path=f"src/posts/{number:03}.md", result="new") for number in range(150)]
        + [Outcome(sync=run, path="<i>bad</i>.md", result="problem", code="not_utf8", facts={"line": 7})]
    )
    address = reverse("admin:posts_sync_change", args=[run.pk])
    text = page(client.get(address))
    assert text.index(worded("not_utf8")) < text.index("src/posts/000.md"), "what asks for attention comes first"
    assert "&lt;i&gt;bad&lt;/i&gt;.md" in text and ":7" in text and "<i>bad" not in text
    assert "src/posts/098.md" in text and "src/posts/099.md" not in text
    assert "src/posts/149.md" in page(client.get(address, {"page": "2"}))
    assert "src/posts" not in page(client.get(address, {"result": "problem"}))
    for odd in ({"page": "x"}, {"page": "99"}, {"result": "nonsense"}):
        page(client.get(address, odd))


def test_a_run_that_is_over_shows_its_steps_with_their_times(site: World, log_in: LogIn) -> None:
    client = log_in("Writer")
    start = timezone.now()
    times = [("wait", 0, 0), ("fetch", 4, 0), ("import", 6, 12), ("fetch", 9, 0)]
    steps = [
        {"step": step, "at": (start + datetime.timedelta(seconds=at)).isoformat(), "done": done}
        for step, at, done in times
    ]
    ended = start + datetime.timedelta(seconds=10)
    run = run_of(site, state="done", started_at=start, ended_at=ended, steps=steps, step="fetch")
    text = page(client.get(reverse("admin:posts_sync_change", args=[run.pk])))
    assert "Everything went through." in text
    shown = " ".join(text.partition('desk-times">')[2].partition("</ol>")[0].split())
    assert re.findall(r"<li>(.*?) <span class=\"desk-dim\"><time [^>]+>[\d:]+</time> · (.*?)</span>", shown) == [
        ("Wait for another sync to end", "4 seconds"),
        ("Fetch from the repository", "3 seconds"),
        ("Bring in what changed there", "3 seconds · 12 files"),
    ]


@pytest.mark.parametrize(
    ("code", "publisher", "administrator"),
    [
        ("unreachable", {"sync"}, {"sync", "settings"}),
        ("push_rejected", {"sync"}, {"sync"}),
        ("branch_missing", {"sync"}, {"sync", "settings"}),
        ("brake", {"sync", "release"}, {"sync"}),
    ],
)
def test_the_remedy_is_a_button_for_those_who_may(
    code: str, publisher: set[str], administrator: set[str], site: World, log_in: LogIn
) -> None:
    head = Collection.objects.get().head
    state = "stopped" if code == "brake" else "failed"
    run = run_of(site, state=state, error_code=code, before=head, after="f" * 40, ended_at=timezone.now())
    offered = {
        "sync": f'action="{reverse("admin:posts_collection_sync", args=[site.collection.pk])}"',
        "settings": f'class="desk-button" href="{reverse("admin:posts_collection_change", args=[site.collection.pk])}"',
        "release": f'href="{reverse("admin:posts_sync_release", args=[run.pk])}"',
    }
    for role, expected in {"Writer": set(), "Publisher": publisher, "Administrator": administrator}.items():
        text = page(log_in(role).get(reverse("admin:posts_sync_change", args=[run.pk])))
        assert {name for name, told in offered.items() if told in text} == expected, role


def test_a_run_with_problems_leads_to_them(site: World, log_in: LogIn) -> None:
    site.remote.push("src/posts/bad.md", "---\ntitle: [\n---\n")
    run = site.sync("partly")
    text = page(log_in("Writer").get(reverse("admin:posts_sync_change", args=[run.pk])))
    assert f"{reverse('admin:posts_problem_changelist')}?collection__id__exact={site.collection.pk}" in text
    assert "they wait for somebody" in text


def test_a_failure_is_told_in_plain_words_with_gits_own_escaped_and_folded_away(site: World, log_in: LogIn) -> None:
    run = run_of(site, state="failed", error_code="unreachable", error_facts={"words": "fatal: <script>x</script>"})
    text = page(log_in("Writer").get(reverse("admin:posts_sync_change", args=[run.pk])))
    assert worded("unreachable") in text and "&lt;script&gt;x" in text and "<script>x" not in text


# --- Downloads


def test_a_download_is_the_askers_or_a_publishers(site: World, log_in: LogIn) -> None:
    asker = log_in("Administrator")
    response = asker.post(reverse("admin:posts_collection_download", args=[site.collection.pk]))
    run = Sync.objects.get(kind="download")
    address = reverse("admin:posts_sync_file", args=[run.pk])
    assert asker.get(address).status_code == 404, "not packed yet"
    assert worked(run).state == "done"
    assert "Save the zip" in page(asker.get(response["Location"]))

    for role, expected in (("Writer", 403), ("Curator", 403), ("Publisher", 200)):
        assert log_in(role).get(address).status_code == expected
    other = Client()
    other.force_login(person("other", "Administrator"))
    assert other.get(address).status_code == 403
    assert "Only who asked" in page(other.get(response["Location"]))

    answer = asker.get(address)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="site-')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert set(archive.namelist()) == {PATH, MANIFEST}
        assert archive.read(PATH).decode() == post_text()
    assert asker.post(address).status_code == 405


def test_what_was_uploaded_is_never_handed_out(site: World, log_in: LogIn) -> None:
    run = run_of(site, kind="upload", state="done")
    run.file.save("x.zip", ContentFile(b"PK\3\4"))
    assert log_in("Publisher").get(reverse("admin:posts_sync_file", args=[run.pk])).status_code == 404


def test_a_zip_that_is_gone_is_not_found(site: World, log_in: LogIn) -> None:
    run = run_of(site, kind="download", state="done", file="runs/gone.zip")
    assert log_in("Publisher").get(reverse("admin:posts_sync_file", args=[run.pk])).status_code == 404


# --- Problems and conflicts


@pytest.fixture
def conflict(site: World, writer: User) -> Conflict:
    """The title changed here and, differently, in git."""
    editing.edit(site.post(PATH), {"title": "这里的"}, by=writer)
    site.remote.push(PATH, post_text("<b>别处的</b>"), author=("管道", "pipe@example.org"))
    site.sync("partly")
    return Conflict.objects.get()


@pytest.mark.parametrize("kind", [kind for kind in Conflict.Kind.values if kind != "form"])
def test_every_kind_of_conflict_has_its_page_though_texts_are_missing(
    kind: str, conflict: Conflict, log_in: LogIn
) -> None:
    Conflict.objects.update(kind=kind, theirs=None, base=None)
    page(log_in("Writer").get(reverse("admin:posts_conflict_change", args=[conflict.pk])))


def test_the_list_of_conflicts_shows_the_open_ones(conflict: Conflict, log_in: LogIn) -> None:
    client = log_in("Writer")
    address = reverse("admin:posts_conflict_changelist")
    assert "这里的" in page(client.get(address))
    assert "这里的" in page(client.get(address, {"post__collection__id__exact": conflict.post.collection_id}))
    Conflict.objects.update(settled_at=timezone.now())
    assert "这里的" not in page(client.get(address))
    assert "这里的" in page(client.get(address, {"settled": "yes"}))


@pytest.mark.parametrize("model", ["problem", "conflict"])
def test_problems_and_conflicts_are_only_read(
    model: str, conflict: Conflict, log_in: LogIn, admin_client: Client
) -> None:
    Problem.objects.create(collection=conflict.post.collection, path="x.md", code="nul")
    pk = (Problem if model == "problem" else Conflict).objects.get().pk
    assert admin_client.post(reverse(f"admin:posts_{model}_add")).status_code == 403
    # A conflict is settled on its page, by answers that this one does not give.
    assert admin_client.post(reverse(f"admin:posts_{model}_change", args=[pk])).status_code in (403, 405, 409)
    assert admin_client.post(reverse(f"admin:posts_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert log_in().get(reverse(f"admin:posts_{model}_changelist")).status_code == 403


def test_problems_are_worded_linked_and_filtered(site: World, log_in: LogIn) -> None:
    post = site.post(PATH)
    Problem.objects.create(
        collection=site.collection,
        post=post,
        path=PATH,
        code="list_as_text",
        key="people",
        line=12,
        facts={"value": "<[]>"},
    )
    Problem.objects.create(collection=site.collection, path="src/posts/bad.md", code="not_utf8", line=3, blocks=True)
    client = log_in("Writer")
    address = reverse("admin:posts_problem_changelist")
    text = page(client.get(address))
    assert escape(worded("list_as_text", {"value": "<[]>"})) in text and "<[]>" not in text
    assert f"{PATH}:12" in text and reverse("admin:posts_post_change", args=[post.pk]) in text
    assert "list written as text" in text, "the filter has it in short"
    for chosen in ({"code": "not_utf8"}, {"blocks": "yes"}, {"q": "bad.md"}):
        found = page(client.get(address, chosen))
        assert "src/posts/bad.md:3" in found and f"{PATH}:12" not in found
    page(client.get(reverse("admin:posts_problem_change", args=[Problem.objects.first().pk])))
