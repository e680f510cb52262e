"""Which collections build one site: those that name the same address of it. One that names none stands for itself."""

from collections.abc import Iterable

from posts.models import Collection


def built_together(collection: Collection) -> list[Collection]:
    """The collections whose posts are pages of the site of `collection`, as it is set now; itself first."""
    site = _site_of(collection)
    others = Collection.objects.exclude(site_url="").exclude(pk=collection.pk) if site else []
    return [collection, *(each for each in others if _site_of(each) == site)]


def sites(*, of: Iterable[Collection] | None = None) -> list[list[Collection]]:
    """All collections, those of one site together; or only the sites that the collections `of` are part of."""
    found: dict[str | int, list[Collection]] = {}
    for collection in Collection.objects.order_by("pk"):
        found.setdefault(_site_of(collection) or collection.pk, []).append(collection)
    if of is None:
        return list(found.values())
    wanted = {each.pk for each in of}
    return [site for site in found.values() if any(each.pk in wanted for each in site)]


def _site_of(collection: Collection) -> str:
    return collection.site_url.rstrip("/")
