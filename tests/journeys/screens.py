"""All screens of the site, over a small world with what a real one has: long titles, many labels, work under way.

One list for `make screens`, which takes their pictures, and for the tests that look at each of them.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from posts import (
    assigning,
    bulk,
    bulk_proposing,
    checking,
    commenting,
    editing,
    replacing,
    reviewing,
    saved_views,
    scheduling,
)
from posts.checks.hits import exchange_of
from posts.illustrating import add_image
from posts.inviting import link_for
from posts.many_proposing import propose_step
from posts.many_running import start_step
from posts.mishearings import remember
from posts.models import Collection, Conflict, Finding, Mishearing, Outcome, Post, PostTemplate, Problem, Sync
from posts.outside_links import make_link
from posts.presences import note_presence
from posts.rehearsing import ask_for_preview, perform_preview
from posts.retagging import propose_approval
from posts.runs import claim
from taxonomy.models import VOCABULARIES, Organisation, Tag
from taxonomy.terms import find_or_create
from tests.posts import quarrels
from tests.posts.pictures import png
from tests.posts.worlds import World, person, post_text

LONG = "美股暴跌与人工智能产业震荡：从量化宽松的退潮到地缘政治的多维透视，普通投资者究竟应当怎样看待这一轮调整"
TITLES = (
    LONG,
    "美联储的两难",
    "黄金还能涨多久？三位分析师的不同回答",
    "台积电财报解读：先进制程的护城河",
    "Why the yen matters, a conversation with Professor 渡边",
    "房地产税的来龙去脉",
)
TAGS = "market-volatility ai-disruption federal-reserve us-china-relations semiconductors quantitative-tightening"
NOWHERE = "/nowhere/"
NOT_FILTERED_BY = "?assignee__password__startswith=a"
LOCKED = "forgetful"
TO_MEND = "src/posts/2025/a-list-written-as-text.md"
BODY = """# 开场

