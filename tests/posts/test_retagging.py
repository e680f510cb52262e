"""Terms renamed, merged, moved and split as bulk steps: exact lines, released and undone as one, understood after."""

import pytest
from django.contrib.auth.models import User

from posts import bulk, editing
from posts.bulk import propose_undo, start
from posts.bulk_planning import plan, rows_of, whole_rows
from posts.bulk_proposing import BulkRefused
from posts.document.document import Document
from posts.models import BulkStep, Outcome, Post, Sync
from posts.renaming import TermsRefused
from posts.retagging import propose_delete, propose_merge, propose_move, propose_rename, propose_split
from posts.term_changes import TermAddition, TermChange, given_back, listing, retermed, unlisting, written_out
from posts.term_uses import companions_of, months_of, posts_of, with_uses
from taxonomy.models import Category, Organisation, Tag
from taxonomy.names import normal
from taxonomy.terms import find_or_create, kept_apart, remember_apart
from tests.posts.worlds import World, person, post_text, with_orgs

A_TERM = TermAddition("tags", "新", frozenset(["新"]))
A, B, C = "src/posts/a.md", "src/posts/b.md", "src/posts/c.md"


@pytest.fixture
def site(world: World) -> World:
    """One organisation in three spellings, in two drafts and a live post."""
    world.remote.commit(
        {
            A: with_orgs("甲", "台積電", "OpenAI", "TSMC"),
            B: with_orgs("乙", "台積電"),
            C: with_orgs("在线", "OpenAI", "台積電", draft="false", status="published"),
        }
    )
    world.sync("done")
    return world


def org(name: str) -> Organisation:
    """The organisation of this name."""
    return Organisation.objects.get(key=normal(name))


def texts() -> dict[str, str]:
    """The present text of each post."""
    return {each.path: each.present.text for each in Post.objects.select_related("present") if each.present}


def step_of(step: BulkStep | None) -> BulkStep:
    """The step, which there must be."""
    assert step is not None
    return BulkStep.objects.get(pk=step.pk)


def run_of(step: BulkStep) -> Sync:
    """The run of a step that was started."""
    return Sync.objects.get(bulk=step)


# --- What it does to a document


@pytest.mark.parametrize(
    ("names", "into", "said", "becomes"),
    [
        (["台積電"], ["TSMC"], ["OpenAI", "台積電", "苹果"], ["OpenAI", "TSMC", "苹果"]),
        (["台積電"], ["TSMC"], ["台積電", "OpenAI", "TSMC"], ["TSMC", "OpenAI"]),
        (["台積電"], ["TSMC"], ["TSMC", "OpenAI", "台積電"], ["TSMC", "OpenAI"]),
        (["tsmc", "台積電"], ["TSMC"], ["tsmc", "台積電"], ["TSMC"]),
        (["tsmc"], ["TSMC"], ["TSMC", "OpenAI"], ["TSMC", "OpenAI"]),
        (["台積電"], ["TSMC"], ["台積電子"], ["台積電子"]),
        (["ab"], ["A", "B"], ["x", "AB", "b"], ["x", "A", "B"]),
        (["台積電"], ["TSMC"], [], []),
    ],
)
def test_a_name_is_written_in_the_place_of_another(
    names: list[str], into: list[str], said: list[str], becomes: list[str]
) -> None:
    document = Document.from_text(
        with_orgs("甲", *said) if said else post_text().replace("  - OpenAI\n  - 台积电\n", "")
    )
    change = TermChange("companies_orgs", frozenset(names), tuple(into), "companies_orgs")
    after = retermed(document, change)
    assert (after.values["companies_orgs"] or []) == becomes
    if said == becomes:
        assert after == document


