"""Where a post is on the site: which patterns are taken, and what they become."""

import datetime

import pytest
from django.test import Client

from posts.models import Collection
from posts.site_addresses import PARTS, address_on_site, is_site, why_bad_pattern
from tests.posts.worlds import World, person

SITE = "https://example.org"
PATH = "src/posts/2026/2026-02-13-market-selloff.md"
DAY = datetime.date(2026, 2, 3)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/{stem}/", "/2026-02-13-market-selloff/"),
        ("/{slug}/", "/market-selloff/"),
        ("/{year}/{slug}/", "/2026/market-selloff/"),
        ("/{year}/{month}/{day}/{slug}.html", "/2026/02/03/market-selloff.html"),
        ("/{folder}/{slug}", "/2026/market-selloff"),
        ("/{path}/", "/src/posts/2026/2026-02-13-market-selloff/"),
        ("/posts/{stem}{stem}/", "/posts/2026-02-13-market-selloff2026-02-13-market-selloff/"),
        ("/文章/{slug}/", "/%E6%96%87%E7%AB%A0/market-selloff/"),
        ("/?post={slug}#top", "/?post=market-selloff#top"),
    ],
)
def test_a_pattern_becomes_an_address(pattern: str, expected: str) -> None:
    assert why_bad_pattern(pattern) is None
    assert address_on_site(SITE, pattern, PATH, DAY) == SITE + expected
    assert address_on_site(f"{SITE}/blog/", pattern, PATH, DAY) == f"{SITE}/blog{expected}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b.md", "/a%20b/"),
        ("深度 报告.md", "/%E6%B7%B1%E5%BA%A6%20%E6%8A%A5%E5%91%8A/"),
        ('"><script>.md', "/%22%3E%3Cscript%3E/"),
        ("a?b#c%2e&d.md", "/a%3Fb%23c%252e%26d/"),
        ("{year}.md", "/%7Byear%7D/"),
        ("2026-02-13-.md", "/2026-02-13-/"),
        ("2026-02-13.md", "/2026-02-13/"),
        ("a.b.md", "/a.b/"),
        (".md", "/.md/"),
    ],
)
def test_a_name_goes_into_it_as_one_step_whatever_it_holds(path: str, expected: str) -> None:
    assert address_on_site(SITE, "/{slug}/", path, None) == SITE + expected


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{stem}/", "start"),
        (".evil.example/{stem}", "start"),
        ("@evil.example/{stem}", "start"),
        ("/{title}/", "title"),
        ("/{stem!r}/", "stem!r"),
        ("/{stem.__class__}/", "stem.__class__"),
        ("/{stem:>9}/", "stem:>9"),
        ("/{}/", "braces"),
        ("/{stem/", "braces"),
        ("/stem}/", "braces"),
        ("/{{stem}}/", "braces"),
        ("/{stem} /", "braces"),
        ("/{stem}\\", "braces"),
        ("/{stem}\n", "braces"),
        ("/about/", "nameless"),
        ("/{year}/", "nameless"),
    ],
)
def test_a_pattern_that_is_none_is_refused_and_never_becomes_an_address(pattern: str, why: str) -> None:
    assert why_bad_pattern(pattern) == why
    assert address_on_site(SITE, pattern, PATH, DAY) == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "javascript:alert(1)//",
        "ftp://example.org",
        "data:text/html,x",
        "//example.org",
        "https://",
        "https:/example.org",
        "https://user:secret@example.org",
        "https://example.org/?a=",
        "https://example.org/#",
        "https://[",
    ],
)
def test_no_other_address_than_one_of_the_web_stands_before_it(url: str) -> None:
    assert not is_site(url)
    assert address_on_site(url, "/{stem}/", PATH, DAY) == ""


def test_without_a_date_a_pattern_that_needs_one_gives_no_address() -> None:
    assert address_on_site(SITE, "/{year}/{slug}/", PATH, None) == ""
    assert address_on_site(SITE, "", PATH, DAY) == ""


# --- The form


def sent(client: Client, collection: Collection, **changes: str) -> str:
    """The page after the form of `collection` was sent with `changes`; empty if it was taken."""
    address = f"/admin/posts/collection/{collection.pk}/change/"
    form = client.get(address).context["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items()}
    values = {name: value for name, value in values.items() if value is not False}
    templates = {"templates-TOTAL_FORMS": "0", "templates-INITIAL_FORMS": "0"}
    answer = client.post(address, {**values, **templates, **changes})
    return answer.content.decode() if answer.status_code == 200 else ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"post_url": "/{title}/"}, "“{title}” is no part of a post&#x27;s path. There are: {path}"),
        ({"post_url": "{stem}"}, "so it must begin with /"),
        ({"post_url": "/{stem"}, "The braces do not match"),
        ({"post_url": "/about/"}, "All posts would have this address"),
        ({"site_url": "ftp://example.org"}, "begins with https://"),
        ({"site_url": "https://me:secret@example.org"}, "without a password"),
        ({"site_url": "javascript:alert(1)"}, "valid URL"),
        ({"credentials": "a b"}, "Letters, digits and underscores only"),
        ({"brake_files": "-1"}, "greater than or equal to 0"),
    ],
)
def test_the_form_says_what_is_wrong(world: World, client: Client, changes: dict[str, str], words: str) -> None:
    client.force_login(person("ada", "Administrator"))
    assert words in sent(client, world.collection, **changes)


def test_the_form_takes_the_site_the_credentials_and_the_brake(world: World, client: Client) -> None:
    client.force_login(person("ada", "Administrator"))
    changes = {"site_url": "example.org/blog", "post_url": "/{year}/{slug}/", "credentials": "SITE"}
    assert sent(client, world.collection, **changes, brake_files="7", brake_deletions="0") == ""
    saved = Collection.objects.get()
    assert (saved.site_url, saved.post_url) == ("https://example.org/blog", "/{year}/{slug}/")
    assert (saved.credentials, saved.brake_files, saved.brake_deletions) == ("SITE", 7, 0)


def test_the_form_explains_every_part(world: World, client: Client) -> None:
    client.force_login(person("ada", "Administrator"))
    page = client.get(f"/admin/posts/collection/{world.collection.pk}/change/").content.decode()
    explained = page[page.index("What stands behind the address of the site") :][:600]
    assert [part for part in PARTS if part not in explained] == []
