"""Suggested terms of many posts: kept with the checks, filtered by, added as a bulk step; aliases written out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from posts import bulk, editing
from posts.bulk import propose_undo, start
from posts.bulk_proposing import BulkRefused
from posts.cross_checking import keep_posts_checked
from posts.document.document import Document
from posts.models import BulkStep, CheckedText, IgnoredTerm, Post, SuggestedTerm, Sync
from posts.renaming import TermsRefused
from posts.term_changes import TermAddition, listing, unlisting, written_out
from posts.term_listing import ignore_all, propose_suggested
from posts.term_suggesting import IgnoreRefused, suggested_for
from taxonomy.models import Organisation, Person, Tag
from taxonomy.names import normal
from taxonomy.terms import find_or_create
from tests.posts.worlds import World, person, post_text, save_form

A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"
LIST = "/admin/posts/post/"


@pytest.fixture
def curator(db: None) -> User:
    """Somebody who brings order into the terms."""
    return person("cai", "Curator", "Writer")


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post; an organisation with an alias and a person that some of them mention."""
    world.remote.commit(
        {
            A: post_text("甲", body="英伟达与 OpenAI，台积电也在。黄仁勋说。\n"),
            B: post_text("乙", body="Nvidia again: OpenAI and 台积电.\n"),
            C: post_text("在线", body="英伟达。OpenAI，台积电。\n", draft="false", status="published"),
        }
    )
    world.sync("done")
    (pk,) = find_or_create(Organisation, ["英伟达"]).values()
    Organisation(name="Nvidia", slug="nvidia", alias_of_id=pk, is_new=False).save()
    find_or_create(Person, ["黄仁勋"])
    keep_posts_checked(10)
    return world


def term_of(model: Any, name: str) -> tuple[str, int]:
    """The term of this name, as a suggestion names it."""
    term = model.objects.get(key=normal(name))
    return term._meta.model_name, term.pk


def shown(client: Client, query: str) -> set[str]:
    """The titles in the list under `query`."""
    rows = client.get(f"{LIST}?{query}").context["cl"].result_list
    return {row.title for row in rows}


def texts() -> dict[str, str]:
    """The present text of each post."""
    return {each.path: each.present.text for each in Post.objects.select_related("present") if each.present}


# --- Kept, and filtered by


def test_the_list_is_filtered_by_what_posts_mention_and_list_in_vain(
    site: World, client: Client, curator: User
) -> None:
    client.force_login(curator)
    site.remote.commit({"src/posts/d.md": post_text("丁", body="只有 OpenAI。\n")})
    site.sync("done")
    assert keep_posts_checked(10) == 1
    assert shown(client, "suggested=missing") == {"甲", "乙", "在线"}
    assert shown(client, "suggested=unmentioned") == {"丁"}
    assert shown(client, "suggested=none") == set()


def test_saving_a_post_renews_what_is_suggested_at_once(site: World, client: Client, curator: User) -> None:
    client.force_login(curator)
    editing.edit(site.post(B), {"companies_orgs": ["OpenAI", "台积电", "Nvidia"]}, by=curator)
    assert shown(client, "suggested=missing") == {"甲", "在线"}
    editing.edit(site.post(B), {}, body="黄仁勋。\n", by=curator)
    assert {row.name for row in SuggestedTerm.objects.filter(post=site.post(B), listed=False)} == {"黄仁勋"}
    assert SuggestedTerm.objects.filter(post=site.post(B), listed=True).count() == 3


def test_a_new_name_has_only_those_texts_looked_at_again_that_may_have_it(site: World) -> None:
    assert keep_posts_checked(10) == 0
    find_or_create(Tag, ["黄仁勋说", "not in any text"])
    assert keep_posts_checked(10) == 1
    assert SuggestedTerm.objects.filter(vocabulary="tag").get().post == site.post(A)
    # A term that becomes another name for one is suggested no more, nor one that is gone.
    _name, pk = term_of(Organisation, "OpenAI")
    Organisation.objects.filter(key=normal("英伟达")).update(alias_of=pk)
    Organisation.objects.filter(key=normal("Nvidia")).update(alias_of=pk)
    Tag.objects.filter(name="黄仁勋说").delete()
    assert keep_posts_checked(10) == 3
    assert {row.name for row in SuggestedTerm.objects.all()} == {"黄仁勋"}


def test_checking_many_posts_takes_as_many_queries_as_checking_few(
    site: World,
) -> None:
    def queries(number: int) -> int:
        CheckedText.objects.filter(post__in=list(Post.objects.order_by("pk")[:number])).update(stamp="")
        with CaptureQueriesContext(connection) as asked:
            assert keep_posts_checked(10) == number
        return len(asked)

    queries(3)
    assert queries(1) == queries(3)


