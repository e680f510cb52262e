"""What bulk steps of terms do to the vocabulary: its rows follow the texts, done in part or undone."""

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet

from posts import bulk, editing, term_moving
from posts.bulk import propose_undo, start
from posts.bulk_proposing import BulkRefused
from posts.document.document import Document
from posts.models import BulkStep, Collection, Post, Sync
from posts.retagging import (
    propose_approval,
    propose_delete,
    propose_merge,
    propose_move,
    propose_rename,
    propose_split,
)
from posts.term_uses import posts_of
from taxonomy.models import Area, Category, MovedName, Organisation, Product, Tag
from taxonomy.names import normal
from taxonomy.terms import find_or_create
from tests.posts.worlds import World, person, save_form, with_orgs

A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"


@pytest.fixture
def site(world: World) -> World:
    """Two drafts and a live post; one organisation that only the live post has."""
    world.remote.commit(
        {
            A: with_orgs("甲", "R1", "OpenAI"),
            B: with_orgs("乙", "R1"),
            C: with_orgs("在线", "R1", "Live", draft="false", status="published"),
        }
    )
    world.sync("done")
    return world


def org(name: str) -> Organisation:
    """The organisation of this name."""
    return Organisation.objects.get(key=normal(name))


def orgs_in(site: World, path: str) -> list[str]:
    """The organisations that the present text of the post lists."""
    listed = Document.from_text(site.post(path).present.text).values["companies_orgs"]
    return [str(name) for name in listed] if isinstance(listed, list) else []


def done(step: BulkStep | None, by: User, *, release: bool = True) -> BulkStep:
    """`step`, started and released."""
    assert step is not None
    run = start(step, by=by)
    if release and run.state == Sync.State.TO_RELEASE:
        publisher = User.objects.filter(username="pu").first() or person("pu", "Publisher")
        bulk.release(BulkStep.objects.get(pk=step.pk), by=publisher)
    return BulkStep.objects.get(pk=step.pk)


def undone(step: BulkStep, by: User) -> BulkStep:
    """The undo of `step`, done."""
    return done(propose_undo(BulkStep.objects.get(pk=step.pk), by=by), by)


# --- Released later, or never


@pytest.mark.parametrize("verb", ["rename", "merge", "move", "delete"])
def test_a_step_that_nobody_released_changed_no_term(site: World, curator: User, verb: str) -> None:
    before = list(Organisation.objects.order_by("pk").values())
    step = {
        "rename": lambda: propose_rename(org("Live"), "Live Inc.", by=curator),
        "merge": lambda: propose_merge(org("Live"), org("OpenAI"), by=curator),
        "move": lambda: propose_move(org("Live"), Product, by=curator),
        "delete": lambda: propose_delete(org("Live"), by=curator),
    }[verb]()
    step = done(step, curator, release=False)
    assert list(Organisation.objects.order_by("pk").values()) == before
    bulk.withdraw(step, by=person("pan", "Publisher"))
    assert list(Organisation.objects.order_by("pk").values()) == before
    with pytest.raises(BulkRefused) as refused:
        propose_undo(BulkStep.objects.get(pk=step.pk), by=curator)
    assert refused.value.code == "nothing_to_undo" and site.disagreements() == []


def test_a_step_of_live_posts_alone_changes_its_term_with_the_release_and_is_undone(site: World, curator: User) -> None:
    before, pk = site.post(C).present.text, org("Live").pk
    step = done(propose_rename(org("Live"), "Live Inc.", by=curator), curator)
    assert (org("Live Inc.").pk, org("Live").alias_of_id) == (pk, pk) and "Live Inc." in orgs_in(site, C)
    undo = done(propose_undo(step, by=curator), curator, release=False)
    assert org("Live Inc.").alias_of is None
    bulk.withdraw(undo, by=curator)
    # An undo that took nothing back is none: the step can still be undone.
    undone(step, curator)
    assert site.post(C).present.text == before and org("Live").pk == pk
    assert site.disagreements() == []


