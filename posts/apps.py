"""The posts app."""

from django.apps import AppConfig


class PostsConfig(AppConfig):
    """Posts, their collections, their review and their way to and from git."""

    name = "posts"
    default_auto_field = "django.db.models.BigAutoField"
