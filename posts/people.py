"""Who a git author is here: a person known by the e-mail address, or nobody."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models.functions import Lower

from posts.models import Collection


def people_by_address(collection: Collection, addresses: Iterable[str]) -> dict[str, User]:
    """The active person behind each of `addresses` (small letters); machine authors of the collection are nobody."""
    wanted = {address.lower() for address in addresses if address} - collection.machine_addresses
    if not wanted:
        return {}
    known = User.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address__in=wanted)
    return {user.email.lower(): user for user in known.order_by("-pk")}