def test_where_drafts_changed_and_live_posts_did_not_all_texts_are_understood_and_it_is_undone(
    site: World, curator: User
) -> None:
    term, before = org("R1"), site.post(A).present.text
    step = done(propose_rename(term, "R2", by=curator), curator, release=False)
    bulk.withdraw(step, by=curator)
    assert (orgs_in(site, A), orgs_in(site, C)) == (["R2", "OpenAI"], ["R1", "Live"])
    assert posts_of(term).count() == 3 and org("R2").pk == term.pk and site.disagreements() == []
    undone(step, curator)
    assert site.post(A).present.text == before and org("R1").pk == term.pk and org("R1").alias_of is None
    assert site.disagreements() == []


# --- Changed meanwhile


@pytest.mark.parametrize("verb", ["rename", "merge", "move", "split"])
def test_a_name_that_somebody_took_out_meanwhile_does_not_come_back_under_another(
    site: World, curator: User, verb: str
) -> None:
    step = {
        "rename": lambda: propose_rename(org("R1"), "R2", by=curator),
        "merge": lambda: propose_merge(org("R1"), org("OpenAI"), by=curator),
        "move": lambda: propose_move(org("R1"), Tag, by=curator),
        "split": lambda: propose_split(org("R1"), ["R2", "R3"], by=curator),
    }[verb]()
    editing.edit(site.post(A), {"companies_orgs": ["OpenAI"]}, by=person("wei", "Writer"))
    site.remote.push(B, site.text_in_git(B).replace("companies_orgs:\n  - R1\n", "companies_orgs: []\n"))
    site.sync()
    tags = site.post(B).tags.count()
    done(step, curator)
    assert (orgs_in(site, A), orgs_in(site, B), site.post(B).tags.count()) == (["OpenAI"], [], tags)
    assert site.disagreements() == []


def test_an_undo_writes_the_old_name_where_the_new_one_stands_and_nowhere_else(site: World, curator: User) -> None:
    site.remote.commit({f"src/posts/{number}.md": with_orgs(f"第{number}篇", "R1", "Z") for number in range(3)})
    site.sync("done")
    step = done(propose_rename(org("R1"), "Neu", by=curator), curator)
    site.sync("done")
    writer = person("wei", "Writer")
    editing.edit(site.post("src/posts/0.md"), {"companies_orgs": ["Z"]}, by=writer)
    editing.edit(site.post("src/posts/1.md"), {"companies_orgs": ["Z", "Neu", "Mehr"]}, by=writer)
    site.remote.push("src/posts/2.md", site.text_in_git("src/posts/2.md").replace("Neu", "neu"))
    site.sync()
    undone(step, curator)
    assert orgs_in(site, "src/posts/0.md") == ["Z"]
    assert orgs_in(site, "src/posts/1.md") == ["Z", "R1", "Mehr"]
    assert orgs_in(site, "src/posts/2.md") == ["R1", "Z"]
    assert site.disagreements() == []


@pytest.mark.parametrize("verb", ["rename", "merge"])
def test_a_step_that_another_builds_on_is_undone_after_that_one(site: World, curator: User, verb: str) -> None:
    find_or_create(Organisation, ["R2", "R3"] if verb == "merge" else [])
    before = {path: site.post(path).present.text for path in (A, B, C)}
    steps = []
    for old, new in (("R1", "R2"), ("R2", "R3")):
        step = (
            propose_rename(org(old), new, by=curator)
            if verb == "rename"
            else propose_merge(org(old), org(new), by=curator)
        )
        steps.append(done(step, curator))
    with pytest.raises(BulkRefused) as refused:
        propose_undo(steps[0], by=curator)
    assert (refused.value.code, refused.value.facts["number"]) == ("undo_later_first", steps[1].run_id)
    for step in reversed(steps):
        undone(step, curator)
    assert {path: site.post(path).present.text for path in (A, B, C)} == before
    assert org("R1").alias_of is None and org("R1").name == "R1" and site.disagreements() == []