@pytest.mark.parametrize(
    ("listed", "becomes"),
    [
        ("\n  - 台积电 # eins\n  - OpenAI # zwei", "\n  - TSMC # eins\n  - OpenAI # zwei"),
        ('\n  - "台积电"\n  -\n  - ~\n  - OpenAI', '\n  - "TSMC"\n  -\n  - ~\n  - OpenAI'),
        (" [\n  OpenAI, # 1\n  台积电, # 2\n]", " [\n  OpenAI, # 1\n  TSMC, # 2\n]"),
        (" [台积电, ~, b]", " [TSMC, ~, b]"),
        (" [Meta, META, Meta, 台积电, ~]", " [Meta, META, Meta, TSMC, ~]"),
        (" [TSMC, b, TSMC, 台积电]", " [TSMC, b, TSMC]"),
        ("\n  - 台积电 # alias\n  - b\n  - TSMC # own", "\n  - TSMC # own\n  - b"),
    ],
)
def test_what_stands_beside_a_name_stays(listed: str, becomes: str) -> None:
    text = f"---\ntitle: x # y\ncompanies_orgs:{listed}\n# below\ndraft: true\n---\n正文\n"
    there = Document.from_text(text)
    change = TermChange("companies_orgs", frozenset(["台积电"]), ("TSMC",), "companies_orgs")
    assert retermed(there, change).text == text.replace(listed, becomes)
    assert written_out(there, {"organisation": {"台积电": "TSMC"}}).text == text.replace(listed, becomes)
    assert given_back(retermed(there, change), there, retermed(there, change), change).values["companies_orgs"]


@pytest.mark.parametrize("listed", ["\n  - ~\n  - 台积电 # eins\n  - Meta\n  - META", " [~, Meta, 台积电, META]"])
def test_what_stands_beside_a_name_comes_back_with_it_to_the_byte(listed: str) -> None:
    text = f"---\ncompanies_orgs:{listed}\ntags: [~, a]\n---\n正文\n"
    there = Document.from_text(text)
    change = TermChange("companies_orgs", frozenset(["台积电"]), ("TSMC",), "companies_orgs")
    written = retermed(there, change)
    assert given_back(written, there, written, change).text == text
    moved = retermed(there, TermChange("companies_orgs", frozenset(["台积电"]), ("TSMC",), "tags"))
    assert moved.values == {"companies_orgs": [None, "Meta", "META"], "tags": [None, "a", "TSMC"]}
    assert unlisting(listing(there, [A_TERM]), [A_TERM]).text == text


def test_a_single_value_is_changed_and_an_occupied_one_is_not_overwritten() -> None:
    document = Document.from_text(post_text())
    finance = TermChange("category", frozenset(["investment-assets"]), ("finance",), "category")
    assert retermed(document, finance).text == document.text.replace("investment-assets", "finance")
    moved = retermed(document, TermChange("category", frozenset(["investment-assets"]), ("x",), "tags"))
    assert moved.values["category"] == "" and moved.values["tags"] == ["market-volatility", "ai-disruption", "x"]
    back = retermed(document, TermChange("tags", frozenset(["ai-disruption"]), ("ai-disruption",), "category"))
    assert back.values["category"] == "investment-assets" and back.values["tags"] == ["market-volatility"]


# --- Rename


def test_a_rename_writes_the_new_name_and_keeps_the_old_one_as_an_alias(site: World, curator: User) -> None:
    before, term = texts(), org("OpenAI")
    step = step_of(propose_rename(term, "OpenAI Inc.", by=curator))
    assert texts() == before and org("OpenAI").name == "OpenAI"
    planned = {each.post.path: each for each in plan(step, whole_rows(rows_of(step)), by=curator)}
    assert set(planned) == {A, C} and planned[C].needs_release
    assert planned[A].texts == ((before[A], before[A].replace("- OpenAI\n", "- OpenAI Inc.\n")),)
    start(step, by=curator)
    assert texts() == before | {A: before[A].replace("- OpenAI\n", "- OpenAI Inc.\n")}
    term.refresh_from_db()
    assert (term.name, term.is_new, org("OpenAI").alias_of_id) == ("OpenAI Inc.", False, term.pk)
    assert site.post(A).present.by == curator
    assert site.disagreements() == []


def test_after_a_rename_the_next_push_with_the_old_name_is_understood(site: World, curator: User) -> None:
    term = org("OpenAI")
    start(step_of(propose_rename(term, "Open AI", by=curator)), by=curator)
    site.remote.commit({"src/posts/d.md": with_orgs("丁", "OpenAI")})
    site.sync()
    assert site.post("src/posts/d.md").companies_orgs.get().pk == term.pk
    assert site.disagreements() == []


