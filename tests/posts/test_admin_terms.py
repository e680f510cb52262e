"""The pages of terms: what one sees of them, and the steps that start there; what a post's text suggests."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts import bulk, bulk_proposing
from posts.cross_checking import keep_posts_checked
from posts.models import BulkStep, IgnoredTerm, Post, SuggestedTerm
from posts.term_suggesting import suggestions
from posts.term_uses import uses
from taxonomy.models import Category, KeptApart, Organisation, Product, Tag
from taxonomy.names import normal
from taxonomy.terms import find_or_create
from tests.posts.worlds import World, person, post_text

A, B = "src/posts/a.md", "src/posts/b.md"
LIST = "/admin/taxonomy/organisation/"


@pytest.fixture
def at(client: Client, curator: User) -> Client:
    """The curator, signed in."""
    client.force_login(curator)
    return client


@pytest.fixture
def site(world: World) -> World:
    """Two posts whose text mentions what one of them does not list."""
    second = post_text("乙", body="台積電与英伟达。\n").replace("  - 台积电\n", "  - 台積電\n")
    world.remote.commit({A: post_text("甲", body="NVIDIA（英伟达）与 OpenAI。英伟达！\n"), B: second})
    world.sync("done")
    (pk,) = find_or_create(Organisation, ["英伟达"]).values()
    Organisation(name="Nvidia", slug="nvidia", alias_of_id=pk, is_new=False).save()
    return world


def org(name: str) -> Organisation:
    """The organisation of this name."""
    return Organisation.objects.get(key=normal(name))


def names_in(client: Client, asked: str) -> set[str]:
    """The terms that the list shows."""
    return {term.name for term in client.get(LIST + asked).context["cl"].result_list}


def test_the_list_shows_the_use_of_each_term_and_new_ones_first(site: World, at: Client) -> None:
    Organisation.objects.filter(name="OpenAI").update(is_new=False)
    page = at.get(LIST).content.decode()
    assert page.index("台积电") < page.index(">OpenAI<") and "2026-02-13" in page
    unused, once = at.get(f"{LIST}?use=none").content.decode(), at.get(f"{LIST}?use=once").content.decode()
    assert "英伟达" in unused and "台积电" not in unused
    assert "台积电" in once and ">OpenAI<" not in once
    named, plain = (names_in(at, f"?aliases={told}") for told in ("some", "none"))
    assert named == {"英伟达"} and plain == {"OpenAI", "台积电", "台積電"}
    assert "英伟达" in at.get(f"{LIST}?q=nvid").content.decode()


def test_the_list_takes_as_many_queries_for_many_terms_as_for_few(
    site: World, at: Client, django_assert_max_num_queries: Any
) -> None:
    at.get(LIST)
    find_or_create(Organisation, [f"Org {number}" for number in range(40)])
    with django_assert_max_num_queries(14):
        at.get(LIST)


def test_a_rename_goes_from_the_page_of_the_term_to_the_preview_and_into_the_texts(site: World, at: Client) -> None:
    term = org("OpenAI")
    page = at.get(f"{LIST}{term.pk}/change/").content.decode()
    assert "Rename…" in page and "Often together with" in page and "market-volatility" in page
    answer = at.post(f"{LIST}{term.pk}/all/rename/", {"name": "Open AI"})
    step = BulkStep.objects.get()
    assert answer["Location"].endswith(f"/bulkstep/{step.pk}/change/")
    preview = at.get(answer["Location"]).content.decode()
    assert "rename “OpenAI” to “Open AI”" in preview and "2 posts are chosen" in preview
    at.post(f"/admin/posts/bulkstep/{step.pk}/start/")
    assert all("  - Open AI\n" in post.present.text for post in Post.objects.select_related("present") if post.present)
    assert org("OpenAI").alias_of == org("Open AI") and site.disagreements() == []


def test_a_term_is_split_from_its_page_into_those_that_it_stood_for(site: World, at: Client) -> None:
    term = org("OpenAI")
    preview = at.post(f"{LIST}{term.pk}/all/split/", {"parts": ["", "OpenAI LP", "台积电"]}, follow=True)
    said = preview.content.decode()
    assert "split “OpenAI” into “OpenAI LP”, “台积电”" in said and "2 posts are chosen" in said
    at.post(f"/admin/posts/bulkstep/{preview.context['step'].pk}/start/")
    for path, listed in ((A, "  - OpenAI LP\n  - 台积电\n"), (B, "  - OpenAI LP\n  - 台积电\n  - 台積電\n")):
        assert f"companies_orgs:\n{listed}status" in site.post(path).present.text
    assert not uses(Organisation, term.pk).exists() and site.disagreements() == []


def test_a_term_is_deleted_from_its_page_after_a_look_at_every_line(site: World, at: Client) -> None:
    term = org("台积电")
    assert "Delete…" in at.get(f"{LIST}{term.pk}/change/").content.decode()
    preview = at.post(f"{LIST}{term.pk}/all/delete/", follow=True)
    said = preview.content.decode()
    assert "delete “台积电”" in said and "1 post is chosen" in said and "  - 台积电" in said
    at.post(f"/admin/posts/bulkstep/{preview.context['step'].pk}/start/")
    assert not Organisation.objects.filter(pk=term.pk).exists() and site.disagreements() == []


def test_an_unused_term_deleted_by_the_red_button_comes_back_by_an_undo(site: World, at: Client, curator: User) -> None:
    term = org("英伟达")
    alias = org("Nvidia")
    assert at.get(f"{LIST}{term.pk}/delete/").status_code == 200 and not BulkStep.objects.exists()
    said = at.post(f"{LIST}{term.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    step = BulkStep.objects.get()
    assert "“英伟达” is deleted." in said and f"/admin/posts/bulkstep/{step.pk}/change/" in said
    assert not Organisation.objects.filter(pk__in=[term.pk, alias.pk]).exists()
    bulk.start(bulk.propose_undo(step, by=curator), by=curator)
    assert org("英伟达").pk == term.pk and org("Nvidia").alias_of == term


def test_many_unused_terms_are_deleted_and_undone_as_one_step(site: World, at: Client, curator: User) -> None:
    find_or_create(Organisation, ["Idle"])
    gone, alias = [org("英伟达").pk, org("Idle").pk], org("Nvidia").pk
    chosen = {"action": "delete_selected", "_selected_action": [*gone, alias], "post": "yes"}
    said = at.post(f"{LIST}?kind=all", chosen, follow=True).content.decode()
    step = BulkStep.objects.get()
    assert f"/admin/posts/bulkstep/{step.pk}/change/" in said and "Undo it here" in said
    assert not Organisation.objects.filter(pk__in=[*gone, alias]).exists()
    page = at.get(f"/admin/posts/bulkstep/{step.pk}/change/").content.decode()
    assert "delete 2 terms" in page and step.run.state == "done"
    bulk.start(bulk.propose_undo(step, by=curator), by=curator)
    assert [org("英伟达").pk, org("Idle").pk] == gone
    assert org("Nvidia").alias_of == org("英伟达")


def test_a_term_in_use_is_not_deleted_from_the_list(site: World, at: Client) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [org("英伟达").pk, org("OpenAI").pk], "post": "yes"}
    at.post(f"{LIST}?kind=all", chosen)
    assert org("英伟达") and org("OpenAI") and not BulkStep.objects.exists()


def test_an_unused_term_is_looked_at_before_it_is_changed_and_a_moved_name_is_not_given_again(
    site: World, at: Client
) -> None:
    term = org("英伟达")
    page = at.get(f"{LIST}{term.pk}/change/").content.decode()
    assert all(button in page for button in ("Split…", "Move…", "Delete…")) and "no file changes" in page
    preview = at.post(f"{LIST}{term.pk}/all/move/", {"vocabulary": "product"}, follow=True)
    assert "No file changes" in preview.content.decode() and "英伟达" in preview.content.decode()
    at.post(f"/admin/posts/bulkstep/{preview.context['step'].pk}/start/")
    assert Product.objects.filter(name="英伟达").exists() and not Organisation.objects.filter(pk=term.pk).exists()
    again = at.post(f"{LIST}add/", {"name": "Nvidia", "slug": "", "alias_of": "", "is_new": ""}).content.decode()
    assert "was moved to another vocabulary" in again
    renamed = at.post(f"{LIST}{org('OpenAI').pk}/all/rename/", {"name": "Nvidia"}, follow=True).content.decode()
    assert "was moved to another vocabulary" in renamed


def test_what_cannot_be_done_is_said_on_the_page_of_the_term(site: World, at: Client) -> None:
    term = org("OpenAI")
    for verb, told, said in (
        ("rename", {"name": "台积电"}, "another term already"),
        ("merge", {"into": ["", "Nobody"]}, "There is no “Nobody” yet"),
        ("merge", {"into": ["OpenAI"]}, "That is the same"),
        ("move", {"vocabulary": "nothing"}, "That is the same"),
        ("split", {"parts": ["", "One"]}, "A name is missing"),
    ):
        page = at.post(f"{LIST}{term.pk}/all/{verb}/", told, follow=True).content.decode()
        assert said in page, verb
    assert at.post(f"{LIST}{term.pk}/all/eat/").status_code == 404
    assert not BulkStep.objects.exists()


def test_the_names_that_were_typed_for_a_refused_step_are_given_back(site: World, at: Client) -> None:
    term = org("OpenAI")
    for verb, told, kept in (
        (
            "rename",
            {"name": "台积电"},
            'name="name" class="eg-input" maxlength="255" required autocomplete="off" value="台积电"',
        ),
        ("merge", {"into": ["", "No<body"]}, '<option value="No&lt;body" selected'),
        ("split", {"parts": ["", "One"]}, '<option value="One" selected'),
    ):
        answer = at.post(f"{LIST}{term.pk}/all/{verb}/", told)
        assert (answer.status_code, kept in answer.content.decode()) == (400, True), verb


def test_however_much_was_typed_for_a_refused_step_it_is_given_back(
    site: World, at: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = f"{LIST}{org('OpenAI').pk}/all"
    long, parts = "名" * 300, [f"{number}" + "名" * 98 for number in range(60)]
    answer = at.post(f"{step}/rename/", {"name": long})
    assert answer.status_code == 400 and f'value="{long}"' in answer.content.decode()
    answer = at.post(f"{step}/split/", {"parts": [*parts, long]})
    page = answer.content.decode()
    assert answer.status_code == 400 and all(f'<option value="{part}" selected' in page for part in [*parts, long])
    monkeypatch.setattr(bulk_proposing, "MOST", 0)
    page = at.post(f"{step}/move/", {"vocabulary": "person"}).content.decode()
    assert '<option value="person" selected' in page, "what was chosen, too"


def test_the_name_of_a_term_in_use_is_not_changed_behind_its_posts(site: World, at: Client) -> None:
    term = org("OpenAI")
    at.post(f"{LIST}{term.pk}/change/", {"name": "Else", "slug": term.slug, "alias_of": "", "is_new": ""})
    term.refresh_from_db()
    assert (term.name, term.is_new) == ("OpenAI", False)


def test_new_ones_come_first_even_where_a_vocabulary_has_an_order(site: World, at: Client) -> None:
    for name, position, is_new in (("first", 1, False), ("second", 2, False), ("later", None, False), ("new", 3, True)):
        Category(name=name, slug=name, position=position, is_new=is_new).save()
    shown = at.get("/admin/taxonomy/category/").context["cl"].result_list
    assert [each.name for each in shown if each.slug in ("first", "second", "later", "new")] == [
        "new",
        "first",
        "second",
        "later",
    ]


def test_duplicates_are_merged_or_said_to_be_none(site: World, at: Client, curator: User) -> None:
    page = at.get(f"{LIST}duplicates/").content.decode()
    assert "台積電" in page and "another script" in page
    one, other = org("台积电"), org("台積電")
    answer = at.post(f"{LIST}{other.pk}/all/merge/", {"into": "台积电", "back": "duplicates"})
    bulk.start(BulkStep.objects.get(), by=curator)
    assert "/bulkstep/" in answer["Location"] and org("台積電").alias_of == one
    assert "台積電" not in at.get(f"{LIST}duplicates/").content.decode()
    find_or_create(Organisation, ["Open-AI"])
    assert "Open-AI" in at.get(f"{LIST}duplicates/").content.decode()
    at.post(f"{LIST}duplicates/", {"one": org("OpenAI").pk, "other": org("Open-AI").pk})
    assert KeptApart.objects.count() == 1
    assert "Open-AI" not in at.get(f"{LIST}duplicates/").content.decode()


def test_only_a_curator_is_offered_the_steps(site: World, client: Client) -> None:
    client.force_login(person("wei", "Writer"))
    term = org("OpenAI")
    assert "Rename…" not in client.get(f"{LIST}{term.pk}/change/").content.decode()
    assert client.post(f"{LIST}{term.pk}/all/rename/", {"name": "X"}).status_code == 403
    assert client.post(f"{LIST}duplicates/", {}).status_code == 403


# --- Suggestions


def test_a_term_that_the_text_mentions_and_the_post_does_not_list_is_suggested(site: World) -> None:
    found = suggestions(site.post(A))
    assert [(each.vocabulary, each.term, each.count) for each in found.missing] == [("organisation", "英伟达", 3)]
    assert [(each.vocabulary, each.name) for each in found.unmentioned] == [("organisation", "台积电")]
    again = suggestions(site.post(B))
    # Traditional and Simplified are one for finding: the post has the one that it means, and needs no duplicate of it.
    assert [each.term for each in again.missing] == ["英伟达"]
    keep_posts_checked(10)
    assert suggestions(site.post(A)).unmentioned == found.unmentioned
    assert [each.passages for each in suggestions(site.post(B)).missing] == [each.passages for each in again.missing]


def test_suggestions_know_a_new_term_at_once_and_take_few_queries(
    site: World, django_assert_max_num_queries: Any
) -> None:
    suggestions(site.post(A))
    find_or_create(Tag, ["与"])
    find_or_create(Tag, ["英伟达！", "正文"])
    post = site.post(A)
    with django_assert_max_num_queries(20):
        assert "英伟达！" in {each.term for each in suggestions(post).missing}
    keep_posts_checked(10)
    with django_assert_max_num_queries(2):
        assert "英伟达！" in {each.term for each in suggestions(post).missing}


def test_what_is_ignored_is_suggested_no_more_here_or_anywhere(site: World, at: Client) -> None:
    keep_posts_checked(10)
    term, post, other = org("英伟达"), site.post(A), site.post(B)
    here, there = (f"/admin/posts/post/{each.pk}/" for each in (post, other))
    page = at.get(f"{here}change/").content.decode()
    assert "<mark>NVIDIA</mark>" in page and "data-accept" in page and "never mentioned" in page
    told = {"vocabulary": "organisation", "term": term.pk}
    assert at.post(f"{here}suggestions/", told | {"where": "here"}).status_code == 200
    assert "data-accept" not in at.get(f"{here}change/").content.decode()
    assert "data-accept" in at.get(f"{there}change/").content.decode()
    for _time in range(2):
        at.post(f"{there}suggestions/", told | {"where": "always"})
    assert "data-accept" not in at.get(f"{there}change/").content.decode() and IgnoredTerm.objects.count() == 2
    assert at.post(f"{here}suggestions/", {"vocabulary": "posts", "term": "1"}).status_code == 404
    at.post(f"{here}suggestions/", {"vocabulary": "organisation", "term": org("台积电").pk, "where": "here"})
    assert "never mentioned" not in at.get(f"{here}change/").content.decode()
    # Nor does the next check bring any of it back.
    Post.objects.get(pk=post.pk).checked.delete()
    keep_posts_checked(10)
    assert not SuggestedTerm.objects.filter(post=post).exists()


def test_a_writer_ignores_here_and_not_everywhere(site: World, client: Client) -> None:
    client.force_login(person("wei", "Writer"))
    here = f"/admin/posts/post/{site.post(A).pk}/suggestions/"
    told = {"vocabulary": "organisation", "term": org("英伟达").pk}
    assert client.post(here, told | {"where": "always"}).status_code == 403
    assert client.post(here, told | {"where": "here"}).status_code == 200
