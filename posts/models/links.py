"""A post's lists of terms: taggit through-models that keep the file's order."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager, _TaggableManager
from taggit.models import ItemBase

from taxonomy.models import MediaWork, Organisation, Person, Product, Project, Tag


class InFileOrder(_TaggableManager):
    """Taggit's manager of one post's terms, in the order of the file."""

    def get_queryset(self, extra_filters: Any = None) -> Any:
        """The terms of this post (or of these posts), by their position."""
        return super().get_queryset(extra_filters).order_by("links__position")


class TermsField(TaggableManager):
    """A list of terms of one vocabulary; front matter never goes through taggit's tag-string parser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"blank": True, "manager": InFileOrder, "help_text": "", **kwargs})


class Link(ItemBase):
    """A term at a position of one post's list."""

    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True
        default_permissions: ClassVar = ()


def _post(link: str) -> models.ForeignKey:
    # The constraint begins with it, and is its index.
    return models.ForeignKey("posts.Post", on_delete=models.CASCADE, related_name=link, db_index=False)


def _term(vocabulary: type[models.Model], link: str) -> models.ForeignKey:
    return models.ForeignKey(vocabulary, on_delete=models.PROTECT, related_name=link)


def _once(name: str) -> list[models.UniqueConstraint]:
    return [models.UniqueConstraint(fields=["content_object", "tag"], name=name)]


class PostTag(Link):
    content_object = _post("tag_links")
    tag = _term(Tag, "links")

    class Meta(Link.Meta):
        verbose_name = _("tag of a post")
        constraints: ClassVar = _once("a_tag_once_per_post")


class PostProject(Link):
    content_object = _post("project_links")
    tag = _term(Project, "links")

    class Meta(Link.Meta):
        verbose_name = _("project of a post")
        constraints: ClassVar = _once("a_project_once_per_post")


class PostPerson(Link):
    content_object = _post("person_links")
    tag = _term(Person, "links")

    class Meta(Link.Meta):
        verbose_name = _("person of a post")
        constraints: ClassVar = _once("a_person_once_per_post")


class PostOrganisation(Link):
    content_object = _post("organisation_links")
    tag = _term(Organisation, "links")

    class Meta(Link.Meta):
        verbose_name = _("organisation of a post")
        constraints: ClassVar = _once("an_organisation_once_per_post")


class PostProduct(Link):
    content_object = _post("product_links")
    tag = _term(Product, "links")

    class Meta(Link.Meta):
        verbose_name = _("product of a post")
        constraints: ClassVar = _once("a_product_once_per_post")


class PostMediaWork(Link):
    content_object = _post("media_work_links")
    tag = _term(MediaWork, "links")

    class Meta(Link.Meta):
        verbose_name = _("media work of a post")
        constraints: ClassVar = _once("a_media_work_once_per_post")


LINKS: dict[str, type[Link]] = {
    "tags": PostTag,
    "project": PostProject,
    "people": PostPerson,
    "companies_orgs": PostOrganisation,
    "products_models": PostProduct,
    "media_books": PostMediaWork,
}
"""The through-model of each key that holds a list of terms."""
