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
    ["拜登"],
    ["特朗普", "特郎普", "川普"],
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
    ["AI", "AIs"],
    ["AL"],
    ["Microsoft", "Micosoft"],
    ["Alphabet"],
    ["Google"],
    ["semiconductor", "semiconductors"],
    ["AT&T"],
    ["ATT"],
    ["status", "statuses"],
    ["bus", "buses"],
    ["house", "houses"],
    ["movie", "movies"],
    ["statue", "statues"],
    ["GPU", "GPUs"],
    ["tpu", "tpus"],
    ["API", "APIs"],
    ["EV", "EVs"],
    ["Airbus"],
    ["virus", "viruses"],
    ["Paris"],
    ["gas", "gases"],
    ["basis"],
    ["base", "bases"],
    ["Texas"],
    ["Series"],
    ["Siri"],
    ["Mars"],
    ["IS"],
    ["ADS"],
    ["US", "U.S.", "U.S"],
    ["ByteDance", "Byte Dance", "Bytedance"],
    ["字节跳动", "字節跳動"],
    ["Hugging Face", "HuggingFace"],
    ["DeepMind", "Deep Mind"],
    ["SK Hynix", "SK hynix", "SK-Hynix", "SKHynix"],
    ["Samsung", "Samsumg"],
    ["阿里巴巴", "阿裡巴巴"],
    ["腾讯", "騰訊"],
    ["联发科", "聯發科"],
    ["large-language-model", "large language models", "Large Language Model"],
    ["open-source", "open source", "opensource"],
    ["startup", "start-up", "startups"],
    ["policies", "policy"],
    ["crisis", "crises"],
    ["index", "indexes", "indices"],
    ["Berkshire Hathaway", "Berkshire Hathway"],
    ["Visa"],
    ["Vista"],
    ["Tesla", "Telsa"],
    ["Sam Altman", "Sam Altmann"],
    ["Jensen Huang", "Huang Jensen"],
    ["Tim Cook"],
    ["Tom Cook"],
    ["Marc Andreessen", "Marc Andreesen"],
    ["Geoffrey Hinton", "Geoffery Hinton"],
    ["Li Fei-Fei", "Fei-Fei Li"],
    ["李飞飞", "李飛飛"],
    ["黄仁勋", "黃仁勳"],
    ["黄仁宇"],
    ["王小川"],
    ["王小波"],
    ["iPhone 15"],
    ["iPhone 16"],
    ["Gemini 1.5"],
    ["Gemini 15"],
    ["o1"],
    ["o3"],
    ["7-Eleven", "7 Eleven"],
    ["S&P 500", "S&P500"],
    ["3M"],
    ["3D"],
    ["C.H. Robinson", "CH Robinson"],
    ["McDonald's", "McDonalds"],
    ["Moody's", "Moodys"],
    ["L'Oréal", "L'Oreal"],
    ["Zürich", "Zurich"],
    ["Peking University"],
    ["北京大学", "北京大學"],
    ["南京大学"],
    ["招商银行"],
    ["浙商银行"],
    ["台湾大学", "臺灣大學"],
    ["清华大学"],
    ["人工智能芯片"],
    ["robotics"],
    ["robots", "robot"],
    ["economics"],
    ["economic"],
    ["politics"],
    ["policy-making", "policymaking"],
    ["supply chain", "supply-chains"],
    ["Bank of America"],
    ["Bank of China"],
    ["Bank of Korea"],
    ["New York Times", "NewYork Times", "The New York Times"],
    ["Fed", "FED"],
    ["FedEx"],
    ["Ford"],
    ["Fort"],
    ["Sora"],
    ["Sony"],
    ["Llama 3", "LLaMA-3"],
    ["Llama 2"],
    ["Llama"],
    ["Claude Code", "ClaudeCode"],
    ["Claude 3.5 Sonnet", "Claude 3.5 Sonet"],
    ["标普500", "标普 500", "標普500"],
    ["纳斯达克", "納斯達克"],
    ["纳斯达克100"],
    ["道琼斯", "道瓊斯"],
    ["日元"],
    ["日圆"],
    ["美债"],
    ["国债", "國債"],
    ["中国国债"],
]
BY_HAND += [
    ["Café de Flore", "Cafe de Flore"],
    ["Nestlé", "Nestle", "Nestlé S.A."],
    ["Citroën", "Citroen"],
    ["Mærsk", "Maersk"],
    ["Apple", "Apple Inc.", "Apple, Inc"],
    ["Huawei", "Huawei Technologies Co., Ltd.", "Huawei Technologies"],
    ["Boeing", "Boeing Company", "The Boeing Company"],
    ["Intel", "Intel Corp.", "Intel Corporation"],
    ["华为", "华为公司", "华为集团"],
    ["小米", "小米集团", "小米有限公司"],
    ["比亚迪", "比亚迪股份有限公司", "比亞迪公司"],
    ["海尔", "海尔集团", "海尔集团公司"],
    ["保险"],
    ["保险公司"],
    ["上市"],
    ["上市公司"],
    ["中国"],
    ["中国公司"],
    ["Class A"],
    ["Class B"],
    ["Class"],
    ["Type I"],
    ["Type II"],
    ["Series 1"],
    ["Series 2"],
    ["Series A"],
    ["Series B"],
    ["Vitamin C"],
    ["Vitamin D"],
    ["Model S"],
    ["Model X"],
    ["Model"],
    ["GPT-4o"],
    ["GPT-4v"],
    ["第一季"],
    ["第二季"],
    ["A股市场"],
    ["B股市场"],
    ["上半年报"],
    ["下半年报"],
]
NOT_BY_NAME_ALONE = {
    frozenset(pair)
    for pair in (
        ("特朗普", "川普"),
        ("特郎普", "川普"),
        ("Nestlé S.A.", "Nestlé"),
        ("Nestlé S.A.", "Nestle"),
        ("Huawei", "Huawei Technologies Co., Ltd."),
        ("Huawei", "Huawei Technologies"),
    )
}
"""Pairs that no spelling shows: not expected."""


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
    assert len(names) == len(set(names)) > 200
    found = duplicates([Named(at, (name,)) for at, name in enumerate(names)])
    proposed = {frozenset(each.names) for each in found}
    wanted = pairs_by_hand()
    wrong, missed = proposed - wanted, wanted - joined(proposed)
    print(f"{len(names)} names, {len(wanted)} pairs, {len(wrong)} wrong, {len(missed)} missed")
    assert 1 - len(wrong) / len(proposed) >= 0.9, wrong
    assert 1 - len(missed) / len(wanted) >= 0.95, missed


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("台积电", "台積電", Why.SCRIPT),
        ("OpenAI", "Open AI", Why.PUNCTUATION),
        ("analyst", "analysts", Why.PLURAL),
        ("GPU", "GPUs", Why.PLURAL),
        ("AI", "AIs", Why.PLURAL),
        ("bus", "buses", Why.PLURAL),
        ("status", "statuses", Why.PLURAL),
        ("house price", "house prices", Why.PLURAL),
        ("analysts' report", "analyst report", Why.PLURAL),
        ("Café", "Cafe", Why.SCRIPT),
        ("Apple", "Apple Inc.", Why.FIRM),
        ("华为", "华为有限公司", Why.FIRM),
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