def test_steps_that_have_nothing_to_do_with_each_other_are_undone_in_any_order(site: World, curator: User) -> None:
    first = done(propose_rename(org("R1"), "R2", by=curator), curator)
    second = done(propose_rename(org("OpenAI"), "Open AI", by=curator), curator)
    site.sync("done")
    site.remote.push("src/posts/d.md", with_orgs("丁", "R1"))
    site.sync()
    done(propose_rename(org("R2"), "R2", by=curator), curator)
    undone(first, curator)
    assert orgs_in(site, "src/posts/d.md") == ["R2"] and posts_of(org("R1")).count() == 4
    assert orgs_in(site, A) == ["R1", "Open AI"]
    undone(second, curator)
    assert orgs_in(site, A) == ["R1", "OpenAI"] and site.disagreements() == []


# --- Deleted


def test_a_term_in_use_is_deleted_from_its_posts_and_comes_back_with_its_aliases(site: World, curator: User) -> None:
    term = org("R1")
    Organisation(name="别名", slug="bie", alias_of=term).save()
    before = {path: site.post(path).present.text for path in (A, B, C)}
    rows = list(Organisation.objects.order_by("pk").values())
    heads = site.remote.log()
    step = done(propose_delete(term, by=curator), curator, release=False)
    assert (orgs_in(site, A), orgs_in(site, C)) == (["OpenAI"], ["R1", "Live"])
    # As long as a text has it, it is there.
    assert org("别名").alias_of == term and site.disagreements() == []
    bulk.release(step, by=person("pu", "Publisher"))
    assert not Organisation.objects.filter(key__in=["r1", "别名"]).exists()
    assert orgs_in(site, C) == ["Live"] and site.disagreements() == []
    site.sync("done")
    assert len(site.remote.log()) == len(heads) + 1
    undone(step, curator)
    assert {path: site.post(path).present.text for path in (A, B, C)} == before
    assert list(Organisation.objects.order_by("pk").values()) == rows and site.disagreements() == []


def test_a_deleted_term_that_a_push_made_anew_is_the_one_that_the_undo_finds(site: World, curator: User) -> None:
    Organisation(name="别名", slug="bie", alias_of=org("R1")).save()
    step = done(propose_delete(org("R1"), by=curator), curator)
    site.sync("done")
    site.remote.push("src/posts/d.md", with_orgs("丁", "R1"))
    site.sync()
    undone(step, curator)
    assert posts_of(org("R1")).count() == 4 and org("别名").alias_of == org("R1")
    assert site.disagreements() == []


def test_a_single_value_is_emptied_and_an_area_comes_back_with_its_categories(site: World, curator: User) -> None:
    area = Area.objects.get()
    Category.objects.update(area=area)
    step = done(propose_delete(area, by=curator), curator)
    assert not Area.objects.exists() and "area: ''" in site.post(A).present.text
    undone(step, curator)
    assert Category.objects.get().area == area and site.post(C).area == area
    assert site.disagreements() == []


# --- Looked at


def test_terms_are_marked_as_looked_at_in_one_step_and_back(site: World, curator: User) -> None:
    Organisation.objects.filter(name="OpenAI").update(is_new=False)
    step = propose_approval(Organisation.objects.all(), by=curator)
    assert step is not None and Organisation.objects.filter(is_new=True).count() == 2
    done(step, curator)
    assert not Organisation.objects.filter(is_new=True).exists()
    undone(step, curator)
    assert set(Organisation.objects.filter(is_new=True).values_list("name", flat=True)) == {"R1", "Live"}


def test_the_undo_of_a_merge_lets_both_terms_be_new_again(site: World, curator: User) -> None:
    step = done(propose_merge(org("R1"), org("OpenAI"), by=curator), curator)
    assert not org("OpenAI").is_new
    undone(step, curator)
    assert org("OpenAI").is_new and org("R1").is_new


# --- Moved


