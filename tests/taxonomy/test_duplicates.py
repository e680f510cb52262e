"""Likely duplicates among names: precision and recall against a list worked out by hand."""

import pytest

from taxonomy.duplicates import Named, Why, duplicates

# Each line: names of one thing. Names of different lines are different things, however alike.
BY_HAND = [
    ["TSMC", "T.S.M.C."],
    ["台积电", "台積電"],
    ["OpenAI", "Open AI", "Open-AI", "OpenAl"],
    ["Morgan Stanley", "MorganStanley"],
    ["JPMorgan", "J.P. Morgan", "JP Morgan"],
    ["Goldman Sachs", "Goldman Sach"],
    ["Anthropic", "Antropic"],
    ["Nvidia", "NVidia Corp"],
    ["美联储", "美聯儲"],
    ["国会山庄", "國會山莊"],
    ["interest-rates", "interest rate", "interest rates"],
    ["central banks", "central-bank"],
    ["companies", "company"],
    ["boxes", "box"],
    ["人工智能", "人工智慧"],
    ["拜登", "川普"],
    ["特朗普", "特郎普"],
    ["Elon Musk", "Musk, Elon"],
    ["GPT-4", "GPT 4", "GPT4"],
    ["GPT-5"],
    ["GPT-4.1"],
    ["GPT-41"],
    ["Claude 3", "Claude-3"],
    ["Claude 3.5"],
    ["Claude"],
    ["C"],
    ["C#"],
    ["C++"],
    ["Meta"],
    ["Beta"],
    ["news"],
    ["analysis"],
    ["analyst", "analysts"],
    ["中国银行"],
    ["中国银联"],
    ["美元"],
    ["美股"],
    ["欧元"],
    ["Jack Ma"],
    ["Jack Mu"],
    ["Reuters"],
    ["Router"],
    ["Q1 2025"],
    ["Q2 2025"],
    ["AI"],
    ["AL"],
    ["Microsoft", "Micosoft"],
    ["Alphabet"],
    ["Google"],
    ["semiconductor", "semiconductors"],
    ["AT&T"],
    ["ATT"],
    ["status"],
    ["US", "U.S.", "U.S"],
]
NOT_BY_NAME_ALONE = {frozenset(("拜登", "川普")), frozenset(("Nvidia", "NVidia Corp"))}
"""Pairs that no spelling shows, or that are a trap in the list above: not expected."""


def pairs_by_hand() -> set[frozenset[str]]:
    """Every pair of names that are one thing."""
    pairs = {frozenset((one, other)) for names in BY_HAND for at, one in enumerate(names) for other in names[at + 1 :]}
    return pairs - NOT_BY_NAME_ALONE


def joined(found: set[frozenset[str]]) -> set[frozenset[str]]:
    """`found` with what follows from it: what is the same as the same is the same."""
    group = {name: {name} for names in BY_HAND for name in names}
    for one, other in map(tuple, found):
        group[one] |= group[other]
        for name in group[one]:
            group[name] = group[one]
    return {frozenset((one, other)) for names in group.values() for one in names for other in names if one != other}


def test_precision_and_recall_against_the_list_worked_out_by_hand() -> None:
    names = [name for names in BY_HAND for name in names]
    found = duplicates([Named(at, (name,)) for at, name in enumerate(names)])
    proposed = {frozenset(each.names) for each in found}
    wanted = pairs_by_hand()
    wrong, missed = proposed - wanted, wanted - joined(proposed)
    assert 1 - len(wrong) / len(proposed) >= 0.9, wrong
    assert 1 - len(missed) / len(wanted) >= 0.95, missed


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("台积电", "台積電", Why.SCRIPT),
        ("OpenAI", "Open AI", Why.PUNCTUATION),
        ("analyst", "analysts", Why.PLURAL),
        ("Elon Musk", "Musk, Elon", Why.ORDER),
        ("Microsoft", "Micosoft", Why.SPELLING),
    ],
)
def test_each_pair_says_why(one: str, other: str, why: Why) -> None:
    (pair,) = duplicates([Named(1, (one,), uses=1), Named(2, (other,), uses=5)])
    assert (pair.why, pair.one.pk, pair.names) == (why, 2, (other, one))


def test_what_was_kept_apart_is_not_proposed_again() -> None:
    terms = [Named(1, ("analyst",)), Named(2, ("analysts",))]
    assert duplicates(terms) and not duplicates(terms, {frozenset((1, 2))})


def test_an_alias_is_compared_like_a_name_and_never_with_its_own_term() -> None:
    terms = [Named(1, ("TSMC", "台积电", "台積電")), Named(2, ("臺積電",))]
    assert [each.names for each in duplicates(terms)] == [("台积电", "臺積電")] or duplicates(terms)[
        0
    ].why is Why.SCRIPT


def test_many_names_are_compared_in_a_moment() -> None:
    terms = [Named(at, (f"Organisation {chr(97 + at % 26)}{at * 7919 % 10007}",)) for at in range(3_000)]
    duplicates(terms)
