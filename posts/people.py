"""Who a git author is here, a person known by the e-mail address or nobody; and who a person is in git."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from posts.access import who_may_enter
from posts.models import Collection, Revision, Whence


def people_by_address(collection: Collection, addresses: Iterable[str]) -> dict[str, User]:
    """The active person behind each of `addresses` (small letters); machine authors of the collection are nobody.

    Whoever commits with the no-reply address that we gave a person is that person.
    """
    wanted = {address.lower() for address in addresses if address} - collection.machine_addresses
    if not wanted:
        return {}
    active = User.objects.filter(is_active=True).order_by("-pk")
    ending = f"@{settings.NO_REPLY_DOMAIN.lower()}"
    names = {address.removesuffix(ending) for address in wanted if address.endswith(ending)}
    found: dict[str, User] = {}
    if names:
        for user in active.annotate(name=Lower("username")).filter(name__in=names):
            found[no_reply_address(user).lower()] = user
    known = active.annotate(address=Lower("email")).filter(address__in=wanted)
    return found | {user.email.lower(): user for user in known}


def known_addresses(collection: Collection) -> frozenset[str]:
    """Every address (small letters) behind which `people_by_address` finds somebody."""
    active = User.objects.filter(is_active=True)
    known = {address.lower() for user in active for address in (user.email, no_reply_address(user)) if address}
    return frozenset(known) - collection.machine_addresses


def people_who_may(permission: str, collection: int | None) -> QuerySet[User]:
    """The active staff who hold `permission` ("app.codename") themselves or by a role, by name: one query.

    `collection` is the key of the one that they must be able to enter, None for any.
    """
    able = User.objects.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")
    return who_may_enter(able, collection).filter(is_staff=True).order_by("first_name", "last_name", "username")


def no_reply_address(person: User) -> str:
    """The address that stands in the commits of a person who has none, or keeps it to themselves."""
    return f"{person.get_username()}@{settings.NO_REPLY_DOMAIN}"


def commit_identity(person: User) -> tuple[str, str]:
    """Name and address of a person in git, as they chose; costs a query unless the profile was fetched with them."""
    try:
        profile = person.profile
    except ObjectDoesNotExist:
        profile = None
    name = (profile.commit_name if profile else "") or person.get_full_name() or person.get_username()
    # Git ends a name at an angle bracket.
    name = " ".join(name.translate({60: None, 62: None}).split())[:120] or person.get_username()
    hides = profile is not None and profile.no_reply
    return name, no_reply_address(person) if hides or not person.email else person.email


def unknown_authors(collection: Collection, most: int = 20) -> list[tuple[str, str, int]]:
    """Name, address and number of texts of who pushed to `collection` and is neither a person here nor a machine.

    For the Administrator, who can give a person the address or list it as a machine's (DESIGN §2.9).
    """
    pushed = Revision.objects.filter(post__collection=collection, whence=Whence.IMPORT, by=None)
    rows = pushed.values("author_email", "author_name").annotate(texts=Count("pk")).order_by("-texts")
    found = [(row["author_name"], row["author_email"], row["texts"]) for row in rows]
    known = collection.machine_addresses | people_by_address(collection, [email for _, email, _ in found]).keys()
    return [each for each in found if each[1].lower() not in known][:most]
