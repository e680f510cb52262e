"""The vocabularies: one model each, all with the same shape."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from taggit.models import TagBase

from taxonomy.names import has_hidden_signs, normal
from taxonomy.slugs import slug_of
from taxonomy.words import searched_as

_LONGEST_KEY = 510


class Term(TagBase):
    """A term of one vocabulary; one that is an alias points at the term that it is another name for.

    Names and aliases share a table, so that the database itself holds a name to one meaning per vocabulary.
    """

    name = models.CharField(_("name"), max_length=255, unique=True)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    key = models.CharField(_("normal form"), max_length=_LONGEST_KEY, unique=True, editable=False)
    words = models.TextField(_("words to search by"), default="", editable=False)
    alias_of = models.ForeignKey(
        "self",
        verbose_name=_("alias of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="aliases",
    )
    is_new = models.BooleanField(
        _("new"), default=True, db_index=True, help_text=_("Found in a file and not looked at yet.")
    )
    created_at = models.DateTimeField(_("first seen"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering: ClassVar[list[Any]] = ["name"]

    def clean(self) -> None:
        """Hold a name to one meaning, in its normal form, and aliases to one level."""
        super().clean()
        key = normal(self.name)
        if not key:
            raise ValidationError({"name": _("A name needs at least one letter, digit or sign.")})
        if self.slug and not any(sign.isalnum() for sign in self.slug):
            raise ValidationError({"slug": _("A slug needs at least one letter or digit.")})
        if has_hidden_signs(self.name):
            raise ValidationError({"name": _("This name has a sign that nobody sees. Type it anew.")})
        if len(key) > _LONGEST_KEY:
            raise ValidationError({"name": _("This name is too long.")})
        others = type(self)._default_manager.exclude(pk=self.pk)
        same = others.filter(key=key).first()
        if same is not None:
            said = _("This is the same name as “%(name)s”: letter case, width and blanks make no difference.")
            raise ValidationError({"name": ValidationError(said, params={"name": same.name})})
        vocabulary = self._meta.model_name or ""
        moved = MovedName.objects.filter(vocabulary=vocabulary, key=key).first()
        if moved is not None:
            told = {"name": moved.name, "into": VOCABULARIES[moved.into]._meta.verbose_name_plural}
            said = _("“%(name)s” was moved to another vocabulary: %(into)s. Move it back from there.")
            raise ValidationError({"name": ValidationError(said, params=told)})
        if self.alias_of_id is None:
            return
        if self.alias_of_id == self.pk:
            raise ValidationError({"alias_of": _("A term cannot be another name for itself.")})
        if not others.filter(pk=self.alias_of_id, alias_of=None).exists():
            raise ValidationError({"alias_of": _("That is an alias itself. Choose the term that it stands for.")})
        if self.pk is not None and others.filter(alias_of=self.pk).exists():
            raise ValidationError({"alias_of": _("This term has aliases. Give them another term first.")})

    def slugify(self, tag: str, i: int | None = None) -> str:
        """A Latin slug, for taggit, which asks again with a number while it is taken."""
        slug = slug_of(tag) or "term"
        return slug if i is None else f"{slug}-{i}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the normal form and the words in step with the name."""
        self.key = normal(self.name)
        self.words = searched_as(self.name)
        super().save(*args, **kwargs)


class OrderedTerm(Term):
    """A term of a vocabulary that has an order of its own, beside that of the alphabet."""

    position = models.PositiveIntegerField(
        _("order"), null=True, blank=True, help_text=_("Lists follow it, the smallest first. Empty: after all others.")
    )

    class Meta(Term.Meta):
        abstract = True
        ordering: ClassVar[list[Any]] = [models.F("position").asc(nulls_last=True), "name"]


class Tag(Term):
    class Meta(Term.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class Organisation(Term):
    class Meta(Term.Meta):
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")


class Person(Term):
    class Meta(Term.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")


class Product(Term):
    class Meta(Term.Meta):
        verbose_name = _("product or model")
        verbose_name_plural = _("products and models")


class MediaWork(Term):
    class Meta(Term.Meta):
        verbose_name = _("media work or book")
        verbose_name_plural = _("media works and books")


class Project(Term):
    class Meta(Term.Meta):
        verbose_name = _("project")
        verbose_name_plural = _("projects")


class Series(OrderedTerm):
    class Meta(OrderedTerm.Meta):
        verbose_name = _("series")
        verbose_name_plural = _("series")


class Category(OrderedTerm):
    area = models.ForeignKey(
        "taxonomy.Area",
        verbose_name=_("area"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        limit_choices_to={"alias_of": None},
        related_name="categories",
        help_text=_("If it is part of one: a post of this category in another area is then pointed out."),
    )

    class Meta(OrderedTerm.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")


class Area(OrderedTerm):
    class Meta(OrderedTerm.Meta):
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def clean(self) -> None:
        """An alias has no categories: they are part of the area that it stands for."""
        super().clean()
        if (
            self.alias_of_id is not None
            and self.pk is not None
            and Category._default_manager.filter(area=self).exists()
        ):
            raise ValidationError({"alias_of": _("This area has categories. Merge it below, and they go with it.")})


class MovedName(models.Model):
    """A name of a term that was moved to another vocabulary: under its old key it counts for the term there."""

    vocabulary = models.CharField(max_length=20)
    key = models.CharField(max_length=_LONGEST_KEY)
    into = models.CharField(max_length=20)
    name = models.CharField(max_length=255)

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["vocabulary", "key"], name="moved_once")]

    def __str__(self) -> str:
        return f"{self.vocabulary}: {self.key} → {self.into}"


class KeptApart(models.Model):
    """Somebody's word that two terms of one vocabulary, however alike their names, are not the same."""

    vocabulary = models.CharField(max_length=20)
    one = models.BigIntegerField()
    other = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions: ClassVar = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["vocabulary", "one", "other"], name="kept_apart_once")]

    def __str__(self) -> str:
        return f"{self.vocabulary}: {self.one} ≠ {self.other}"


VOCABULARIES: dict[str, type[Term]] = {
    model._meta.model_name or "": model
    for model in (Tag, Organisation, Person, Product, MediaWork, Project, Series, Category, Area)
}
