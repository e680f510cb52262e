"""What a collection demands of a post before it is published, as advice or so that it stops the step. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Item(StrEnum):
    """What can be demanded, in the order in which it is shown."""

    TITLE = "title"
    SUMMARY = "summary"
    DATE = "date"
    AREA = "area"
    CATEGORY = "category"
    TAG = "tag"
    NO_PROBLEM = "no_problem"
    NO_REMARK = "no_remark"


class Demand(StrEnum):
    """How much an item is demanded."""

    OFF = "off"
    ADVICE = "advice"
    BLOCKING = "blocking"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the items look at."""

    title: str = ""
    summary: str = ""
    has_date: bool = False
    has_area: bool = False
    has_category: bool = False
    has_tag: bool = False
    has_problem: bool = False
    has_remark: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the list: what is demanded, how much, and whether it is there."""

    item: Item
    demand: Demand
    done: bool


_HOLDS: Mapping[Item, Callable[[Facts], bool]] = {
    Item.TITLE: lambda post: bool(post.title.strip()),
    Item.SUMMARY: lambda post: bool(post.summary.strip()),
    Item.DATE: lambda post: post.has_date,
    Item.AREA: lambda post: post.has_area,
    Item.CATEGORY: lambda post: post.has_category,
    Item.TAG: lambda post: post.has_tag,
    Item.NO_PROBLEM: lambda post: not post.has_problem,
    Item.NO_REMARK: lambda post: not post.has_remark,
}


def demands(setting: object) -> dict[Item, Demand]:
    """What `setting`, as a collection keeps it, demands; what it does not know, or says oddly, is off."""
    told = setting if isinstance(setting, Mapping) else {}
    found = {item: told.get(item.value) for item in Item}
    return {item: Demand(value) for item, value in found.items() if value in (Demand.ADVICE, Demand.BLOCKING)}


def ticks(demanded: Mapping[Item, Demand], facts: Facts) -> tuple[Tick, ...]:
    """The list for one post."""
    return tuple(Tick(item, demand, _HOLDS[item](facts)) for item, demand in demanded.items())


def missing(demanded: Mapping[Item, Demand], facts: Facts) -> tuple[str, ...]:
    """The names of the blocking items that are not there."""
    return tuple(tick.item.value for tick in ticks(demanded, facts) if tick.demand is Demand.BLOCKING and not tick.done)
