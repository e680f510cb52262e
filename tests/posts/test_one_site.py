"""Two collections that build one site: their posts are compared, and nobody learns more than they may."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts import editing
from posts.checks.site import Row, compare
from posts.cross_checking import check_wholly, keep_posts_checked, not_compared_yet
from posts.errors import EvergreenError
from posts.limiting import limit
from posts.mending import dismiss
from posts.models import Collection, ComparedPosts, Finding, Post
from posts.reviewing import TransitionRefused, perform
from tests.posts.test_checking import SENTENCES, codes, one
from tests.posts.worlds import World, person, post_text

SITE = {"site_url": "https://example.org", "post_url": "/posts/{stem}/"}
LONG = "这是一段足够长的正文，谁也不会觉得它太短。" * 6
FINDINGS = "/admin/posts/finding/"


@pytest.fixture
def news(tmp_path: Path) -> World:
    return World(tmp_path, "news", **SITE)


@pytest.fixture
def talks(tmp_path: Path) -> World:
    """On the same site; one writes its address with a slash, as people do."""
    return World(tmp_path, "talks", **{**SITE, "site_url": "https://example.org/"})


def imported(world: World, name: str, text: str) -> Post:
    world.remote.commit({f"src/posts/{name}.md": text})
    world.sync("done")
    return world.post(f"src/posts/{name}.md")


@pytest.fixture
def clash(news: World, talks: World) -> tuple[Post, Post]:
    """Two posts with one address, checked and compared."""
    posts = imported(news, "a", post_text("甲", body=LONG)), imported(talks, "a", summarised("乙", "别的摘要"))
    keep_posts_checked(100)
    return posts


def summarised(title: str, summary: str, **facts: str) -> str:
    return post_text(title, body=facts.pop("body", LONG), **facts).replace("本期节目深入分析股市动向。", summary)


def set_in(world: World, **settings: object) -> None:
    Collection.objects.filter(pk=world.collection.pk).update(**settings)


# --- Compared


@pytest.mark.parametrize("what", ["source", "title", "summary", "address"])
def test_what_two_collections_have_alike_names_the_post_and_its_collection(what: str) -> None:
    rows = [Row(1, "a", room=1, room_name="one", **{what: "x"}), Row(2, "b", room=2, room_name="two", **{what: "x"})]
    found = dict(compare(rows))
    assert {each.code for each in found.values()} == {f"{what}_twice"}
    told = {post: (each.facts["path"], each.facts["post"], each.facts["room_name"]) for post, each in found.items()}
    assert told == {1: ("b", 2, "two"), 2: ("a", 1, "one")}
    assert not any(each.facts["path"] in each.passage for each in found.values())


def test_a_post_of_the_own_collection_is_named_before_another_ones() -> None:
    rows = [Row(at, str(at), room=room, title="x") for at, room in enumerate([1, 2, 2, 1])]
    assert {post: finding.facts["post"] for post, finding in compare(rows)} == {0: 3, 1: 2, 2: 1, 3: 0}


@pytest.mark.django_db
def test_posts_of_two_collections_of_one_site_are_compared(news: World, talks: World) -> None:
    body = "\n\n".join(SENTENCES)
    first = imported(news, "a", post_text("同题", body=body))
    second = imported(talks, "a", post_text("同题", body=body + "\n\n尾巴。\n"))
    third = imported(talks, "b", summarised("异题", "别的摘要"))
    keep_posts_checked(100)
    everything = ["address_twice", "summary_twice", "text_alike", "title_twice"]
    assert (codes(first), codes(second), codes(third)) == (everything, everything, [])
    facts = one(first, "address_twice").facts
    assert (facts["post"], facts["room_name"]) == (second.pk, "talks")


@pytest.mark.django_db
def test_collections_of_two_sites_are_not(news: World, talks: World) -> None:
    set_in(talks, site_url="https://example.net")
    posts = imported(news, "a", post_text("甲", body=LONG)), imported(talks, "a", post_text("甲", body=LONG))
    keep_posts_checked(100)
    assert [codes(post) for post in posts] == [[], []]


@pytest.mark.django_db
def test_it_is_done_again_once_either_changed_and_else_not_at_all(news: World, clash: tuple[Post, Post]) -> None:
    at = set(ComparedPosts.objects.values_list("at", flat=True))
    assert len(at) == 1 and not not_compared_yet([news.collection])
    keep_posts_checked(100)
    assert set(ComparedPosts.objects.values_list("at", flat=True)) == at
    perform(clash[1], "discard", by=person("wen", "Writer"))
    keep_posts_checked(100)
    assert codes(clash[0]) == []
    set_in(news, name="papers")
    assert not_compared_yet([clash[1].collection])


@pytest.mark.django_db
def test_a_collection_that_goes_to_another_site_leaves_nothing_behind(talks: World, clash: tuple[Post, Post]) -> None:
    set_in(talks, site_url="https://example.net")
    keep_posts_checked(100)
    assert [codes(post) for post in clash] == [[], []]
    set_in(talks, site_url="https://example.org")
    check_wholly([talks.collection])
    assert [codes(post) for post in clash] == [["address_twice"]] * 2


@pytest.mark.django_db
def test_each_collection_says_what_is_not_looked_for_in_its_own_posts(news: World, clash: tuple[Post, Post]) -> None:
    set_in(news, codes_off=["address_twice"])
    keep_posts_checked(100)
    assert [codes(post) for post in clash] == [[], ["address_twice"]]


@pytest.mark.django_db
def test_what_comes_later_is_new_where_its_collection_was_looked_at(news: World, talks: World) -> None:
    first = imported(news, "a", post_text("甲", body=LONG))
    keep_posts_checked(100)
    ComparedPosts.objects.filter(collection=talks.collection).delete()
    second = imported(talks, "a", summarised("乙", "别的摘要"))
    keep_posts_checked(100)
    assert one(first, "address_twice").found_at is not None
    assert one(second, "address_twice").found_at is None


@pytest.mark.django_db
def test_nobody_publishes_what_another_collection_has_at_that_address(clash: tuple[Post, Post]) -> None:
    with pytest.raises(TransitionRefused) as refused:
        perform(clash[0], "submit", by=person("ping", "Publisher"), note="trotzdem")
    assert [each.code for each in refused.value.refusals] == ["finding_breaks"]


@pytest.mark.django_db
def test_what_is_dismissed_of_two_collections_stays_so(news: World, talks: World) -> None:
    post, _other = imported(news, "a", post_text("同题", body=LONG)), imported(talks, "b", summarised("同题", "别的"))
    keep_posts_checked(100)
    dismiss(one(post, "title_twice"), reason="so gemeint", by=person("wen", "Writer"))
    editing.edit(talks.post("src/posts/b.md"), {"summary": "又一个"}, by=person("ping", "Publisher"))
    keep_posts_checked(100)
    assert codes(post) == []


# --- Told


def seen_by(user: User, *addresses: str) -> str:
    client = Client()
    client.force_login(user)
    return "".join(client.get(address, follow=True).content.decode() for address in addresses)


def pages_of(post: Post) -> list[str]:
    found = one(post, "address_twice")
    return [FINDINGS, f"{FINDINGS}{found.pk}/change/", *pages_of_post(post)]


def pages_of_post(post: Post) -> list[str]:
    return [f"/admin/posts/post/{post.pk}/{name}/" for name in ("findings", "change")]


@pytest.mark.django_db
def test_whoever_may_enter_both_is_told_of_the_other_post(clash: tuple[Post, Post]) -> None:
    everywhere = person("ping", "Publisher")
    for address in pages_of(clash[0]):
        assert "src/posts/a.md in “talks”" in seen_by(everywhere, address), address
    assert f"/admin/posts/post/{clash[1].pk}/change/" in seen_by(everywhere, pages_of(clash[0])[2])


@pytest.mark.django_db
def test_whoever_is_limited_is_told_that_there_is_one_and_no_more(news: World, clash: tuple[Post, Post]) -> None:
    Post.objects.filter(pk=clash[1].pk).update(path="src/posts/secret.md")
    Finding.objects.filter(post=clash[0]).update(facts={**one(clash[0], "address_twice").facts, "path": "secret"})
    limited = person("wen", "Writer")
    limit(limited, [news.collection], by=User.objects.create_superuser("root"))
    for address in pages_of(clash[0]):
        page = seen_by(User.objects.get(pk=limited.pk), address)
        assert "in a collection that is closed to you would have the same address" in page, address
        assert not any(each in page for each in ("secret", "talks", f"/post/{clash[1].pk}/")), address
    assert "closed to you" not in seen_by(User.objects.get(pk=limited.pk), f"{FINDINGS}?q=secret")


@pytest.mark.django_db
def test_the_way_to_a_field_does_not_name_the_other_post_either(news: World, talks: World) -> None:
    post, other = imported(news, "a", post_text("同题", body=LONG)), imported(talks, "b", summarised("同题", "别的"))
    keep_posts_checked(100)
    assert one(post, "title_twice").passage == f"#{other.pk}"
    limited = person("wen", "Writer")
    limit(limited, [news.collection], by=User.objects.create_superuser("root"))
    page = seen_by(User.objects.get(pk=limited.pk), *pages_of_post(post))
    assert page.count("has this title") > 1 and f'data-passage="#{other.pk}"' not in page and "passage=%23" not in page


@pytest.mark.django_db
def test_a_path_that_is_taken_elsewhere_is_not_told_of(news: World, clash: tuple[Post, Post]) -> None:
    limited = person("wen", "Writer")
    limit(limited, [clash[1].collection], by=User.objects.create_superuser("root"))
    limited = User.objects.get(pk=limited.pk)
    Post.objects.filter(pk=clash[1].pk).update(path="src/posts/moved.md", path_key="src/posts/moved.md")
    with pytest.raises(EvergreenError) as refused:
        editing.create(clash[1].collection, "src/posts/b/a.md", {"title": "丙"}, by=limited)
    assert (refused.value.code, "other" in refused.value.facts) == ("address_taken_elsewhere", False)
