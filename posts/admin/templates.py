"""Templates for new posts, on the page of their collection."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminTextareaWidget

from posts.models import PostTemplate

_CHANGE = "posts.change_collection"


class TemplateInline(StackedInline):
    """What new posts of the collection may start from; whoever may change the collection may change these."""

    model = PostTemplate
    extra = 0
    tab = False
    formfield_overrides: ClassVar = {
        # The body may end with an empty line to write on.
        models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 16}), "strip": False},
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the collection."""
        return request.user.has_perm(_CHANGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the collection."""
        return request.user.has_perm(_CHANGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the collection: no post hangs on a template."""
        return request.user.has_perm(_CHANGE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the collection."""
        return request.user.has_perm("posts.view_collection")