def test_a_rename_that_only_changes_letter_case_makes_no_alias(site: World, curator: User) -> None:
    term = org("TSMC")
    start(step_of(propose_rename(term, "Tsmc", by=curator)), by=curator)
    term.refresh_from_db()
    assert term.name == "Tsmc" and "  - Tsmc\n" in texts()[A] and not term.aliases.exists()
    assert site.disagreements() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tsmc", "name_taken"),
        ("  ", "term_name_missing"),
        ("x" * 256, "name_too_long"),
        *((f"a{sign}b", "hidden_signs") for sign in "\x07\u200b\u202e\ufeff"),
    ],
)
def test_a_name_that_is_none_or_is_taken_is_refused(site: World, curator: User, name: str, code: str) -> None:
    with pytest.raises(TermsRefused) as refused:
        propose_rename(org("OpenAI"), name, by=curator)
    assert refused.value.code == code and not BulkStep.objects.exists()


def test_only_who_may_change_terms_and_many_posts_may_do_it(site: World) -> None:
    for number, role in enumerate(("Writer", "Reviewer", "Publisher")):
        with pytest.raises(BulkRefused):
            propose_rename(org("OpenAI"), "X", by=person(f"p{number}", role))


# --- Merge


def test_a_merge_touches_only_the_lines_with_the_name_and_is_undone_to_the_byte(site: World, curator: User) -> None:
    before, term, into = texts(), org("台積電"), org("TSMC")
    old = Organisation(name="台积电", slug="tai", alias_of=term)
    old.save()
    step = step_of(propose_merge(term, into, by=curator))
    run = start(step, by=curator)
    assert run.state == Sync.State.TO_RELEASE
    assert texts() == before | {
        A: before[A].replace("  - TSMC\n", "").replace("  - 台積電\n", "  - TSMC\n"),
        B: before[B].replace("台積電", "TSMC"),
    }
    old.refresh_from_db()
    term.refresh_from_db()
    assert (term.alias_of_id, old.alias_of_id) == (into.pk, into.pk)
    # What waits for its release is linked to the same term already: its text has another name for it.
    assert set(posts_of(into).values_list("path", flat=True)) == {A, B, C} and not posts_of(term).exists()
    assert site.disagreements() == []
    bulk.release(step, by=person("pu", "Publisher"))
    assert texts()[C] == before[C].replace("台積電", "TSMC")
    assert site.disagreements() == []
    undo = propose_undo(step_of(step), by=curator)
    bulk.start(undo, by=curator)
    bulk.release(BulkStep.objects.get(pk=undo.pk), by=person("pu2", "Publisher"))
    assert texts() == before
    old.refresh_from_db()
    term.refresh_from_db()
    assert (term.alias_of_id, old.alias_of_id) == (None, term.pk)
    assert site.disagreements() == []


def test_a_merge_over_drafts_and_live_posts_leaves_as_one_commit_once_it_is_released(
    site: World, curator: User
) -> None:
    step = step_of(propose_merge(org("台積電"), org("TSMC"), by=curator))
    heads = site.remote.log()
    start(step, by=curator)
    site.remote.push(B, site.text_in_git(B) + "推送来的一段。\n")
    site.sync()
    assert len(site.remote.log()) == len(heads) + 1 and "台積電" in site.text_in_git(B)
    assert site.post(B).pending and "TSMC" in texts()[B] and "推送来的一段。" in texts()[B]
    bulk.release(step_of(step), by=person("pu", "Publisher"))
    site.sync("done")
    assert len(site.remote.log()) == len(heads) + 2
    assert all("台積電" not in site.text_in_git(path) for path in (A, B, C))


def test_what_a_step_did_to_drafts_leaves_when_its_release_is_withdrawn(site: World, curator: User) -> None:
    step = step_of(propose_merge(org("台積電"), org("TSMC"), by=curator))
    heads = site.remote.log()
    start(step, by=curator)
    bulk.withdraw(step_of(step), by=curator)
    assert Sync.objects.filter(kind=Sync.Kind.SYNC, state=Sync.State.WAITING).exists()
    site.sync("done")
    assert len(site.remote.log()) == len(heads) + 1
    assert "TSMC" in site.text_in_git(B) and "台積電" in site.text_in_git(C)


