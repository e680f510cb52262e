"""Who a git author is here: a person known by the e-mail address, or nobody."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Count
from django.db.models.functions import Lower

from posts.models import Collection, Revision, Whence


def people_by_address(collection: Collection, addresses: Iterable[str]) -> dict[str, User]:
    """The active person behind each of `addresses` (small letters); machine authors of the collection are nobody."""
    wanted = {address.lower() for address in addresses if address} - collection.machine_addresses
    if not wanted:
        return {}
    known = User.objects.filter(is_active=True).annotate(address=Lower("email")).filter(address__in=wanted)
    return {user.email.lower(): user for user in known.order_by("-pk")}


def unknown_authors(collection: Collection, most: int = 20) -> list[tuple[str, str, int]]:
    """Name, address and number of texts of who pushed to `collection` and is neither a person here nor a machine.

    For the Administrator, who can give a person the address or list it as a machine's (DESIGN §2.9).
    """
    pushed = Revision.objects.filter(post__collection=collection, whence=Whence.IMPORT, by=None)
    rows = pushed.values("author_email", "author_name").annotate(texts=Count("pk")).order_by("-texts")
    found = [(row["author_name"], row["author_email"], row["texts"]) for row in rows]
    known = collection.machine_addresses | people_by_address(collection, [email for _, email, _ in found]).keys()
    return [each for each in found if each[1].lower() not in known][:most]