欢迎回到本期节目。**股市**今天大跌，[原文](https://example.org/a)里说得很清楚。

<details><summary>Original</summary>

Some *English* text.

</details>

## 第二部分

- 一是利率
- 二是汇率

| 指标 | 数值 |
| --- | --- |
| 标普 | -3.2% |
"""


def rich(title: str, *, draft: bool = True) -> str:
    """A file with many labels."""
    tags = "".join(f"  - {tag}\n" for tag in TAGS.split())
    text = post_text(title, draft=str(draft).lower(), status="published", body=BODY)
    return text.replace("  - market-volatility\n  - ai-disruption\n", tags).replace(
        "people: []\n",
        "people:\n  - 杰罗姆·鲍威尔\n  - Janet Yellen\nsource: https://www.youtube.com/watch?v=dQw4w9WgXcQ\n",
    )


class Scenery:
    """The world of the screens. `full` takes longer and has each thing there is a page for."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, "xiaocui-finance", media_folder="src/media", media_url="/media/")
        for name in ("Writer", "Reviewer", "Publisher", "Curator", "Administrator"):
            person(name.lower(), name)
        self.writer, self.publisher = (User.objects.get(username=name) for name in ("writer", "publisher"))
        self.boss = User.objects.create_superuser(
            "boss", "boss@example.org", "secret", first_name="欧阳", last_name="主编"
        )
        self._texts()
        self._work()
        self._runs()
        self._rest()
        self._elsewhere(folder)
        for _attempt in range(settings.AXES_FAILURE_LIMIT):
            Client().post(reverse("admin:login"), {"username": LOCKED, "password": "wrong"})

    def post(self, number: int) -> Post:
        """One of the posts."""
        return self.world.post(f"src/posts/2026/2026-02-{number + 1:02}-a-rather-long-name-of-a-file.md")

    def _texts(self) -> None:
        self.world.remote.commit(
            {
                f"src/posts/2026/2026-02-{number + 1:02}-a-rather-long-name-of-a-file.md": rich(
                    TITLES[number % len(TITLES)], draft=number % 3 != 0
                )
                for number in range(12)
            }
            | {"src/posts/bad.md": "---\ntitle: [\n---\n", quarrels.PATH: quarrels.SAMPLE}
            | {TO_MEND: post_text("列表写成了文字").replace("people: []", "people: '[]'")}
        )
        self.world.sync()

    def _work(self) -> None:
        body = BODY.replace("大跌", "大涨，而后回落")
        for number in (0, 1, 2, 3, 4):
            editing.edit(self.post(number), {"summary": "改过的摘要。", "area": "macro"}, body=body, by=self.writer)
        for number in (0, 1, 2, 3):
            reviewing.perform(self.post(number), "submit", by=self.writer)
        reviewing.perform(self.post(2), "request_changes", by=self.publisher, note="请写明数字的出处。")
        reviewing.perform(self.post(3), "approve", by=self.publisher)
        assigning.assign([self.post(5), self.post(7)], self.writer, by=self.publisher)
        scheduling.set_schedule(self.post(3), "publish", timezone.now() + datetime.timedelta(days=2), by=self.publisher)
        for number in (6, 9):
            reviewing.perform(self.post(number), "make_evergreen", by=self.publisher)
        Post.objects.filter(pk=self.post(6).pk).update(review_by=timezone.localdate())
        Post.objects.filter(pk=self.post(0).pk).update(review_due=timezone.localdate() - datetime.timedelta(days=1))
        Post.objects.filter(pk=self.post(10).pk).update(changed_outside_at=timezone.now())
        note_presence(self.post(0), by=self.publisher)

    def _runs(self) -> None:
        self.sync = Sync.objects.order_by("pk").first()
        quarrels.saved(self.world, self.writer, quarrels.OURS)
        quarrels.pushed(self.world, quarrels.THEIRS)
        run = claim(ask_for_preview(self.world.collection, by=self.publisher).pk)
        assert run is not None
        self.preview = perform_preview(run)
        listed = Outcome.objects.filter(sync=self.preview, post=self.post(6)).first()
        self.previewed = [self.preview.pk, listed.pk if listed else 0]
        self.world.sync()
        self.conflict = self.world.post(quarrels.PATH).conflicts.get()

    def _rest(self) -> None:
        curator = User.objects.get(username="curator")
        posts = Post.objects.filter(pk__in=[self.post(number).pk for number in (5, 7, 8, 11)])
        changes = [{"key": "tags", "do": "add", "values": ["fed"]}]
        more = [{"key": "tags", "do": "add", "values": ["央行观察"]}, {"key": "area", "do": "set", "values": ["macro"]}]
        self.proposal = bulk_proposing.propose_fields(posts, more, by=self.boss)
        exchange: dict[str, object] = {"find": "股市", "by": "股票市场", "parts": ["title", "summary", "body"]}
        known = replacing.Known.IN_THE_COLLECTION
        self.replacing = replacing.propose_replacing(Post.objects.all(), exchange, by=self.boss, known=known)
        remember(exchange_of(exchange), self.world.collection, by=self.boss)
        approving = propose_approval(Tag.objects.all(), by=self.boss)
        assert approving is not None
        self.approving = approving
        self.bulk = bulk_proposing.propose_fields(posts, changes, by=curator)
        bulk.start(self.bulk, by=curator)
        self._steps_of_many()
        saved_views.save_view("我的草稿", "state__exact=draft", by=self.boss)
        saved_views.save_view("待审：财经", "state__exact=in_review", shared=True, by=self.boss)
        PostTemplate.objects.create(
            collection=self.world.collection, name="访谈", text="---\ntitle: 访谈\n---\n## 提纲\n"
        )
        add_image(self.world.collection, png("green", (320, 200)), "chart.png", by=self.writer)
        for name, vocabulary in VOCABULARIES.items():
            vocabulary.objects.get_or_create(name=f"术语 {name}", slug=f"term-{name}")
        assigning.assign([self.post(8)], self.boss, by=self.publisher)
        find_or_create(Tag, ["股市", "利率", "汇率", "semiconductor"])
        find_or_create(Organisation, ["标普", "Original"])
        self.world.collection.site_url, self.world.collection.term_urls = "https://example.org", "tags: /tags/{name}/"
        self.world.collection.save()
        checking.catch_up(self.world.collection)
        self._said()
        finding = Finding.objects.filter(post=self.post(0)).order_by("pk")[0]
        self.found = [finding.post_id, finding.pk]

    def _said(self) -> None:
        """Remarks on the first post, and a line in each of Django's own histories."""
        about = commenting.About(quote="一是利率", replacement="一是利率，二是通胀")
        remark = commenting.comment(self.post(0), "", about, by=self.publisher)
        commenting.reply(remark, "好，我核对一下。", by=self.writer)
        settled = commenting.comment(self.post(0), "标题太长。", commenting.About(field="title"), by=self.publisher)
        commenting.resolve(settled, by=self.writer)
        models = (Mishearing, Conflict, Problem, Sync, Collection, User, Group, Tag, Finding)
        for row in (self.bulk, *(model._default_manager.order_by("pk")[0] for model in models)):
            LogEntry.objects.create(
                user=self.boss,
                content_type=ContentType.objects.get_for_model(row),
                object_id=row.pk,
                object_repr=str(row)[:200],
                action_flag=CHANGE,
                change_message=[{"changed": {"fields": ["name"]}}],
            )

    def _steps_of_many(self) -> None:
        """One that is looked at, one that is over, and one that a worker is at."""
        posts = Post.objects.filter(pk__in=[self.post(number).pk for number in (0, 3, 5, 9, 11)])
        self.many = propose_step(posts, "submit", by=self.boss)
        self.many_over, self.many_running = (propose_step(posts, "confirm", by=self.boss) for _ in range(2))
        for step in (self.many_over, self.many_running):
            start_step(step, by=self.boss)
        running = Sync.objects.filter(step_of_many=self.many_running)
        Outcome.objects.filter(sync__in=running, post__in=[self.post(number).pk for number in (0, 3, 11)]).delete()
        running.update(state=Sync.State.RUNNING, done=2, ended_at=None)

    def _elsewhere(self, folder: Path) -> None:
        """A link for somebody without an account, and another collection, whose sync stopped at the brake."""
        last_day = timezone.localdate() + datetime.timedelta(days=7)
        self.link = make_link(self.post(0), "王教授", last_day, may_suggest=True, by=self.writer)[1]
        small = World(folder, "small", brake_deletions=1)
        paths = [f"src/posts/{number}.md" for number in range(2)]
        small.remote.commit({path: post_text(path) for path in paths})
        small.sync("done")
        small.remote.delete(*paths)
        self.braked = small.sync("stopped")


def _open_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#looks-keys")).to_be_visible()


def _open_images(page: Page) -> None:
    page.locator(".eg-media-open").click()
    expect(page.locator(".eg-media-tile").first).to_be_visible()


def _choose_image(page: Page) -> None:
    _open_images(page)
    page.locator(".eg-media-tile").first.click()
    expect(page.locator("#eg-media-alt")).to_be_visible()


def _type_and_ask_what_will_change(page: Page) -> None:
    page.locator("#id_title").fill("另一个题目")
    page.locator("[data-will-change]").click()
    expect(page.locator(".eg-will-change .eg-diff-added").first).to_be_visible()


def _send_without_a_token(page: Page) -> None:
    page.locator("input[name=csrfmiddlewaretoken]").first.evaluate("field => field.remove()")
    _log_in_as(page, "wen")


def _try_the_locked_name(page: Page) -> None:
    _log_in_as(page, LOCKED)


def _log_in_as(page: Page, name: str) -> None:
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill("wrong")
    with page.expect_navigation():
        page.locator("input[name=password]").press("Enter")


@dataclass(frozen=True)
class Screen:
    """One page: its name, the place of it in the world, who looks (nobody without a login).

    `shows` is a selector of what the page is there to show: without it, an empty page would pass for a good one.
    `then` is done on it before it is looked at: something opens, or another page is answered.
    """

    name: str
    address: Callable[[Scenery], str]
    shows: str = ""
    short: bool = False
    logged_in: bool = True
    status: int = 200
    then: Callable[[Page], None] | None = None


def _page(view: str, *args: object) -> Callable[[Scenery], str]:
    return lambda scene: reverse(f"admin:{view}", args=args)


def _of_post(view: str, number: int, *more: object, query: str = "") -> Callable[[Scenery], str]:
    return lambda scene: reverse(f"admin:posts_post_{view}", args=[scene.post(number).pk, *more]) + query


def _of(model: str, view: str, row: Callable[[Scenery], int]) -> Callable[[Scenery], str]:
    return lambda scene: reverse(f"admin:{model}_{view}", args=[row(scene)])


def _plain(name: str) -> Callable[[Scenery], str]:
    return lambda scene: reverse(name)


def _first(model: type[Model]) -> Callable[[Scenery], int]:
    return lambda scene: model._default_manager.order_by("pk").values_list("pk", flat=True)[0]


def _unused(scene: Scenery) -> int:
    """A tag that can be deleted: no post has it."""
    return Tag.objects.get(name="汇率").pk


def _commit(scene: Scenery) -> str:
    commit = scene.world.remote.head()
    return f"{reverse('admin:posts_post_commit')}?id={commit}"


def _to_mend(scene: Scenery) -> str:
    return reverse("admin:posts_post_mend", args=[scene.world.post(TO_MEND).pk, "list_as_text"])


ROW = "#result_list tbody tr"
LINE = "#main table tbody tr"
SCREENS = (
    Screen("home", _page("index"), short=True),
    Screen("posts", _page("posts_post_changelist"), short=True, shows=ROW),
    Screen(
        "posts-filtered",
        lambda scene: reverse("admin:posts_post_changelist") + "?state__exact=in_review&q=美股",
        shows=ROW,
    ),
    Screen("posts-none", lambda scene: reverse("admin:posts_post_changelist") + "?q=没有这样的词"),
    Screen("post", _of_post("change", 0), short=True),
    Screen("post-draft", _of_post("change", 5)),
    Screen("post-new", _page("posts_post_add"), short=True),
    Screen("post-review", _of_post("review", 0), short=True, shows="[data-remark]"),
    Screen("post-review-side", _of_post("review", 0, query="?layout=side")),
    Screen("post-lines", _of_post("lines", 0)),
    Screen("post-history", _of_post("history", 0), short=True, shows=".eg-line-of-time > li"),
    Screen("post-difference", _of_post("difference", 0), shows=".eg-diff"),
    Screen("post-file", _of_post("file", 0), shows=".eg-diff"),
    Screen("post-restore", _of_post("restore", 0, 1), shows=".eg-diff"),
    Screen("post-path", _of_post("move", 5)),
    Screen("post-schedule", _of_post("schedule", 3)),
    Screen("post-review-by", _of_post("review_by", 6)),
    Screen("post-review-due", _of_post("review_due", 0)),
    Screen(
        "post-mend", lambda scene: reverse("admin:posts_post_mend", args=[scene.world.post(TO_MEND).pk, "list_as_text"])
    ),
    Screen("post-step", _of_post("step", 0, "request_changes")),
    Screen("post-fields", _page("posts_post_fields")),
    Screen("post-replace", _page("posts_post_replace")),
    Screen("bulk-hits", _of("posts_bulkstep", "hits", lambda scene: scene.replacing.pk)),
    Screen("mishearings", _page("posts_mishearing_changelist"), shows=ROW),
    Screen("mishearing", _of("posts_mishearing", "change", _first(Mishearing))),
    Screen("mishearing-new", _page("posts_mishearing_add")),
    Screen("mishearing-history", _of("posts_mishearing", "history", _first(Mishearing)), shows=LINE),
    Screen("mishearing-delete", _of("posts_mishearing", "delete", _first(Mishearing))),
    Screen("post-commit", _commit, shows=".rv-found li"),
    Screen("calendar", _page("posts_post_calendar"), short=True),
    Screen("reports", _page("posts_post_reports"), shows=LINE),
    Screen("conflicts", _page("posts_conflict_changelist"), shows=ROW),
    Screen("conflict", _of("posts_conflict", "change", lambda scene: scene.conflict.pk), short=True),
    Screen("conflict-history", _of("posts_conflict", "history", lambda scene: scene.conflict.pk), shows=LINE),
    Screen("problems", _page("posts_problem_changelist"), shows=ROW),
    Screen("problem", _of("posts_problem", "change", _first(Problem))),
    Screen("problem-history", _of("posts_problem", "history", _first(Problem)), shows=LINE),
    Screen("bulk-steps", _page("posts_bulkstep_changelist"), shows=ROW),
    Screen("many-proposal", _of("posts_post", "many", lambda scene: scene.many.pk)),
    Screen("many-running", _of("posts_post", "many", lambda scene: scene.many_running.pk)),
    Screen("many-over", _of("posts_post", "many", lambda scene: scene.many_over.pk)),
    Screen("bulk-proposal", _of("posts_bulkstep", "change", lambda scene: scene.proposal.pk)),
    Screen("bulk-terms", _of("posts_bulkstep", "change", lambda scene: scene.approving.pk)),
    Screen("bulk-step", _of("posts_bulkstep", "change", lambda scene: scene.bulk.pk)),
    Screen("bulk-history", _of("posts_bulkstep", "history", lambda scene: scene.bulk.pk), shows=LINE),
    Screen("syncs", _page("posts_sync_changelist"), shows=ROW),
    Screen("sync", _of("posts_sync", "change", lambda scene: scene.sync.pk)),
    Screen("sync-history", _of("posts_sync", "history", lambda scene: scene.sync.pk), shows=LINE),
    Screen("sync-undo", _of("posts_sync", "undo", lambda scene: scene.sync.pk)),
    Screen("sync-release", _of("posts_sync", "release", lambda scene: scene.braked.pk)),
    Screen("sync-preview", _of("posts_sync", "preview", lambda scene: scene.preview.pk)),
    Screen(
        "sync-preview-file",
        lambda scene: reverse("admin:posts_sync_preview_file", args=scene.previewed),
        shows=".eg-diff",
    ),
    Screen("collections", _page("posts_collection_changelist"), shows=ROW),
    Screen("collection", _of("posts_collection", "change", _first(Collection)), short=True),
    Screen("collection-practice", _page("posts_collection_practice")),
    Screen("collection-new", _page("posts_collection_add")),
    Screen("collection-history", _of("posts_collection", "history", _first(Collection)), shows=LINE),
    Screen("collection-upload", _of("posts_collection", "upload", _first(Collection))),
    Screen("users", _page("auth_user_changelist"), shows=ROW),
    Screen("user", _of("auth_user", "change", _first(User))),
    Screen("user-new", _page("auth_user_add")),
    Screen("user-invite", _page("auth_user_invite")),
    Screen("user-history", _of("auth_user", "history", _first(User)), shows=LINE),
    Screen("user-password", _of("auth_user", "password_change", _first(User))),
    Screen("user-hand-over", _of("auth_user", "hand_over", _first(User))),
    Screen("roles", _page("auth_group_changelist"), shows=ROW),
    Screen("role", _of("auth_group", "change", _first(Group))),
    Screen("role-new", _page("auth_group_add")),
    Screen("role-history", _of("auth_group", "history", _first(Group)), shows=LINE),
    Screen("terms", _page("taxonomy_tag_changelist"), shows=ROW),
    Screen("term", _of("taxonomy_tag", "change", _first(Tag))),
    Screen("term-new", _page("taxonomy_tag_add")),
    Screen("term-history", _of("taxonomy_tag", "history", _first(Tag)), shows=LINE),
    Screen("term-delete", _of("taxonomy_tag", "delete", _unused), shows="#main form input[name=post]"),
    Screen("term-duplicates", _page("taxonomy_tag_duplicates"), shows=".eg-duplicate-names"),
    Screen("terms-ordered", _page("taxonomy_category_changelist"), shows=ROW),
    Screen("terms-order", _page("taxonomy_area_order"), shows="#main li"),
    Screen("terms-bring-in", _page("taxonomy_organisation_bring_in")),
    Screen("suggested-many", _page("posts_post_suggested"), shows="#main [name=term]"),
    Screen("unmentioned-many", _page("posts_post_unmentioned"), shows="#main [name=term]"),
    Screen("findings-mend", _page("posts_post_mend_many"), shows="#main form [name=code]"),
    Screen("findings", _page("posts_finding_changelist"), shows=ROW),
    Screen("finding-history", _of("posts_finding", "history", _first(Finding)), shows=LINE),
    Screen("post-findings", _of_post("findings", 0), short=True, shows=".ck-findings li"),
    Screen("finding-dismiss", lambda scene: reverse("admin:posts_post_dismiss", args=scene.found)),
    Screen("post-remarks", _of_post("comments", 0), short=True, shows="[data-remark]"),
    Screen("models", lambda scene: reverse("admin:app_list", args=["posts"])),
    Screen("my-settings", _plain("my_settings"), short=True),
    Screen("my-notices", _plain("my_notices"), shows="#main [name=notice]"),
    Screen("my-hand-over", _plain("my_hand_over")),
    Screen("my-password", _page("password_change")),
    Screen("my-password-done", _page("password_change_done")),
    Screen("not-found", lambda scene: reverse("admin:index") + "nowhere/", short=True, status=404),
    Screen("keys", _page("index"), short=True, then=_open_keys),
    Screen("post-images", _of_post("change", 5), then=_open_images),
    Screen("post-image", _of_post("change", 5), then=_choose_image),
    Screen("post-new-will-change", _page("posts_post_add"), then=_type_and_ask_what_will_change),
    Screen("post-will-change", _of_post("change", 5), short=True, then=_type_and_ask_what_will_change),
    Screen(
        "not-understood",
        lambda scene: reverse("admin:posts_post_changelist") + NOT_FILTERED_BY,
        status=400,
    ),
    Screen("not-found-alone", lambda scene: NOWHERE, short=True, logged_in=False, status=404),
    Screen("too-old-to-be-sent", _page("login"), logged_in=False, then=_send_without_a_token),
    Screen("login-locked", _page("login"), logged_in=False, then=_try_the_locked_name),
    Screen("outside-refused", lambda scene: reverse("outside", args=["withdrawn"]), logged_in=False, status=404),
    Screen("outside", lambda scene: reverse("outside", args=[scene.link]), logged_in=False),
    Screen("login", _page("login"), logged_in=False),
    Screen("password-forgotten", _plain("admin_password_reset"), logged_in=False),
    Screen("password-sent", _plain("password_reset_done"), logged_in=False),
    Screen("password-choose", lambda scene: urlsplit(link_for(scene.writer)).path, logged_in=False),
    Screen("password-chosen", _plain("password_reset_complete"), logged_in=False),
)
SHORT = tuple(screen for screen in SCREENS if screen.short)
# Answers that no one opens as a page: parts of one, data, files.
PARTS = {
    "admin/autocomplete/",
    "admin/r/<path:content_type_id>/<path:object_id>/",
    "admin/posts/collection/<int:pk>/images/file/",
    "admin/posts/collection/<int:pk>/images/small/",
    "admin/taxonomy/*/table/",
    "admin/posts/post/<int:post_id>/revision/<int:number>/file/",
    "admin/jsi18n/",
    "admin/posts/bulkstep/<int:pk>/hits/counted/",
    "admin/search/",
    "admin/posts/collection/<int:pk>/images/",
    "admin/posts/collection/<int:pk>/images/used/",
    "admin/posts/post/find/",
    "admin/posts/post/<int:post_id>/comments/people/",
    "admin/posts/post/new/path/",
    "admin/posts/post/suggest/<slug:vocabulary>/",
    "admin/posts/sync/<int:pk>/file/",
    "admin/posts/sync/<int:pk>/progress/",
    "outside/<str:token>/image/",
    "preview/<int:collection>/frame/",
    "preview/<int:collection>/style.css",
}


def enter(page: Page, live_server: LiveServer, who: User, language: str = "en") -> None:
    """Come in as `who`, without the login page, reading `language`."""
    client = Client()
    client.force_login(who)
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": language}
    page.context.add_cookies([{"name": name, "value": told, "url": live_server.url} for name, told in cookies.items()])


def leave(page: Page) -> None:
    """Nobody any more."""
    page.context.clear_cookies(name="sessionid")
