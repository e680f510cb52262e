"""Terms: one meaning per name and vocabulary, found by any spelling, made in a constant number of queries."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from taxonomy.models import VOCABULARIES, Organisation, Product, Tag
from taxonomy.names import normal
from taxonomy.slugs import slug_of
from taxonomy.terms import find_or_create, search


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OpenAI", "openai"),
        ("ＯｐｅｎＡＩ", "OpenAI"),
        ("Open  AI", " open\tai "),
        ("Straße", "STRASSE"),
        ("é", "e\u0301"),
        ("Morgan\u3000Stanley", "Morgan Stanley"),
        ("ﬁne", "fine"),
    ],
)
def test_spellings_of_one_name_have_one_normal_form(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"), [("C", "C#"), ("C#", "C++"), ("台积电", "台積電"), ("R", "S"), ("GPT-4", "GPT4")]
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize("name", ["OpenAI", "  A  b ", "Ǆ", "İstanbul", "ﷺ", "台积电　TSMC"])
def test_a_normal_form_is_its_own(name: str) -> None:
    assert normal(normal(name)) == normal(name)


def test_a_name_becomes_a_term_once_in_its_first_spelling(db: None) -> None:
    found = find_or_create(Organisation, ["OpenAI", "openai", "ＯＰＥＮＡＩ", "台积电"])
    assert len(set(found.values())) == 2 and found["OpenAI"] == found["openai"] == found["ＯＰＥＮＡＩ"]
    assert {term.name for term in Organisation.objects.all()} == {"OpenAI", "台积电"}
    assert all(term.is_new for term in Organisation.objects.all())
    assert find_or_create(Organisation, ["oPENai"]) == {"oPENai": found["OpenAI"]}


def test_an_alias_stands_for_its_term(db: None) -> None:
    (pk,) = find_or_create(Organisation, ["台积电"]).values()
    for name, slug in (("TSMC", "tsmc"), ("台積電", "tsmc-2")):
        Organisation(name=name, slug=slug, alias_of_id=pk).save()
    assert set(find_or_create(Organisation, ["tsmc", "台積電", "台积电"]).values()) == {pk}
    assert Organisation.objects.count() == 3


def test_vocabularies_do_not_share_names(db: None) -> None:
    find_or_create(Tag, ["Claude"])
    find_or_create(Product, ["Claude"])
    assert Tag.objects.count() == Product.objects.count() == 1


def test_names_that_slugify_alike_or_to_nothing_have_slugs_of_their_own(db: None) -> None:
    names = ["C", "C#", "C++", "c--", "美元指数", "台积电", "台積電", "!!!", "R&D", "R D", "🙂"]
    found = find_or_create(Product, names)
    assert set(found) == set(names)
    slugs = list(Product.objects.values_list("slug", flat=True))
    assert len(set(slugs)) == len(names) and all(slugs)
    assert Product.objects.get(name="C").slug == "c"
    # And again later, when the plain slug is long taken.
    assert len(set(find_or_create(Product, ["C", "c$"]).values())) == 2


def test_names_of_nothing_are_no_terms(db: None) -> None:
    assert find_or_create(Tag, ["", "   ", "\u3000"]) == {}
    assert not Tag.objects.exists()


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values())
def test_many_names_take_as_many_queries_as_few(vocabulary: type, db: None) -> None:
    def queries(names: list[str]) -> int:
        with CaptureQueriesContext(connection) as counted, transaction.atomic():
            find_or_create(vocabulary, names)
        return len(counted)

    few = queries(["name 1", "name 2"])
    many = queries([f"other name {number}" for number in range(100)])
    assert many == few
    assert queries([f"other name {number}" for number in range(100)]) <= few
    assert vocabulary.objects.count() == 102


def test_a_name_with_a_sign_that_nobody_sees_is_refused_and_emoji_are_not(db: None) -> None:
    for name in ("a\x07b", "a\u200bb", "a\u202eb", "a\nb"):
        with pytest.raises(ValidationError):
            Organisation(name=name, slug="a").clean()
    Organisation(name="👩‍💻 工作室", slug="a").clean()
    with pytest.raises(ValidationError):
        Organisation(name="名", slug="--").clean()


def test_a_term_and_its_aliases_are_found_by_a_part_of_any_name(db: None) -> None:
    (pk,) = find_or_create(Organisation, ["台积电"]).values()
    Organisation(name="TSMC Taiwan", slug="tsmc", alias_of_id=pk).save()
    find_or_create(Organisation, ["Taiwan Bank"])
    assert {term.name for term in search(Organisation, "ＴＡＩＷＡＮ")} == {"台积电", "Taiwan Bank"}
    assert [term.name for term in search(Organisation, "积电")] == ["台积电"]
    assert [term.name for term in search(Organisation, "積電")] == ["台积电"]
    assert [term.name for term in search(Organisation, "台積電")] == ["台积电"]
    assert not search(Organisation, "nothing")


def test_the_database_holds_a_name_to_one_meaning(db: None) -> None:
    Tag(name="OpenAI", slug="a").save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag(name="ｏｐｅｎａｉ", slug="b").save()


@pytest.mark.parametrize("name", ["OPENAI", "\u2003", "ﷺ" * 60])
def test_a_form_is_told_what_is_wrong_with_a_name(name: str, db: None) -> None:
    Tag(name="OpenAI", slug="a").save()
    with pytest.raises(ValidationError) as told:
        Tag(name=name, slug="b").clean()
    assert "name" in told.value.message_dict


def test_aliases_have_one_level(db: None) -> None:
    term, other = Tag(name="term", slug="term"), Tag(name="other", slug="other")
    term.save()
    other.save()
    alias = Tag(name="alias", slug="alias", alias_of=term)
    alias.clean()
    alias.save()
    for wrong in (Tag(name="x", slug="x", alias_of=alias), term):
        if wrong is term:
            term.alias_of = other
        with pytest.raises(ValidationError) as told:
            wrong.clean()
        assert "alias_of" in told.value.message_dict


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("台积电 (TSMC)", "tai-ji-dian-tsmc"),
        ("Société Générale", "societe-generale"),
        ("ＡＩ", "ai"),
        ("Straße", "strasse"),
        ("+++", ""),
        ("美" * 60, "mei-" * 24 + "mei"),
    ],
)
def test_a_slug_is_latin_and_chinese_is_written_by_its_sound(name: str, slug: str) -> None:
    assert slug_of(name)[:99] == slug


def test_a_term_without_a_slug_gets_one_of_its_own(db: None) -> None:
    for name in ("美股", "美古", "!!!", "???"):
        Tag(name=name).save()
    slugs = list(Tag.objects.order_by("pk").values_list("slug", flat=True))
    assert slugs[0] == "mei-gu" and slugs[2] == "term" and len(set(slugs)) == 4
    assert all(slug.isascii() for slug in slugs)
