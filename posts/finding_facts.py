"""What of a finding somebody may be told: it can name a post of another collection of the site."""

from collections.abc import Mapping
from typing import Any

from posts.access import may_enter

_OF_THE_OTHER = ("path", "post", "room", "room_name")


def facts_for(person: Any, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `facts` of a finding as `person` may read them.

    Of a post in a collection that is closed to them that there is one, and nothing else.
    """
    if may_enter(person, facts.get("room")):
        return facts
    return {**{key: value for key, value in facts.items() if key not in _OF_THE_OTHER}, "closed": True}