# --- In bulk


def test_the_terms_of_a_selection_are_told_with_posts_and_passages(site: World) -> None:
    found = suggested_for(Post.objects.all())
    assert [(each.name, each.posts) for each in found] == [("英伟达", 3), ("黄仁勋", 1)]
    assert [name for _before, name, _after in found[0].passages] == ["英伟达", "Nvidia", "英伟达"]
    assert found[1].passages[0][0].endswith("台积电也在。") and found[1].passages[0][2].startswith("说。")
    assert [each.name for each in suggested_for(Post.objects.filter(path=B))] == ["英伟达"]


def test_ticked_terms_go_to_the_posts_that_mention_them_released_and_undone_as_one(site: World, curator: User) -> None:
    before = texts()
    chosen = [term_of(Organisation, "英伟达"), term_of(Person, "黄仁勋")]
    step = propose_suggested(Post.objects.all(), chosen, by=curator)
    run = start(step, by=curator)
    assert run.state == Sync.State.TO_RELEASE
    after = texts()
    assert after[A] == before[A].replace("  - 台积电\n", "  - 台积电\n  - 英伟达\n").replace(
        "people: []\n", "people:\n  - 黄仁勋\n"
    )
    assert after[B] == before[B].replace("  - 台积电\n", "  - 台积电\n  - 英伟达\n")
    assert after[C] == before[C]
    bulk.release(step, by=person("pan", "Publisher"))
    assert "  - 英伟达\n" in texts()[C]
    site.sync("done")
    assert "  - 英伟达\n" in site.text_in_git(C) and site.disagreements() == []
    keep_posts_checked(10)
    assert not SuggestedTerm.objects.exists()
    run = start(propose_undo(BulkStep.objects.get(pk=step.pk), by=curator), by=curator)
    bulk.release(BulkStep.objects.get(run=run), by=person("pia", "Publisher"))
    assert texts() == before


def test_a_list_that_got_the_term_meanwhile_under_any_name_is_left_alone() -> None:
    document = Document.from_text("---\ncompanies_orgs:\n  - Nvidia\ntags: [a]\n---\n")
    orgs = TermAddition("companies_orgs", "英伟达", frozenset({"英伟达", "nvidia"}))
    assert listing(document, [orgs]) == document
    told = listing(document, [orgs, TermAddition("tags", "b", frozenset({"b"}))])
    assert told.text == "---\ncompanies_orgs:\n  - Nvidia\ntags: [a, b]\n---\n"


def test_what_cannot_be_added_is_refused(site: World, curator: User) -> None:
    term = term_of(Organisation, "英伟达")
    for terms, code in (([], "no_term_chosen"), ([("category", 1)], "no_term_chosen")):
        with pytest.raises(TermsRefused) as refused:
            propose_suggested(Post.objects.all(), terms, by=curator)
        assert refused.value.code == code
    with pytest.raises(TermsRefused, match="term_gone"):
        propose_suggested(Post.objects.all(), [("organisation", 10**9)], by=curator)
    writer = person("wei", "Writer")
    with pytest.raises(BulkRefused, match="no_permission"):
        propose_suggested(Post.objects.all(), [term], by=writer)
    with pytest.raises(IgnoreRefused, match="no_permission"):
        ignore_all([term], by=writer)
    assert ignore_all([term, term], by=curator) == 1 and IgnoredTerm.objects.get().post is None
    with pytest.raises(BulkRefused, match="no_post_chosen"):
        propose_suggested(Post.objects.all(), [term], by=curator)


def test_from_the_list_to_the_preview_of_the_step(site: World, client: Client, curator: User) -> None:
    client.force_login(curator)
    posts = [str(site.post(path).pk) for path in (A, C)]
    told = {"action": "add_suggested", "_selected_action": posts}
    here = client.post(LIST, told)["Location"]
    page = client.get(here).content.decode()
    assert "<mark>英伟达</mark>" in page and "in 2 posts" in page and "黄仁勋" in page
    refused = client.post(here, {})
    assert refused.status_code == 400 and "No term is ticked" in refused.content.decode()
    name, pk = term_of(Organisation, "英伟达")
    answer = client.post(here, {"term": [f"{name} {pk}", "nonsense"]})
    preview = client.get(answer["Location"]).content.decode()
    assert "add “英伟达” where the text mentions it" in preview and "2 posts are chosen" in preview
    client.post(here, {"term": f"{name} {pk}", "never": "1"})
    assert "英伟达</strong>" not in client.get(here).content.decode()
    assert "<strong>黄仁勋" in client.get(f"{reverse('admin:posts_post_suggested')}?id__in={posts[0]}").content.decode()
    assert client.get(f"{reverse('admin:posts_post_suggested')}?nothing=1").status_code == 302