def test_what_was_pushed_or_left_out_since_is_linked_rightly_after_the_undo(site: World, curator: User) -> None:
    term, into = org("台積電"), org("TSMC")
    step = step_of(propose_merge(term, into, by=curator))
    start(step, by=curator, without=[site.post(B).pk])
    site.remote.commit({"src/posts/d.md": with_orgs("丁", "台積電")})
    site.sync()
    assert posts_of(into).count() == 4
    bulk.withdraw(step_of(step), by=curator)
    start(propose_undo(step_of(step), by=curator), by=curator)
    assert set(posts_of(term).values_list("path", flat=True)) == {A, B, C, "src/posts/d.md"}
    assert set(posts_of(into).values_list("path", flat=True)) == {A}
    assert site.disagreements() == []


def test_a_merge_undone_and_done_again_is_done(site: World, curator: User) -> None:
    term, into = org("台積電"), org("TSMC")
    step = step_of(propose_merge(term, into, by=curator))
    start(step, by=curator)
    bulk.withdraw(step_of(step), by=curator)
    undo = propose_undo(step_of(step), by=curator)
    start(undo, by=curator)
    start(propose_undo(step_of(undo), by=curator), by=curator)
    term.refresh_from_db()
    assert term.alias_of_id == into.pk and "台積電" not in texts()[B]
    assert site.disagreements() == []


def test_a_merge_keeps_what_somebody_wrote_since_it_was_looked_at(site: World, curator: User) -> None:
    step = step_of(propose_merge(org("台積電"), org("TSMC"), by=curator))
    editing.edit(site.post(B), {"title": "新题", "companies_orgs": ["台積電", "苹果"]}, by=person("wei", "Writer"))
    start(step, by=curator)
    assert set(Document.from_text(texts()[B]).values["companies_orgs"]) == {"TSMC", "苹果"}
    assert Document.from_text(texts()[B]).values["title"] == "新题"
    assert site.disagreements() == []


def test_a_merge_of_a_single_term_moves_the_column(site: World, curator: User) -> None:
    find_or_create(Category, ["finance"])
    term, into = Category.objects.get(name="investment-assets"), Category.objects.get(name="finance")
    start(step_of(propose_merge(term, into, by=curator)), by=curator)
    assert site.post(C).category_id == into.pk and "category: investment-assets" in texts()[C]
    assert "category: finance" in texts()[A]
    assert site.disagreements() == []


def test_a_term_that_no_post_has_is_changed_as_a_step_of_no_post_and_back(site: World, curator: User) -> None:
    find_or_create(Organisation, ["Nobody", "Other"])
    steps = [step_of(propose_rename(org("Nobody"), "Somebody", by=curator))]
    assert org("Nobody").name == "Nobody" and not steps[0].rows.exists()
    assert start(steps[0], by=curator).state == Sync.State.DONE
    assert org("Nobody").alias_of == org("Somebody")
    steps.append(step_of(propose_merge(org("Somebody"), org("Other"), by=curator)))
    start(steps[1], by=curator)
    assert org("Nobody").alias_of == org("Somebody").alias_of == org("Other")
    for step in reversed(steps):
        start(propose_undo(step_of(step), by=curator), by=curator)
    assert (org("Nobody").alias_of, org("Nobody").is_new, org("Other").is_new) == (None, True, True)
    assert org("Somebody").alias_of == org("Nobody")


def test_without_any_collection_a_term_is_changed_at_once(curator: User) -> None:
    find_or_create(Organisation, ["Nobody", "Other"])
    assert propose_rename(org("Nobody"), "Somebody", by=curator) is None
    assert propose_merge(org("Somebody"), org("Other"), by=curator) is None
    assert org("Nobody").alias_of == org("Somebody").alias_of == org("Other")
    assert propose_delete(org("Other"), by=curator) is None and not Organisation.objects.exists()


def test_a_step_whose_term_went_meanwhile_fails_and_changes_nothing(site: World, curator: User) -> None:
    before = texts()
    step = step_of(propose_merge(org("台積電"), org("TSMC"), by=curator))
    find_or_create(Organisation, ["Other"])
    Organisation.objects.filter(name="TSMC").update(alias_of=org("Other"))
    run = start(step, by=curator)
    assert (run.state, run.error_code) == (Sync.State.FAILED, "term_gone")
    assert texts() == before and not Outcome.objects.filter(sync=run).exists()


