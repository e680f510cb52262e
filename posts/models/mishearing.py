"""Words that the machine mishears, and what is meant by them: what found and replaced once is offered in new texts."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from posts.checks.hits import BODY, LONGEST, Exchange


class Mishearing(models.Model):
    """`by` is meant where a transcript says `find`: in the posts of one collection, or without one of all."""

    find = models.CharField(_("what is heard"), max_length=LONGEST)
    by = models.CharField(_("what is meant"), max_length=LONGEST, blank=True)
    collection = models.ForeignKey(
        "posts.Collection",
        verbose_name=_("collection"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mishearings",
        help_text=_("Empty: in all collections."),
    )
    in_title = models.BooleanField(_("in the title"), default=True)
    in_summary = models.BooleanField(_("in the summary"), default=True)
    in_body = models.BooleanField(_("in the text"), default=True)
    match_case = models.BooleanField(_("match case"), default=True)
    whole_words = models.BooleanField(_("whole words"), default=True)
    everywhere = models.BooleanField(_("also in links and code"), default=False)
    active = models.BooleanField(_("is looked for"), default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("saved by"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("known mishearing")
        verbose_name_plural = _("known mishearings")
        default_permissions: ClassVar = ()
        ordering: ClassVar = ["find", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["find", "collection"], name="one_meaning_in_a_collection"),
            models.UniqueConstraint(
                fields=["find"], condition=models.Q(collection=None), name="one_meaning_in_all_collections"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.find} → {self.by}"

    @property
    def exchange(self) -> Exchange:
        """What is looked for, and what comes in its place."""
        chosen = {"title": self.in_title, "summary": self.in_summary, BODY: self.in_body}
        parts = tuple(part for part, chosen_too in chosen.items() if chosen_too)
        return Exchange(self.find, self.by, parts, self.match_case, self.whole_words, self.everywhere)
