"""Where terms are on the site, the order they have, and the area that a category is part of."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from posts.cross_checking import keep_posts_checked
from posts.models import Finding
from posts.models.collection import validate_term_urls
from posts.renaming import TermsRefused
from posts.term_addresses import address_faults, slugified, term_address, term_patterns
from posts.term_ordering import IN_NO_AREA, order_of, places_from, put_in_order
from posts.term_sites import faults_in
from taxonomy.models import Area, Category, Organisation, Series, Tag
from tests.posts.worlds import World, person, post_text

A = "src/posts/a.md"
TAGS = "/admin/taxonomy/tag/"


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Market Volatility", "market-volatility"),
        ("C++ & Go!", "c-and-go"),
        ("Zürich's Café", "zuerichs-cafe"),
        ("foo.bar/baz", "foo-bar-baz"),
        ("美股", ""),
        ("美股 ETF", "etf"),
        ("кино", None),
    ],
)
def test_a_name_is_written_as_the_site_writes_it(name: str, slug: str | None) -> None:
    assert slugified(name) == slug


@pytest.mark.once
def test_terms_without_a_page_of_their_own_are_found() -> None:
    terms = [(1, "美股", "mei-gu"), (2, "AI", "ai"), (3, "a.i", "a-i"), (4, "A-I", "a-i-2"), (5, "кино", "kino")]
    found = address_faults("/tags/{name}/", terms)
    assert {pk: (fault.code, fault.other) for pk, fault in found.items()} == {
        1: ("term_address_missing", ""),
        3: ("term_address_shared", "A-I"),
        4: ("term_address_shared", "a.i"),
    }
    assert address_faults("/tags/{slug}/", terms) == {} == address_faults("/t/{written}", terms)
    assert (
        term_address("https://example.org/", "/t/{written}", "美股", "x") == "https://example.org/t/%E7%BE%8E%E8%82%A1"
    )
    assert term_address("ftp://example.org", "/t/{slug}", "美股", "x") == ""


@pytest.mark.once
@pytest.mark.parametrize(
    "line",
    [
        "tags",
        "Tags: /t/{name}/",
        "tags: t/{name}",
        "tags: /t/",
        "tags: /t/{title}/",
        "tags: /t/{name",
        "draft: /{name}",
    ],
)
def test_a_line_that_gives_no_addresses_is_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        validate_term_urls(f"tags: /tags/{{name}}/\n\n{line}")
    assert term_patterns(f"{line}\ncategory: /c/{{slug}}/") == {"category": "/c/{slug}/"}


def test_the_vocabulary_shows_its_terms_without_a_page_and_the_term_where_it_is(
    world: World, client: Client, curator: User
) -> None:
    world.remote.commit({A: post_text().replace("  - ai-disruption\n", "  - 美股\n  - Market volatility\n")})
    world.sync("done")
    client.force_login(curator)
    assert "no page of its own" not in client.get(TAGS).content.decode() and faults_in(Tag) == {}
    world.collection.site_url, world.collection.term_urls = "https://example.org", "tags: /tags/{name}/"
    world.collection.save()
    assert "3 terms have no page of their own" in client.get(TAGS).content.decode()
    listed = client.get(f"{TAGS}?address=none").context["cl"].result_list
    assert {term.name for term in listed} == {"美股", "Market volatility", "market-volatility"}
    page = client.get(f"{TAGS}{Tag.objects.get(name='market-volatility').pk}/change/").content.decode()
    assert "https://example.org/tags/market-volatility/" in page and "“Market volatility” has the same address" in page
    chinese = client.get(f"{TAGS}{Tag.objects.get(name='美股').pk}/change/").content.decode()
    assert "makes no address of this name" in chinese and "writes {slug}" in chinese
    world.collection.term_urls = "tags: /tags/{slug}/"
    world.collection.save()
    assert faults_in(Tag) == {} == faults_in(Organisation)
    assert "/tags/mei-gu/" in client.get(f"{TAGS}{Tag.objects.get(name='美股').pk}/change/").content.decode()


def test_a_slug_is_latin_its_own_and_made_from_the_sound_where_none_is_given(client: Client, curator: User) -> None:
    client.force_login(curator)
    client.post(f"{TAGS}add/", {"name": "美股"})
    client.post(f"{TAGS}add/", {"name": "梅古"})
    assert list(Tag.objects.order_by("pk").values_list("slug", flat=True)) == ["mei-gu", "mei-gu-1"]
    for slug in ("美股", "mei-gu-1", ""):
        answer = client.post(f"{TAGS}{Tag.objects.get(name='美股').pk}/change/", {"name": "美股", "slug": slug})
        assert answer.status_code == 200, slug
    assert Tag.objects.get(name="美股").slug == "mei-gu"


# --- Order, and areas of categories


def test_lists_and_choices_follow_the_order(world: World, client: Client, curator: User) -> None:
    world.remote.commit({A: post_text()})
    world.sync("done")
    client.force_login(curator)
    for name in ("乙", "甲", "丙"):
        Area.objects.create(name=name, slug=f"area-{ord(name)}", is_new=False)
    here = "/admin/taxonomy/area/"
    jia, yi, wealth = (Area.objects.get(name=name).pk for name in ("甲", "乙", "finance-wealth"))
    assert "Put in order" in client.get(here).content.decode()
    told = {"places": f"area-{jia} area-{yi} area-{wealth}", "mark": order_of(Area).mark}
    assert client.post(f"{here}order/", told).status_code == 302
    order = ["甲", "乙"]
    # What nobody looked at yet comes before what has a place.
    assert [term.name for term in client.get(here).context["cl"].result_list][:3] == ["finance-wealth", *order]
    names = client.get(reverse("admin:posts_post_suggest", args=["area"])).json()["results"]
    assert [each["id"] for each in names][:2] == order and len(names) == 4
    page = client.get("/admin/posts/post/").content.decode()
    assert page.index(">甲<") < page.index(">乙<") < page.index(">丙<")


def in_areas() -> list[tuple[str, str | None, int | None]]:
    """The categories in order: name, area, number."""
    return list(Category.objects.values_list("name", "area__name", "position"))


def test_areas_are_put_in_order_with_their_categories_in_one_request(curator: User) -> None:
    one, two = (Area.objects.create(name=name, slug=name).pk for name in ("a", "b"))
    x, y, z = (Category.objects.create(name=name, slug=name).pk for name in ("x", "y", "z"))
    Category.objects.create(name="y2", slug="y2", alias_of_id=y)
    order = order_of(Area)
    assert order.places == (("area", one), ("area", two), IN_NO_AREA, ("category", x), ("category", y), ("category", z))
    told = f"area-{two} category-{z} area-{one} category-{x} area-0 category-{y} area-99 nonsense-1 area-x"
    put_in_order(Area, places_from(told), mark=order.mark, by=curator)
    assert list(Area.objects.values_list("name", "position")) == [("b", 1), ("a", 2)]
    assert in_areas() == [("z", "b", 1), ("x", "a", 2), ("y", None, 3), ("y2", None, None)]
    again = order_of(Area)
    assert " ".join(f"{name}-{pk}" for name, pk in again.places) == told.partition(" area-99")[0]
    put_in_order(Area, again.places, mark=again.mark, by=curator)
    assert order_of(Area) == again


def test_what_came_meanwhile_stands_behind_and_a_changed_order_is_not_written_over(curator: User) -> None:
    one, two = (Series.objects.create(name=name, slug=name).pk for name in ("a", "b"))
    order = order_of(Series)
    new = Series.objects.create(name="0", slug="c").pk
    put_in_order(Series, [("series", two), ("series", one)], mark=order.mark, by=curator)
    assert [pk for _, pk in order_of(Series).places] == [two, one, new]
    with pytest.raises(TermsRefused, match="order_moved"):
        put_in_order(Series, [("series", one)], mark=order.mark, by=curator)
    with pytest.raises(TermsRefused, match="no_permission"):
        put_in_order(Series, [("series", one)], mark=order_of(Series).mark, by=person("wei", "Writer"))
    # What a form tells is laid over what is there now: new areas before those in none, new categories among these.
    area, category = Area.objects.create(name="m", slug="m").pk, Category.objects.create(name="k", slug="k").pk
    assert order_of(Area, [IN_NO_AREA]).places == (("area", area), IN_NO_AREA, ("category", category))
    assert order_of(Area, [("category", category)]).places == (("category", category), ("area", area), IN_NO_AREA)


def test_a_category_in_another_area_than_its_own_is_found_and_gone_once_they_agree(world: World, curator: User) -> None:
    world.remote.commit(
        {A: post_text(), "src/posts/b.md": post_text("乙").replace("area: finance-wealth", "area: Macro")}
    )
    world.sync("done")
    assert keep_posts_checked(10) == 2
    codes = Finding.objects.filter(code="category_of_other_area")
    assert not codes.exists()
    wealth, macro = Area.objects.get(name="finance-wealth"), Area.objects.get(name="Macro")
    Category.objects.filter(name="investment-assets").update(area=wealth)
    keep_posts_checked(10)
    found = codes.get()
    assert (found.post.title, found.facts["belongs"], found.key) == ("乙", "finance-wealth", "category")
    # Another name for the same area is no contradiction.
    Area.objects.filter(pk=wealth.pk).update(alias_of=macro)
    keep_posts_checked(10)
    assert not codes.exists()


def test_the_page_of_an_area_has_its_categories(client: Client, curator: User) -> None:
    client.force_login(curator)
    area = Area.objects.create(name="财经", slug="finance")
    Category.objects.create(name="股市", slug="stocks", area=area)
    assert "股市" in client.get(f"/admin/taxonomy/area/{area.pk}/change/").content.decode()
    assert "财经" in client.get("/admin/taxonomy/category/").content.decode()
