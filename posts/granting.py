"""What roles may hold, and who may do more than any role allows: that is a superuser's to give and to change."""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet

from posts.roles import ROLES


def grantable_permissions() -> QuerySet[Permission]:
    """What a role may hold: everything that one of our roles does, and nothing of the machinery underneath."""
    wanted = Q(pk__in=[])
    for name in {name for names in ROLES.values() for name in names}:
        app, _dot, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(wanted).select_related("content_type")


def other_permissions() -> QuerySet[Permission]:
    """What no role may hold; it is a superuser's to give."""
    return Permission.objects.exclude(pk__in=grantable_permissions().values("pk"))


def beyond_roles(groups: QuerySet[Group]) -> QuerySet[Group]:
    """Those of `groups` that hold more than roles are made of: superusers make them, and superusers give them."""
    return groups.filter(permissions__in=other_permissions()).distinct()


def is_mightier_than_roles(person: User) -> bool:
    """Whether a person may do what no role allows: as a superuser, by a role beyond ours, or of their own."""
    return person.is_superuser or other_permissions().filter(Q(user=person) | Q(group__user=person)).exists()