def test_posts_follow_a_moved_term_part_by_part_and_after_a_crash(
    site: World, curator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    term, parts, real = org("R1"), [], term_moving.reindex
    total = posts_of(term).count()

    def crashes_once(posts: QuerySet[Post]) -> None:
        parts.append(posts.count())
        if len(parts) == 2:
            raise RuntimeError
        real(posts)

    monkeypatch.setattr(term_moving, "PART", 1)
    monkeypatch.setattr(term_moving, "reindex", crashes_once)
    term_moving.move(term, Product)
    with pytest.raises(RuntimeError):
        term_moving.follow(term)
    assert posts_of(term).count() == total - 1 > 0
    term_moving.follow(term)
    assert posts_of(Product.objects.get(name="R1")).count() == total and set(parts) == {1}
    assert not Organisation.objects.filter(pk=term.pk).exists() and site.disagreements() == []


def test_a_moved_term_takes_its_aliases_along_and_is_remembered(site: World, curator: User) -> None:
    Organisation(name="别名", slug="bie", alias_of=org("R1"), is_new=False).save()
    before = {path: site.post(path).present.text for path in (A, B, C)}
    step = done(propose_move(org("R1"), Product, by=curator), curator)
    product = Product.objects.get(name="R1")
    assert not product.is_new and product.aliases.get().name == "别名"
    assert not Organisation.objects.filter(key__in=["r1", "别名"]).exists()
    site.sync("done")
    site.remote.commit({"src/posts/d.md": with_orgs("丁", "R1", "Z"), "src/posts/e.md": with_orgs("戊", "别名")})
    site.sync()
    for path in ("src/posts/d.md", "src/posts/e.md"):
        assert site.post(path).products_models.get() == product
    assert [term.name for term in site.post("src/posts/d.md").companies_orgs.all()] == ["Z"]
    assert site.disagreements() == []
    undone(step, curator)
    assert {path: site.post(path).present.text for path in (A, B, C)} == before
    assert posts_of(org("R1")).count() == 5 and org("别名").alias_of == org("R1")
    assert not Product.objects.filter(name="R1").exists() and not MovedName.objects.exists()
    assert site.disagreements() == []


def test_where_a_collection_wants_it_a_moved_name_is_written_under_its_key_with_the_next_edit(
    site: World, curator: User
) -> None:
    Collection.objects.update(aliases=Collection.Aliases.WRITE_OUT)
    done(propose_move(org("R1"), Product, by=curator), curator)
    site.remote.push("src/posts/d.md", with_orgs("丁", "R1", "Z"))
    site.sync()
    post = site.post("src/posts/d.md")
    save_form(post, {"title": "改"}, onto=post.present, by=person("wei", "Writer"))
    values = Document.from_text(site.post("src/posts/d.md").present.text).values
    assert (values["companies_orgs"], values["products_models"]) == (["Z"], ["R1"])
    assert site.disagreements() == []


def test_what_is_moved_back_is_found_in_its_old_vocabulary_again(site: World, curator: User) -> None:
    done(propose_move(org("R1"), Product, by=curator), curator)
    done(propose_move(Product.objects.get(name="R1"), Organisation, by=curator), curator)
    assert posts_of(org("R1")).count() == 3 and not Product.objects.exists()
    assert MovedName.objects.get().vocabulary == "product" and site.disagreements() == []


# --- Areas


def test_categories_of_an_area_go_with_it_when_it_is_merged_and_come_back(site: World, curator: User) -> None:
    find_or_create(Area, ["money"])
    area, into, category = (
        Area.objects.get(name="finance-wealth"),
        Area.objects.get(name="money"),
        Category.objects.get(),
    )
    Category.objects.update(area=area)
    step = done(propose_merge(area, into, by=curator), curator)
    category.refresh_from_db()
    assert category.area == into
    undone(step, curator)
    category.refresh_from_db()
    assert category.area == area


def test_unused_terms_are_moved_split_and_deleted_as_steps_and_back(site: World, curator: User) -> None:
    find_or_create(Organisation, ["Nobody"])
    term = org("Nobody")
    step = done(propose_move(term, Tag, by=curator), curator)
    assert Tag.objects.filter(name="Nobody").exists() and not Organisation.objects.filter(pk=term.pk).exists()
    undone(step, curator)
    assert not Tag.objects.filter(name="Nobody").exists() and org("Nobody").pk == term.pk
    step = done(propose_split(term, ["One", "Two"], by=curator), curator)
    assert not org("One").is_new
    undone(step, curator)
    assert not Organisation.objects.filter(name="One").exists()
    step = done(propose_delete(term, by=curator), curator)
    assert not Organisation.objects.filter(pk=term.pk).exists()
    undone(step, curator)
    assert org("Nobody").pk == term.pk and Post.objects.count() == 3
