"""The posts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    """Posts, their collections, their review and their way to and from git."""

    name = "posts"
    verbose_name = _("posts")
    default_auto_field = "django.db.models.BigAutoField"
