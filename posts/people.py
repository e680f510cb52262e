"""Who a git author is here, a person known by the e-mail address or nobody; and who a person is in git."""

from collections.abc import Iterable, Set

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from posts.access import who_may_enter
from posts.models import Collection, Revision, Whence

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def people_by_address(collection: Collection, addresses: Iterable[str]) -> dict[str, User]:
    """The active person behind each of `addresses` (small letters); machine authors of the collection are nobody.

    Whoever commits with the no-reply address that we gave a person is that person.
    """
    wanted = {address.lower() for address in addresses if address} - collection.machine_addresses
    return _known(wanted, User.objects.filter(is_active=True)) if wanted else {}


def people_at(addresses: Iterable[str], *, but: User | None = None) -> dict[str, User]:
    """Whose, `but` for one's, each of `addresses` is (small letters), the deactivated included; of nobody's is none.

    For whoever gives an address away: with another's they would be taken for the other, as a machine's it is nobody's.
    """
    others = User.objects.exclude(pk=but.pk) if but is not None and but.pk is not None else User.objects.all()
    return _known({address.lower() for address in addresses if address}, others)


def _known(wanted: Set[str], people: QuerySet[User]) -> dict[str, User]:
    people = people.order_by("-pk")
    ending = f"@{settings.NO_REPLY_DOMAIN.lower()}"
    names = {address.removesuffix(ending) for address in wanted if address.endswith(ending)}
    found: dict[str, User] = {}
    if names:
        for user in people.annotate(name=Lower("username")).filter(name__in=names):
            found[no_reply_address(user).lower()] = user
    known = people.annotate(address=Lower("email")).filter(address__in=wanted)
    return found | {user.email.lower(): user for user in known}


def holders(permission: str) -> QuerySet[User]:
    """Who holds `permission` ("app.codename") themselves or by a role, the deactivated included."""
    # None stands for both; the types that are told of Django know it not.
    return User.objects.with_perm(permission, is_active=None, backend=_BACKEND)  # type: ignore[arg-type]


def known_addresses(collection: Collection) -> frozenset[str]:
    """Every address (small letters) behind which `people_by_address` finds somebody."""
    active = User.objects.filter(is_active=True)
    known = {address.lower() for user in active for address in (user.email, no_reply_address(user)) if address}
    return frozenset(known) - collection.machine_addresses


def people_who_may(permission: str, collection: int | None) -> QuerySet[User]:
    """The active staff who hold `permission` ("app.codename") themselves or by a role, by name: one query.

    `collection` is the key of the one that they must be able to enter, None for any.
    """
    able = User.objects.with_perm(permission, backend=_BACKEND)
    return who_may_enter(able, collection).filter(is_staff=True).order_by("first_name", "last_name", "username")


def no_reply_address(person: User) -> str:
    """The address that stands in the commits of a person who has none, or keeps it to themselves."""
    return no_reply_at(person.get_username())


def no_reply_at(username: str) -> str:
    """The address of that kind that somebody with this user name has, whatever its letters' size."""
    return f"{username}@{settings.NO_REPLY_DOMAIN}"


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