# --- The other way round


def test_terms_that_are_never_mentioned_are_taken_out_of_many_posts_and_come_back(
    site: World, client: Client, curator: User
) -> None:
    editing.edit(site.post(A), {"companies_orgs": ["OpenAI", "台积电", "Nvidia", "标普"]}, by=curator)
    editing.edit(site.post(B), {"companies_orgs": ["OpenAI", "台积电", "标普"]}, by=curator)
    before = texts()
    client.force_login(curator)
    told = {"action": "remove_unmentioned", "_selected_action": [str(each.pk) for each in Post.objects.all()]}
    here = client.post(LIST, told)["Location"]
    page = client.get(here).content.decode()
    assert "list and never mention" in page and "<strong>标普" in page and "in 2 posts" in page
    name, pk = term_of(Organisation, "标普")
    answer = client.post(here, {"term": f"{name} {pk}"})
    preview = client.get(answer["Location"]).content.decode()
    assert "remove “标普” where the text never mentions it" in preview and "2 posts are chosen" in preview
    step = BulkStep.objects.latest("pk")
    assert start(step, by=curator).state == Sync.State.DONE
    assert texts() == {path: text.replace("  - 标普\n", "") for path, text in before.items()}
    keep_posts_checked(10)
    assert not suggested_for(Post.objects.all(), listed=True)
    start(propose_undo(BulkStep.objects.get(pk=step.pk), by=curator), by=curator)
    assert texts() == before
    keep_posts_checked(10)
    assert "<strong>标普" in client.get(here).content.decode()
    client.post(here, {"term": f"{name} {pk}", "never": "1"})
    assert "mention every person" in client.get(here).content.decode()


def test_a_term_is_taken_out_under_any_of_its_names_and_nothing_else() -> None:
    document = Document.from_text("---\ncompanies_orgs:\n  - Nvidia # x\n  - X\n  - 英伟达\ntags: [a]\n---\n")
    told = unlisting(document, [TermAddition("companies_orgs", "英伟达", frozenset({"英伟达", "nvidia"}))])
    assert told.values["companies_orgs"] == ["X"] and "tags: [a]" in told.text


# --- Aliases in files


def test_aliases_are_left_alone_unless_the_collection_wants_them_written_out(site: World, curator: User) -> None:
    editing.edit(site.post(B), {"companies_orgs": ["Nvidia", "OpenAI"]}, by=curator)
    assert "  - Nvidia\n" in texts()[B]
    site.collection.aliases = "write_out"
    site.collection.save()
    before = texts()
    post = site.post(B)
    assert post.present is not None
    save_form(post, {}, onto=post.present, by=curator)
    assert texts() == before, "nobody changed anything"
    opened = Document.from_text(before[B])
    typed = opened.replace({"title": "新"})
    foreseen = editing.foreseen(post, typed, onto=post.present)
    save_form(post, {"title": "新"}, onto=post.present, by=curator)
    assert texts()[B] == before[B].replace("title: 乙", "title: 新").replace("  - Nvidia\n", "  - 英伟达\n")
    assert foreseen.text == texts()[B]
    assert {path: text for path, text in texts().items() if path != B} == {A: before[A], C: before[C]}
    assert site.disagreements() == []


def test_what_will_change_shows_the_names_that_are_written_out(site: World, client: Client, curator: User) -> None:
    editing.edit(site.post(B), {"companies_orgs": ["Nvidia"]}, by=curator)
    site.collection.aliases = "write_out"
    site.collection.save()
    client.force_login(curator)
    post = site.post(B)
    told = {"onto": post.present_id, "title": "新"}
    page = client.post(f"{LIST}{post.pk}/changes/", told).content.decode()
    assert "英伟达" in page and "Nvidia" in page


def test_only_the_lines_of_keys_with_aliases_change_and_no_name_comes_twice() -> None:
    text = (
        "---\ncompanies_orgs: [Nvidia, 英伟达, X]  # kept\ncategory: fin\ntags:\n- Nvidia\npeople: {a: 1}\n---\n正文\n"
    )
    meant = {"organisation": {"nvidia": "英伟达"}, "category": {"fin": "finance"}, "person": {"a": "b"}}
    told = written_out(Document.from_text(text), meant).text
    assert told == text.replace("[Nvidia, 英伟达, X]", "[英伟达, X]").replace("category: fin", "category: finance")
