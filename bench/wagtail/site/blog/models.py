"""A post as Wagtail would have it: a page with a Markdown body and tags."""

from typing import ClassVar

from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtailmarkdown.fields import MarkdownField


class PostTag(TaggedItemBase):
    """A tag on a page."""

    content_object = ParentalKey("PostPage", related_name="tagged_items", on_delete=models.CASCADE)


class PostPage(Page):
    """A page that holds a post."""

    body = MarkdownField()
    tags = ClusterTaggableManager(through=PostTag, blank=True)
    content_panels: ClassVar = [*Page.content_panels, FieldPanel("body"), FieldPanel("tags")]
    subpage_types: ClassVar = []