# --- Split, move, and the files that use another name


def test_a_split_writes_both_names_and_a_move_takes_it_to_another_key(site: World, curator: User) -> None:
    start(step_of(propose_split(org("TSMC"), ["TSMC 南京", "TSMC 台南"], by=curator)), by=curator)
    listed = Document.from_text(texts()[A]).values["companies_orgs"]
    assert listed == ["台積電", "OpenAI", "TSMC 南京", "TSMC 台南"]
    start(step_of(propose_move(org("TSMC 南京"), Tag, by=curator)), by=curator)
    values = Document.from_text(texts()[A]).values
    assert values["companies_orgs"] == ["台積電", "OpenAI", "TSMC 台南"] and "TSMC 南京" in values["tags"]
    assert site.disagreements() == []


def test_the_name_is_written_wherever_a_file_uses_an_alias(site: World, curator: User) -> None:
    start(step_of(propose_rename(org("TSMC"), "台灣積體電路", by=curator)), by=curator)
    site.remote.commit({"src/posts/d.md": with_orgs("丁", "TSMC")})
    site.sync()
    start(step_of(propose_rename(org("台灣積體電路"), "台灣積體電路", by=curator)), by=curator)
    assert "台灣積體電路" in texts()["src/posts/d.md"] and org("TSMC").alias_of is not None


def test_what_was_kept_apart_stays_so_after_a_merge_a_rename_and_their_undo(site: World, curator: User) -> None:
    site.remote.commit({"src/posts/d.md": with_orgs("丁", "Alpha Bank", "Alpho Bank", "Zeta Group X")})
    site.sync()
    one, other, into = org("Alpha Bank"), org("Alpho Bank"), org("Zeta Group X")
    remember_apart(one, other, by=curator)
    before = kept_apart(Organisation)
    assert before == {frozenset((one.pk, other.pk))}
    step = step_of(propose_merge(one, into, by=curator))
    start(step, by=curator)
    assert kept_apart(Organisation) == {frozenset((into.pk, other.pk))}
    start(propose_undo(step, by=curator), by=curator)
    assert kept_apart(Organisation) == before
    start(step_of(propose_merge(org("Alpha Bank"), into, by=curator)), by=curator)
    # Renamed to what was its alias, it has that row no more.
    start(step_of(propose_rename(org("Zeta Group X"), "Alpha Bank", by=curator)), by=curator)
    assert kept_apart(Organisation) == {frozenset((into.pk, other.pk))}
    start(step_of(propose_merge(org("Alpho Bank"), org("Alpha Bank"), by=curator)), by=curator)
    assert kept_apart(Organisation) == set()


# --- What is known of a term


def test_a_term_knows_its_uses_its_companions_and_its_months(site: World, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(1):
        counted = {term.name: term.post_count for term in with_uses(Organisation.objects.all())}
    assert counted == {"OpenAI": 2, "TSMC": 1, "台積電": 3}
    with django_assert_max_num_queries(20):
        found = {str(term): number for term, number in companions_of(org("台積電"))}
    assert found["OpenAI"] == 2 and found["TSMC"] == 1 and found["market-volatility"] == 3
    assert [(str(month), number) for month, number in months_of(org("台積電"), most=36)] == [("2026-02-01", 3)]


def test_the_months_of_a_term_go_on_to_the_end_of_all_years(world: World) -> None:
    world.remote.push("src/posts/a.md", with_orgs("一", "台积电").replace("2026-02-13", "9998-11-30"))
    world.remote.push("src/posts/b.md", with_orgs("二", "台积电").replace("2026-02-13", "9999-12-30"))
    world.sync(Sync.State.DONE)
    months = months_of(org("台积电"), most=36)
    assert [(str(month), number) for month, number in (months[0], *months[-2:])] == [
        ("9998-11-01", 1),
        ("9999-11-01", 0),
        ("9999-12-01", 1),
    ]
    assert len(months) == 14
    world.remote.push("src/posts/c.md", with_orgs("三", "台积电").replace("2026-02-13", "0001-01-01"))
    world.sync(Sync.State.DONE)
    assert [str(month) for month, _number in months_of(org("台积电"), most=2)] == ["9999-11-01", "9999-12-01"]