def test_what_is_kept_apart_from_the_most_used_name_is_proposed_with_the_next() -> None:
    terms = [Named(1, ("Meta",), uses=9), Named(2, ("meta.",), uses=3), Named(3, ("META-",), uses=1)]
    assert [each.names for each in duplicates(terms)] == [("Meta", "meta."), ("Meta", "META-")]
    apart = {frozenset((1, 2)), frozenset((1, 3))}
    assert [each.names for each in duplicates(terms, apart)] == [("meta.", "META-")]
    assert not duplicates(terms, apart | {frozenset((2, 3))})
    many = [Named(1, ("analyst",), uses=9), Named(2, ("analysts",), uses=3), Named(3, ("Analysts.",), uses=1)]
    assert [each.names for each in duplicates(many, apart)] == [("analysts", "Analysts.")]


def test_an_alias_is_compared_like_a_name_and_never_with_its_own_term() -> None:
    terms = [Named(1, ("TSMC", "台积电", "台積電")), Named(2, ("臺積電",))]
    assert [each.names for each in duplicates(terms)] == [("台积电", "臺積電")] or duplicates(terms)[
        0
    ].why is Why.SCRIPT


def test_many_names_are_compared_in_a_moment() -> None:
    terms = [Named(at, (f"Organisation {chr(97 + at % 26)}{at * 7919 % 10007}",)) for at in range(3_000)]
    duplicates(terms)
